# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail for other servers: from the queue to their answer, and from that to what the sender is told.

Read `runner.py` first, which takes what is due; then `sending.py` (one batch), `link.py` (one conversation) and
`outcomes.py` (what becomes of it). docs/decisions/0007 says why it is so.
"""
