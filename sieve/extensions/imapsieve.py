# SPDX-License-Identifier: GPL-3.0-or-later
"""Scripts for what happens to mail that is there already (RFC 6785).

What happened is in the environment that such a script is given; what it may not require is known to `Script`.
"""

from __future__ import annotations

from sieve.registry import Extension

EXTENSIONS = [Extension("imapsieve")]
