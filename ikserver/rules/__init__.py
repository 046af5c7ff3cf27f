# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules of people: what they see in forms, kept as a Sieve script that anybody can read.

The script is where rules are kept, and nothing else is: rule.py has what a rule is, writing.py makes the script of
them, reading.py reads them back, also from a script that somebody has changed elsewhere, and rulebook.py is what the
command line uses.
"""
