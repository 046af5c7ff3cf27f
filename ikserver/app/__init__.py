# SPDX-License-Identifier: GPL-3.0-or-later
"""The composition root: the only package that knows settings, stores, conversations and listeners all together.

Start with server.py. stores.py opens the data directory, for the server and for every verb of the command line.
"""
