# SPDX-License-Identifier: GPL-3.0-or-later
"""`ikserver spam …`: the filter of each address, the lists of senders, and reports. verbs.py declares them."""
