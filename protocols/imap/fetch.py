# SPDX-License-Identifier: GPL-3.0-or-later
"""What FETCH may ask for (RFC 9051, 6.4.5; RFC 3501, 6.4.5; RFC 3516, 4.2; RFC 7162, 3.1.5)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Simple(Enum):
    """Items without arguments; the value is their name in the response."""

    ENVELOPE = "ENVELOPE"
    FLAGS = "FLAGS"
    INTERNALDATE = "INTERNALDATE"
    RFC822_SIZE = "RFC822.SIZE"
    RFC822 = "RFC822"
    RFC822_HEADER = "RFC822.HEADER"
    RFC822_TEXT = "RFC822.TEXT"
    BODY = "BODY"
    BODYSTRUCTURE = "BODYSTRUCTURE"
    UID = "UID"
    MODSEQ = "MODSEQ"


class SectionText(Enum):
    """What of a part; WHOLE is the bare section (`BODY[]`, `BODY[1.2]`)."""

    WHOLE = ""
    HEADER = "HEADER"
    HEADER_FIELDS = "HEADER.FIELDS"
    HEADER_FIELDS_NOT = "HEADER.FIELDS.NOT"
    TEXT = "TEXT"
    MIME = "MIME"


@dataclass(frozen=True, slots=True)
class Section:
    """`part` is "" or "1.2"; `fields` as the client spelled them, repeats kept."""

    part: str = ""
    text: SectionText = SectionText.WHOLE
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BodySection:
    """BODY[section]<start.length> and its PEEK form."""

    section: Section
    peek: bool = False
    partial: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Binary:
    """BINARY[part]<start.length> (RFC 9051, 6.4.5)."""

    part: str
    peek: bool = False
    partial: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class BinarySize:
    part: str


FetchItem = Simple | BodySection | Binary | BinarySize
