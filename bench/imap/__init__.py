# SPDX-License-Identifier: GPL-3.0-or-later
"""An IMAP load generator: `python -m bench.imap --help`. Read `__main__` first; each module holds one kind of load."""
