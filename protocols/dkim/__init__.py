# SPDX-License-Identifier: GPL-3.0-or-later
"""DKIM signatures and ARC chains, without DNS (RFC 6376, RFC 8617). Start with signature.py, then verification.py.

Whoever verifies parses the signatures first, asks DNS for the keys that they name, and then calls `verify` or
`validate`, which only compute.
"""
