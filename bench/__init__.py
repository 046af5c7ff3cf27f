# SPDX-License-Identifier: GPL-3.0-or-later
"""Side-by-side runs with peers: `bench/run imap|smtp`. Only ratios from one run on one machine mean anything.

`servers/` starts ours and the peers, `imap/` and `smtp/` are the load generators (each a program of its own that any
server can be given), `bars.py` holds what we promise, `table.py` prints it.
"""
