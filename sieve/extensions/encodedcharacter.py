# SPDX-License-Identifier: GPL-3.0-or-later
"""Characters by their numbers (RFC 5228, 2.4.2.4). The core reads strings, and asks whether this is required."""

from __future__ import annotations

from sieve.registry import Extension

EXTENSIONS = [Extension("encoded-character")]
