# SPDX-License-Identifier: GPL-3.0-or-later
"""Transports: sockets, TLS and the hints between processes. What is said on them belongs to imap, smtp and so on.

Read tcp.py first. A listener is a Twisted Service around asyncio's own server: its transports (uvloop's) are faster
than Twisted's (docs/decisions/0004).
"""
