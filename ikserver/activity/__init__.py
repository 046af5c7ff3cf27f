# SPDX-License-Identifier: GPL-3.0-or-later
"""The log of what became of each message. Events come from where things happen; here they are carried to the log, put
into words, listed, and purged. Start with `journal.py`."""
