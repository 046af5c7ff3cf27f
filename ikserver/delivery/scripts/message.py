# SPDX-License-Identifier: GPL-3.0-or-later
"""A large message as scripts see it that do not look into bodies: its beginning, and how long all of it is."""

from __future__ import annotations

from sieve import Message


class Beginning(Message):
    """`raw` are the first octets of `whole_size`; the whole header is among them."""

    __slots__ = ("_whole_size",)

    def __init__(self, raw: bytes, whole_size: int) -> None:
        super().__init__(raw)
        self._whole_size = whole_size

    @property
    def size(self) -> int:
        return self._whole_size + super().size - len(self.original)
