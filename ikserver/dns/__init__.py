# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions to DNS, as small typed look-ups. Read api.py first; resolver.py asks, cache.py remembers.

Names are absolute: a search list never makes one name out of another.
"""
