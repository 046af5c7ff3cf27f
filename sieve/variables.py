# SPDX-License-Identifier: GPL-3.0-or-later
"""What scripts remember (RFC 5229), alone or together with those that they include (RFC 6609, 3.4)."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import TYPE_CHECKING

from sieve.errors import SieveRuntimeError

if TYPE_CHECKING:
    from sieve.delivery import Delivery

_LONGEST_CHARACTER = 4
"""Octets, in UTF-8."""


class Variables(MutableMapping[str, str]):
    """Those of one script, by name in any case. What is set is cut to the room that there is (RFC 5229, 6).

    `common` holds those that the scripts of a run have in common; a name that a script declares means one of these.
    """

    __slots__ = ("_declared", "_delivery", "_own", "common")

    def __init__(self, delivery: Delivery, common: dict[str, str] | None = None) -> None:
        self.common = {} if common is None else common
        self._own: dict[str, str] = {}
        self._declared: set[str] = set()
        self._delivery = delivery

    def of_another(self) -> Variables:
        """For a script that is included: nothing but `common` is the same."""
        return Variables(self._delivery, self.common)

    def declare(self, name: str) -> None:
        """From now on the name means what the scripts have in common (RFC 6609, 3.4.1)."""
        self._declared.add(name.lower())

    def set_common(self, name: str, value: str) -> None:
        """As if it were declared."""
        self._set(self.common, name.lower(), value)

    def fitting(self, value: str) -> str:
        """So much of it as a variable holds, in whole characters."""
        size = self._delivery.settings.variables_max_size
        if len(value) * _LONGEST_CHARACTER <= size or (value.isascii() and len(value) <= size):
            return value
        octets = value.encode("utf-8", "surrogateescape")
        return value if len(octets) <= size else _whole(octets, size).decode("utf-8", "surrogateescape")

    def __getitem__(self, name: str) -> str:
        name = name.lower()
        return (self.common if name in self._declared else self._own)[name]

    def __setitem__(self, name: str, value: str) -> None:
        name = name.lower()
        self._set(self.common if name in self._declared else self._own, name, value)

    def __delitem__(self, name: str) -> None:
        name = name.lower()
        del (self.common if name in self._declared else self._own)[name]

    def __iter__(self) -> Iterator[str]:
        yield from self._own
        yield from (name for name in self.common if name in self._declared)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _set(self, values: dict[str, str], name: str, value: str) -> None:
        most = self._delivery.settings.variables_max_count
        if name not in values and len(values) >= most:
            raise SieveRuntimeError(f"more than {most} variables")
        values[name] = self.fitting(value)


def _whole(octets: bytes, size: int) -> bytes:
    """Cut where a character begins; octets that are no UTF-8 may go anywhere."""
    cut = size
    while cut > max(0, size - _LONGEST_CHARACTER) and octets[cut] & 0xC0 == 0x80:
        cut -= 1
    return octets[:cut]
