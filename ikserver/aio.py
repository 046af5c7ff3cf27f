# SPDX-License-Identifier: GPL-3.0-or-later
"""The one bridge between Twisted's Deferreds and our coroutines, which are asyncio's (docs/decisions/0002)."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from twisted.internet.defer import Deferred

T = TypeVar("T")


def to_deferred(coroutine: Coroutine[Any, Any, T]) -> Deferred[T]:
    """Start a coroutine on the running loop, for those who wait with a Deferred."""
    return Deferred.fromFuture(asyncio.get_running_loop().create_task(coroutine))
