# SPDX-License-Identifier: GPL-3.0-or-later
"""`ikserver rule …`: the rules of an address."""
