# SPDX-License-Identifier: GPL-3.0-or-later
"""A message that scripts look at and edit (RFC 5293). What was decoded once is kept, until an edit changes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sieve.header import Field, decoded, fields, split


class Message:
    """`original` is as it was received; `flags` those that imap4flags begins with (RFC 5232, 2)."""

    __slots__ = ("_body", "_decoded", "_edited", "_fields", "flags", "original")

    def __init__(self, raw: bytes, flags: Sequence[str] = ()) -> None:
        self.original = raw
        self.flags = tuple(flags)
        self._fields: list[Field] | None = None
        self._body = b""
        self._edited = False
        self._decoded: dict[str, list[str]] = {}

    @property
    def fields(self) -> Sequence[Field]:
        """The fields of the header, as they are now."""
        if self._fields is None:
            header, self._body = split(self.original)
            self._fields = fields(header)
        return self._fields

    def headers(self, name: str) -> list[str]:
        """The values of all fields of this name, in their order, unfolded and decoded."""
        name = name.lower()
        found = self._decoded.get(name)
        if found is None:
            found = [decoded(field.raw) for field in self.fields if field.name.lower() == name]
            self._decoded[name] = found
        return found

    @property
    def size(self) -> int:
        """Octets of the message as it was received (RFC 5293, 6: edits do not count)."""
        return len(self.original)

    def add_header(self, name: str, value: str, last: bool = False) -> None:
        """Put a field in front of all others, or behind them (RFC 5293, 4)."""
        field = Field(name, b" " + value.encode("utf-8", "surrogateescape"))
        edited = list(self.fields)
        edited.insert(len(edited) if last else 0, field)
        self._edit(edited)

    def delete_header(
        self, name: str, index: int | None = None, last: bool = False, match: Callable[[str], bool] | None = None
    ) -> int:
        """Remove fields of a name (RFC 5293, 5): all, or the one that `index` counts from 1, from the end if `last`.

        Of those, with `match`, only fields whose value it likes. Returns how many went.
        """
        name = name.lower()
        places = [place for place, field in enumerate(self.fields) if field.name.lower() == name]
        if index is not None:
            places = places[-index:][:1] if last and index <= len(places) else places[index - 1 : index] * (not last)
        gone = {place for place in places if match is None or match(decoded(self.fields[place].raw))}
        if gone:
            self._edit([field for place, field in enumerate(self.fields) if place not in gone])
        return len(gone)

    def bytes(self) -> bytes:
        """The message as it is now."""
        if not self._edited:
            return self.original
        return b"".join(field.line() for field in self.fields) + (self._body or b"\r\n")

    def copy(self) -> Message:
        """As it is now, whatever becomes of this one."""
        twin = Message(self.original, self.flags)
        twin._fields = self._fields
        twin._body, twin._edited = self._body, self._edited
        twin._decoded = self._decoded
        return twin

    def _edit(self, edited: list[Field]) -> None:
        """Never in place: copies share what they do not change."""
        self._fields, self._edited, self._decoded = edited, True, {}
