# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages: what people and other servers get over HTTP.

Start with exchange.py: a page is a coroutine from what was asked to an answer, and knows nothing of Twisted or Klein.
site.py is the one module that does. pages/ holds the pages, templates/ and static/ what they are made of.
"""
