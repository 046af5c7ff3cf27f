# SPDX-License-Identifier: GPL-3.0-or-later
"""From what FETCH asks for to items that can answer it, once a command."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import assert_never

from ikserver.imap.fetching.batch import Item
from ikserver.imap.fetching.binary import BinaryItem, BinarySizeItem
from ikserver.imap.fetching.columns import FlagsItem, InternalDateItem, ModSeqItem, SizeItem, UidItem
from ikserver.imap.fetching.facts import FactItem
from ikserver.imap.fetching.sections import ListedFieldsItem, OctetsItem, fields_item, section_name
from ikserver.model.mail import Fact
from protocols.imap.fetch import Binary, BinarySize, BodySection, FetchItem, Section, SectionText, Simple

_SIMPLE: dict[Simple, Item] = {
    Simple.UID: UidItem(),
    Simple.FLAGS: FlagsItem(),
    Simple.INTERNALDATE: InternalDateItem(),
    Simple.RFC822_SIZE: SizeItem(),
    Simple.MODSEQ: ModSeqItem(),
    Simple.ENVELOPE: FactItem(b"ENVELOPE", Fact.ENVELOPE),
    Simple.BODYSTRUCTURE: FactItem(b"BODYSTRUCTURE", Fact.STRUCTURE),
    Simple.BODY: FactItem(b"BODY", Fact.BODY),
    # RFC 3501, 6.4.5: older names of BODY[], BODY[HEADER] and BODY[TEXT].
    Simple.RFC822: OctetsItem(b"RFC822", Section()),
    Simple.RFC822_HEADER: OctetsItem(b"RFC822.HEADER", Section(text=SectionText.HEADER)),
    Simple.RFC822_TEXT: OctetsItem(b"RFC822.TEXT", Section(text=SectionText.TEXT)),
}
_COLUMNS = (UidItem, FlagsItem, InternalDateItem, SizeItem, ModSeqItem)
_FACTS = (*_COLUMNS, FactItem, ListedFieldsItem)
_FIELDS = (SectionText.HEADER_FIELDS, SectionText.HEADER_FIELDS_NOT)


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do for every message. `rows_at_once` is chosen so that a batch takes about a millisecond."""

    items: tuple[Item, ...]
    sets_seen: bool

    @property
    def reads_octets(self) -> bool:
        """The messages themselves are needed, not only what is kept beside them."""
        return not all(isinstance(item, _FACTS) for item in self.items)

    @property
    def rows_at_once(self) -> int:
        if all(isinstance(item, _COLUMNS) for item in self.items):
            return 2048
        return 64 if self.reads_octets else 256


def plan(wanted: Iterable[FetchItem]) -> Plan:
    """Each thing once, in the order in which it was first asked for."""
    distinct = tuple(dict.fromkeys(wanted))
    return Plan(tuple(map(_item, distinct)), any(map(_sets_seen, distinct)))


def _item(wanted: FetchItem) -> Item:
    match wanted:
        case Simple():
            return _SIMPLE[wanted]
        case BodySection(section) if section.text in _FIELDS:
            return fields_item(section_name(wanted), section, wanted.partial)
        case BodySection(section):
            return OctetsItem(section_name(wanted), section, wanted.partial)
        case Binary():
            return BinaryItem(wanted)
        case BinarySize():
            return BinarySizeItem(wanted)
        case unknown:
            assert_never(unknown)


def _sets_seen(wanted: FetchItem) -> bool:
    r"""RFC 9051, 6.4.5: what reads a message sets \Seen unless it peeks; RFC822.HEADER never does."""
    match wanted:
        case BodySection(peek=peek) | Binary(peek=peek):
            return not peek
        case _:
            return wanted in (Simple.RFC822, Simple.RFC822_TEXT)
