# SPDX-License-Identifier: GPL-3.0-or-later
"""Side-by-side runs with peers: `bench/run all`. Only ratios from one run on one machine mean anything.

`servers/` starts ours and the peers, `runs/` load them in turns, `imap/`, `smtp/` and `activity/` are the generators of
load (programs of their own that any server can be given), `bars.py` holds what we promise, `comparison.py` compares.
"""
