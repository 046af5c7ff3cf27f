# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts that were read lately stay in memory: clients ask for the same ones of the same messages again and again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ikserver.model.ids import AccountId, BodyId
from ikserver.model.mail import Fact
from ikserver.store.api.mail import Render

MAX_OCTETS = 32 << 20
"""In all accounts of this process."""
ENTRY_OCTETS = 160
"""What Python adds, at most, to the octets of one value: the object, its key and its place in a dictionary."""
KIND_OCTETS = 16 << 10
"""What a kind has without any value, its function included."""


class Kind(NamedTuple):
    """Values of one kind lie, and go, together."""

    account: AccountId
    fact: Fact
    render: Render | None


@dataclass(slots=True)
class _Shelf:
    values: dict[BodyId, bytes] = field(default_factory=dict)
    octets: int = KIND_OCTETS


class FactCache:
    """Within MAX_OCTETS: the kind that was used least recently goes first. A fact never changes, so none is ever wrong;
    those of erased messages are forgotten with all others of their account. Only for the thread of the loop."""

    def __init__(self) -> None:
        self._shelves: OrderedDict[Kind, _Shelf] = OrderedDict()
        self.octets = 0

    def values(self, kind: Kind) -> Mapping[BodyId, bytes]:
        """What is there, by body."""
        shelf = self._shelves.get(kind)
        if shelf is None:
            return {}
        self._shelves.move_to_end(kind)
        return shelf.values

    def add(self, kind: Kind, found: Mapping[BodyId, bytes]) -> None:
        """Keep values that were not there. Where one kind alone is too much it begins anew."""
        shelf = self._shelves.get(kind) or self._empty(kind)
        self._shelves.move_to_end(kind)
        octets = sum(map(len, found.values())) + ENTRY_OCTETS * len(found)
        shelf.values.update(found)
        shelf.octets += octets
        self.octets += octets
        while self.octets > MAX_OCTETS:
            self._drop(next(iter(self._shelves)))

    def forget(self, account: AccountId) -> None:
        """Some or all of its messages were erased."""
        for kind in [kind for kind in self._shelves if kind.account == account]:
            self._drop(kind)

    def _empty(self, kind: Kind) -> _Shelf:
        shelf = self._shelves[kind] = _Shelf()
        self.octets += shelf.octets
        return shelf

    def _drop(self, kind: Kind) -> None:
        self.octets -= self._shelves.pop(kind).octets
