# SPDX-License-Identifier: GPL-3.0-or-later
"""Responses as octets of the wire, each with its line end (RFC 9051, 7)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from time import gmtime

from protocols.imap.mailbox_names import DELIMITER
from protocols.imap.numbers import render
from protocols.imap.parse.dates import MONTHS
from protocols.imap.strings import mailbox_name, nstring, quoted, string

_NO_TEXT = re.compile(r"[^ -~]+")


def status_line(status: str, text: str, *, tag: str = "*", code: str | None = None) -> bytes:
    """OK, NO, BAD, BYE or PREAUTH, tagged or not (RFC 9051, 7.1)."""
    return f"{tag} {status} {resp_text(text, code)}\r\n".encode("ascii")


def continuation(text: str = "ready") -> bytes:
    """RFC 9051, 7.6."""
    return f"+ {resp_text(text)}\r\n".encode("ascii")


def challenge(base64: bytes) -> bytes:
    """A server's step of AUTHENTICATE, already in base64 (RFC 9051, 6.2.2)."""
    return b"+ %b\r\n" % base64


def resp_text(text: str, code: str | None = None) -> str:
    """RFC 9051, 9: resp-text. What is not printable ASCII becomes "?", so that no text can end its line."""
    plain = _NO_TEXT.sub("?", text)
    if code is not None:
        return f"[{_NO_TEXT.sub('?', code)}] {plain}"
    return plain.lstrip("[") or "-"


def capability(names: Iterable[str]) -> bytes:
    """RFC 9051, 7.2.2."""
    return f"* CAPABILITY {' '.join(names)}\r\n".encode("ascii")


def enabled(names: Iterable[str]) -> bytes:
    """RFC 9051, 7.2.1; without names when nothing was newly enabled."""
    return f"* {' '.join(('ENABLED', *names))}\r\n".encode("ascii")


def exists(count: int) -> bytes:
    """RFC 9051, 7.4.1."""
    return b"* %d EXISTS\r\n" % count


def recent(count: int) -> bytes:
    """RFC 3501, 7.3.2."""
    return b"* %d RECENT\r\n" % count


def expunge(number: int) -> bytes:
    """RFC 9051, 7.5.1."""
    return b"* %d EXPUNGE\r\n" % number


def vanished(uids: Sequence[int], *, earlier: bool = False) -> bytes:
    """RFC 7162, 3.2.10; `uids` ascending, at least one."""
    return f"* VANISHED {'(EARLIER) ' if earlier else ''}{render(uids)}\r\n".encode("ascii")


def flags(names: Iterable[str]) -> bytes:
    """RFC 9051, 7.3.5."""
    return f"* FLAGS ({' '.join(names)})\r\n".encode("ascii")


def fetch(number: int, items: Iterable[bytes]) -> bytes:
    """RFC 9051, 7.5.2; each item is `NAME value` as octets."""
    return b"* %d FETCH (%b)\r\n" % (number, b" ".join(items))


def list_line(
    name: str,
    attributes: Iterable[str],
    *,
    utf8: bool,
    old_name: str | None = None,
    child_info: Sequence[str] = (),
    verb: bytes = b"LIST",
) -> bytes:
    """RFC 9051, 7.3.1. `child_info` holds selection options (RFC 5258, 3.5); `old_name`: see RFC 9051, 6.3.9.7."""
    extended = []
    if child_info:
        extended.append(b'"CHILDINFO" (%b)' % b" ".join(quoted(option.encode("ascii")) for option in child_info))
    if old_name is not None:
        extended.append(b'"OLDNAME" (%b)' % mailbox_name(old_name, utf8=utf8))
    return b'* %b (%b) "%b" %b%b\r\n' % (
        verb,
        " ".join(attributes).encode("ascii"),
        DELIMITER.encode("ascii"),
        mailbox_name(name, utf8=utf8),
        b" (%b)" % b" ".join(extended) if extended else b"",
    )


