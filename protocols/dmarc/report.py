# SPDX-License-Identifier: GPL-3.0-or-later
"""Aggregate reports: what other servers saw of mail that bears a domain of ours (RFC 7489, 7.2 and C)."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from io import BytesIO
from xml.parsers import expat

from protocols.dmarc.record import Policy

MAX_XML = 50_000_000
"""Octets of an unpacked report; the largest senders stay below a tenth of it."""
MAX_ROWS = 200_000
MAX_TEXT = 1_000
_TYPES = {"application/gzip", "application/x-gzip", "application/zip", "application/x-zip-compressed"} | {
    "application/octet-stream",
    "application/xml",
    "text/xml",
}


class BadReport(Exception):
    """It is not a report that can be read."""


@dataclass(frozen=True, slots=True)
class Row:
    """`count` messages that came from one address and fared alike. `passed`: SPF or DKIM passed and was aligned."""

    source: str
    count: int
    passed: bool
    disposition: Policy
    author: str


@dataclass(frozen=True, slots=True)
class Report:
    """What `organisation` saw of `domain` between `begin` and `end`, in seconds since the epoch."""

    organisation: str
    id: str
    domain: str
    begin: int
    end: int
    rows: tuple[Row, ...]


def reports_in(message: bytes) -> Iterator[Report]:
    """The reports that a mail brings as attachments; those that cannot be read are passed over."""
    for part in message_from_bytes(message).walk():
        if part.get_content_type() in _TYPES and isinstance(data := part.get_payload(decode=True), bytes):
            try:
                yield parse_report(unpacked(data))
            except BadReport:
                continue


def unpacked(data: bytes) -> bytes:
    """The XML of a report that comes bare, by gzip or in a zip archive (RFC 7489, 7.2.1.1). Raises BadReport."""
    try:
        if data.startswith(b"\x1f\x8b"):
            # 16 + 15: gzip with the largest window.
            return _bounded(zlib.decompressobj(31).decompress(data, MAX_XML + 1))
        if data.startswith(b"PK"):
            with zipfile.ZipFile(BytesIO(data)) as archive, archive.open(archive.namelist()[0]) as file:
                return _bounded(file.read(MAX_XML + 1))
    except (zlib.error, zipfile.BadZipFile, EOFError, IndexError, NotImplementedError, RuntimeError) as error:
        raise BadReport("cannot be unpacked") from error
    return _bounded(data)


def parse_report(xml: bytes) -> Report:
    """Raises BadReport."""
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler = reader.text
    # No report needs a DTD, and entities are how XML is made to explode.
    parser.StartDoctypeDeclHandler = reader.doctype
    try:
        parser.Parse(xml, True)
        return reader.report()
    except (expat.ExpatError, KeyError, ValueError) as error:
        raise BadReport("not a report") from error


def _bounded(xml: bytes) -> bytes:
    if len(xml) > MAX_XML:
        raise BadReport("too large")
    return xml


class _Reader:
    """Texts by path, without the root; those of a record become a row at its end."""

    def __init__(self) -> None:
        self._path: list[str] = []
        self._text = ""
        self._found: dict[str, str] = {}
        self._rows: list[Row] = []

    def start(self, name: str, _: object) -> None:
        self._path.append(name)
        self._text = ""

    def text(self, data: str) -> None:
        self._text = (self._text + data)[:MAX_TEXT]

    def end(self, name: str) -> None:
        self._found.setdefault("/".join(self._path[1:]), self._text.strip())
        self._path.pop()
        self._text = ""
        if name == "record":
            self._rows.append(self._row())
            self._found = {path: text for path, text in self._found.items() if not path.startswith("record")}
            if len(self._rows) > MAX_ROWS:
                raise BadReport("too many rows")

    def doctype(self, *_: object) -> None:
        raise BadReport("has a DTD")

    def report(self) -> Report:
        """Raises KeyError, ValueError."""
        found = self._found
        return Report(
            organisation=found["report_metadata/org_name"],
            id=found["report_metadata/report_id"],
            domain=found["policy_published/domain"].lower(),
            begin=int(found["report_metadata/date_range/begin"]),
            end=int(found["report_metadata/date_range/end"]),
            rows=tuple(self._rows),
        )

    def _row(self) -> Row:
        found = self._found
        evaluated = "record/row/policy_evaluated"
        return Row(
            source=found["record/row/source_ip"],
            count=int(found["record/row/count"]),
            passed="pass" in (found.get(f"{evaluated}/dkim"), found.get(f"{evaluated}/spf")),
            disposition=Policy(found.get(f"{evaluated}/disposition", "none").lower()),
            author=found.get("record/identifiers/header_from", "").lower(),
        )
