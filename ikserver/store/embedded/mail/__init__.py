# SPDX-License-Identifier: GPL-3.0-or-later
"""The mail of an account in one SQLite database and a folder of large bodies.

Read schema.py first, then columns.py (how messages lie in memory and on disk), filing.py (how they come and go),
live.py (how an open mailbox follows the database) and account.py (the verbs).
"""