def lsub_line(name: str, attributes: Iterable[str], *, utf8: bool) -> bytes:
    """RFC 3501, 7.2.3."""
    return list_line(name, attributes, utf8=utf8, verb=b"LSUB")


def list_delimiter() -> bytes:
    """The answer to LIST with an empty pattern (RFC 9051, 6.3.9)."""
    return b'* LIST (\\Noselect) "%b" ""\r\n' % DELIMITER.encode("ascii")


def namespace() -> bytes:
    """RFC 9051, 7.3.2: one personal namespace without a prefix."""
    return b'* NAMESPACE (("" "%b")) NIL NIL\r\n' % DELIMITER.encode("ascii")


def status(name: str, items: Mapping[str, int | None], *, utf8: bool) -> bytes:
    """RFC 9051, 7.3.3; None is NIL, as an APPENDLIMIT without a limit (RFC 7889, 3.1)."""
    values = " ".join(f"{item} {'NIL' if value is None else value}" for item, value in items.items())
    return b"* STATUS %b (%b)\r\n" % (mailbox_name(name, utf8=utf8), values.encode("ascii"))


def search(numbers: Sequence[int], modseq: int | None = None) -> bytes:
    """RFC 3501, 7.2.5; the highest mod-sequence at the end by RFC 7162, 3.1.5."""
    # To write a whole list and to take the commas out is the fastest way there is.
    listed = f" {str(list(numbers))[1:-1].replace(',', '')}" if numbers else ""
    last = "" if modseq is None else f" (MODSEQ {modseq})"
    return f"* SEARCH{listed}{last}\r\n".encode("ascii")


def esearch(tag: str, results: Mapping[str, int | str], *, uid: bool = False) -> bytes:
    """RFC 9051, 7.3.4: `results` such as MIN, COUNT or MODSEQ to their numbers and ALL to a rendered set."""
    words = [f'* ESEARCH (TAG "{tag}")', *(["UID"] if uid else [])]
    words += (f"{name} {value}" for name, value in results.items())
    return " ".join(words).encode("ascii") + b"\r\n"


def server_id(fields: Mapping[str, str | None]) -> bytes:
    """RFC 2971, 3.2; NIL when there is nothing to tell."""
    if not fields:
        return b"* ID NIL\r\n"
    pairs = (
        quoted(name.encode("ascii")) + b" " + nstring(None if value is None else value.encode("utf-8"))
        for name, value in fields.items()
    )
    return b"* ID (%b)\r\n" % b" ".join(pairs)


def quota(root: str, resources: Iterable[tuple[str, int, int]]) -> bytes:
    """RFC 9208, 4.2.1: name, usage and limit of each resource; STORAGE counts in units of 1,024 octets."""
    listed = " ".join(f"{name} {usage} {limit}" for name, usage, limit in resources)
    return b"* QUOTA %b (%b)\r\n" % (string(root.encode("utf-8")), listed.encode("ascii"))


def quota_root(name: str, roots: Iterable[str], *, utf8: bool) -> bytes:
    """RFC 9208, 4.2.2."""
    words = [mailbox_name(name, utf8=utf8), *(string(root.encode("utf-8")) for root in roots)]
    return b"* QUOTAROOT %b\r\n" % b" ".join(words)


def date_time(seconds: int, zone: int = 0) -> bytes:
    """An instant, in seconds since the epoch, as told at `zone` minutes from UTC (RFC 9051, 9: date-time)."""
    day, rest = divmod(seconds + zone * 60, 86_400)
    return b'"%b %02d:%02d:%02d %b"' % (_date(day), rest // 3600, rest // 60 % 60, rest % 60, _zone(zone))


@lru_cache(maxsize=4096)
def _date(day: int) -> bytes:
    year, month, number = gmtime(day * 86_400)[:3]
    return b"%2d-%b-%04d" % (number, MONTHS[month - 1].encode(), year)


@lru_cache(maxsize=128)
def _zone(minutes: int) -> bytes:
    hours, rest = divmod(abs(minutes), 60)
    return b"%b%02d%02d" % (b"-" if minutes < 0 else b"+", hours, rest)
