# SPDX-License-Identifier: GPL-3.0-or-later
"""What the rest of ikserver asks of a store, as small Protocols. Read mail.py first.

Verbs are coarse, one for what a user does; no transaction and no row leaves the store. What returns is durable.
"""
