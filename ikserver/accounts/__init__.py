# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may sign in, and where mail for an address goes. Read api.py first, then router.py and authenticator.py.

The directory (ikserver/store/api/directory.py) is what is durable; everything here that remembers something can
forget it at any time. `lifecycle`, `devices` and `redirection` are what administrators do, each a plain function.
"""
