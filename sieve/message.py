# SPDX-License-Identifier: GPL-3.0-or-later
"""A message that scripts look at and edit (RFC 5293, RFC 5703). What was decoded once is kept until it changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from sieve.composing import Entity, multipart, unstructured
from sieve.header import Field, Header, decoded, fields, header_end
from sieve.mime import Part, parse

_VERSION = "MIME-Version: 1.0"
_DESCRIBING = ("content-", "mime-version")
"""How fields begin that are about the body, and go with it."""


class Message:
    """`original` is as it was received; `flags` those that imap4flags begins with (RFC 5232, 2).

    Edits of the header do not change how the body is read (RFC 5293, 7).
    """

    __slots__ = ("_edited", "_header", "_root", "_source", "_unenclosed", "flags", "original")

    def __init__(self, raw: bytes, flags: Sequence[str] = ()) -> None:
        self.original = raw
        self.flags = tuple(flags)
        self._unenclosed: Message | None = None
        self._rewrite(raw)

    def _rewrite(self, source: bytes) -> None:
        self._source = source
        self._header: Header | None = None
        self._edited = False
        self._root: Part | None = None

    @property
    def header(self) -> Header:
        """As it is now."""
        if self._header is None:
            self._header = Header(fields(self._source[: self._header_end()]))
        return self._header

    @property
    def fields(self) -> Sequence[Field]:
        """The fields of the header, as they are now."""
        return self.header.fields

    def headers(self, name: str) -> list[str]:
        """The values of all fields of this name, in their order, unfolded and decoded."""
        return list(self.header.values(name))

    @property
    def root(self) -> Part:
        """The message as a part. Its own header is as it was before edits."""
        if self._root is None:
            self._root = parse(self._source)
        return self._root

    @property
    def parts(self) -> tuple[Part, ...]:
        """The message and all parts in it, depth first."""
        return self.root.every

    @property
    def size(self) -> int:
        """Octets of the message as it is now."""
        return len(self.bytes()) if self._edited else len(self._source)

    def header_of(self, part: Part) -> Header:
        """The header of a part; that of the whole message as it is now."""
        return part.header if part.path else self.header

    def add_header(self, name: str, value: str, last: bool = False) -> None:
        """Put a field in front of all others, or behind them (RFC 5293, 4), encoded and folded where it must be."""
        field = Field.of(unstructured(name, value))
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
            at = len(places) - index if last else index - 1
            places = places[at : at + 1] if at >= 0 else []
        loose = [place for place in places if not self.fields[place].fixed]
        gone = {place for place in loose if match is None or match(decoded(self.fields[place].raw))}
        if gone:
            self._edit([field for place, field in enumerate(self.fields) if place not in gone])
        return len(gone)

    def replace(self, part: Part, entity: Entity) -> None:
        """Another content for a part (RFC 5703, 5). A message keeps those of its fields that are not about its content.

        Raises ValueError where the content would end a multipart around it.
        """
        around = self.root.towards(part.path)[:-1]
        octets = entity.octets()
        if any(parent.kind.is_multipart and parent.kind.delimiter in octets for parent in around):
            raise ValueError("it holds a delimiter of the parts around it")
        header = [*_kept(self.header_of(part)), *_described(entity)]
        if not around or around[-1].kind.is_message:
            octets = _written(header, entity.body)
        if part.path:
            self._source = self._source[: part.start] + octets + self._source[part.end :]
            self._root = None
        else:
            self._rewrite(octets)
            self._edit(header)

    def supersede(self, line: str) -> None:
        """Put a field in the place of those of its name, which stay as `Original-…` and for good (RFC 5703, 5)."""
        new = Field.of(line)
        name = new.name.lower()
        former = [
            Field(f"Original-{old.name}", old.raw, fixed=True) if old.name.lower() == name else old
            for old in self.fields
        ]
        self._edit([new, *former])

    def enclosed(self, header: Iterable[Field], text: Entity) -> Message:
        """A new message with a text and, behind it, this one as it is now (RFC 5703, 6)."""
        entity = multipart("mixed", [text, Entity(["Content-Type: message/rfc822"], self.bytes())])
        around = self.copy()
        around._rewrite(_written([*header, *_described(entity)], entity.body))
        around._unenclosed = self.unenclosed.copy()
        return around

    @property
    def unenclosed(self) -> Message:
        """What is redirected: the message without those that were put around it (RFC 5703, 6)."""
        return self._unenclosed or self

    def bytes(self) -> bytes:
        """The message as it is now."""
        if not self._edited:
            return self._source
        return _lines(self.fields) + (self._source[self._header_end() :] or b"\r\n")

    def copy(self) -> Message:
        """As it is now, whatever becomes of this one."""
        twin = Message(self.original, self.flags)
        for name in ("_edited", "_header", "_root", "_source", "_unenclosed"):
            setattr(twin, name, getattr(self, name))
        return twin

    def _header_end(self) -> int:
        return header_end(self._source, 0, len(self._source))

    def _edit(self, edited: list[Field]) -> None:
        """Never in place: copies share what they do not change."""
        self._header, self._edited = Header(edited), True


def _kept(header: Header) -> list[Field]:
    return [field for field in header.fields if not field.name.lower().startswith(_DESCRIBING)]


def _described(entity: Entity) -> list[Field]:
    return [Field.of(line) for line in (_VERSION, *entity.fields)]


def _written(header: Iterable[Field], body: bytes) -> bytes:
    return _lines(header) + b"\r\n" + body


def _lines(fields: Iterable[Field]) -> bytes:
    return b"".join([field.line() for field in fields])
