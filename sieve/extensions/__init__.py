# SPDX-License-Identifier: GPL-3.0-or-later
"""Every extension that comes with the engine, each in a module of its own."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

from sieve.registry import Extension


def every() -> Iterator[Extension]:
    """Each module tells what it has in EXTENSIONS."""
    for module in iter_modules(__path__):
        yield from import_module(f"{__name__}.{module.name}").EXTENSIONS
