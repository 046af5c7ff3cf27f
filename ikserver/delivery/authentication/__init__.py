# SPDX-License-Identifier: GPL-3.0-or-later
"""Who really sent a message that came from a stranger: SPF, DKIM, ARC, DMARC, iprev and lists of addresses.

Read examination.py first: it asks all methods at once and makes one `model.authentication.Authenticated` of their
results. docs/decisions/0008-authentication.md says why it is built so.
"""
