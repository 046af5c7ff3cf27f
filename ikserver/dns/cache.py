# SPDX-License-Identifier: GPL-3.0-or-later
"""What DNS said, for as long as it may be believed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, NamedTuple, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(NamedTuple, Generic[V]):
    value: V
    seconds: float
    """How much longer it holds."""


class Cache(Generic[K, V]):
    """At most `size` values; the one that was not asked for the longest goes first. `clock` in seconds, never back."""

    def __init__(self, size: int, clock: Callable[[], float]) -> None:
        self._size = size
        self._clock = clock
        self._kept: OrderedDict[K, tuple[V, float]] = OrderedDict()

    def get(self, key: K) -> Kept[V] | None:
        """None when there is nothing or its time is over."""
        found = self._kept.get(key)
        if found is None:
            return None
        value, until = found
        if (seconds := until - self._clock()) <= 0:
            del self._kept[key]
            return None
        self._kept.move_to_end(key)
        return Kept(value, seconds)

    def put(self, key: K, value: V, seconds: float) -> None:
        if seconds <= 0:
            return
        self._kept[key] = (value, self._clock() + seconds)
        self._kept.move_to_end(key)
        if len(self._kept) > self._size:
            self._kept.popitem(last=False)
