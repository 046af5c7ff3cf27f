# SPDX-License-Identifier: GPL-3.0-or-later
"""The grammar of commands, a module for each state of RFC 9051, 9 and each large verb. Begin with `verbs.py`."""
