# SPDX-License-Identifier: GPL-3.0-or-later
"""`ikserver sieve …`: scripts of addresses and organisations are stored, chosen, checked and tried."""
