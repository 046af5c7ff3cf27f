# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail in from maildirs and mbox files, and out to a maildir. Read importing.py and exporting.py first.

Both stream, show their progress, and go on where they were interrupted.
"""
