# SPDX-License-Identifier: GPL-3.0-or-later
"""Regular expressions as POSIX extends them, searched for in a time that grows with the text and never beyond.

Python's own engine tries one way after the other, and a pattern such as `(a*)*b` can keep it busy for ever. Here all
ways are followed at once. `syntax` reads a pattern, `program` is what it becomes, `search` looks for it in texts.
"""

from __future__ import annotations
