# SPDX-License-Identifier: GPL-3.0-or-later
"""The words by which the classifier knows messages: of text, subject, senders, links, and the header's shape.

They are the same when a message arrives and when it is learned later: what we write into it ourselves is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from itertools import chain, islice
from zlib import crc32

from protocols.message import Part, Scan, UnknownEncoding, decode, unpack_parts

MAX_TEXT = 16_384
"""Characters of text that are looked at: spam says what it wants at the beginning."""
MAX_LINKED, MAX_PARTS = 32_768, 4
"""Octets of a part in which links are looked for, and of how many parts."""
MAX_WORDS = 400
MAX_LINKS = 30
MAX_TOKENS = 1_500

_WORD = re.compile(r"([^\W_][\w'$€£%!-]{1,22}[\w$€£%!])")
"""In a group, so that splitting a text there gives the words, and no more of them than are wanted."""
_ASCII_WORD = re.compile(r"([a-z0-9][a-z0-9_'$%!-]{1,22}[a-z0-9_$%!])")
"""The same in ASCII and lower case, in two thirds of the time."""
_WIDE_ONE = r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
_WIDE = re.compile(f"{_WIDE_ONE}{_WIDE_ONE}+")
"""Where nothing is wide, this is found out in half the time that `{2,}` needs."""
_LINK = re.compile(rb"://(?:(?<=http://)|(?<=https://))([^\s/\"'<>?#:@=]{3,120})", re.IGNORECASE)
"""What has no case stands first: it is looked for ten times as quickly."""
_RESULT = re.compile(r"\b(spf|dkim|dmarc|arc|iprev)=([a-z]+)")
_DOMAIN = re.compile(r"@([\w.-]+)")
_SENDERS = frozenset({"from", "reply-to", "sender", "return-path"})
_WORDED = frozenset({"subject"})
_SAID = frozenset({"x-mailer", "user-agent", "list-id", "content-type", "mime-version", "precedence", "importance"})
_OURS = ("x-spam-", "received", "delivered-to", "date", "message-id", "dkim-signature", "arc-", "x-orig-")


def tokens(octets: bytes, scan: Scan) -> Set[str]:
    """Of a message whose beginning is `octets`. None has a line end in it."""
    text = scan.search.body[:MAX_TEXT]
    found = dict.fromkeys(chain(_header(scan.search.headers), _links(octets, scan), _words(text))).keys()
    return found if len(found) <= MAX_TOKENS else dict.fromkeys(islice(found, MAX_TOKENS)).keys()


def numbers(tokens: Iterable[str]) -> Iterator[int]:
    """By which tokens are counted, in their order: what is kept tells nobody what was written."""
    joined = "\n".join(tokens).encode("utf-8", "replace")
    return map(crc32, joined.split(b"\n") if joined else ())


def _words(text: str) -> list[str]:
    if text.isascii():
        return _ASCII_WORD.split(text, MAX_WORDS)[1::2]
    return _WORD.split(text, MAX_WORDS)[1::2] + _pairs(text)


def _pairs(text: str) -> list[str]:
    """Scripts without spaces: pairs of characters do for words."""
    runs = _WIDE.findall(text)
    return [run[at : at + 2] for run in runs for at in range(min(len(run) - 1, MAX_WORDS))]


def _links(octets: bytes, scan: Scan) -> Iterator[str]:
    texts = (part for part in unpack_parts(scan.parts) if part.kind.startswith("text/"))
    contents = [_content(octets, part) for part in islice(texts, MAX_PARTS)]
    hosts = {found.lower() for content in contents for found in _LINK.findall(content)}
    for host in sorted(hosts)[:MAX_LINKS]:
        yield f"link:{host.decode('ascii', 'replace')}"


def _content(octets: bytes, part: Part) -> bytes:
    encoded = octets[part.body : min(part.end, part.body + MAX_LINKED)]
    try:
        return decode(encoded, part.encoding)
    except UnknownEncoding:
        return encoded


def _header(lines: str) -> Iterator[str]:
    for line in lines.split("\n"):
        name, _, value = line.partition(": ")
        if name.startswith(_OURS):
            continue
        yield f"has:{name}"
        yield from _field(name, value)


def _field(name: str, value: str) -> Iterable[str]:
    if name in _WORDED:
        return [f"{name}:{word}" for word in _words(value)]
    if name in _SENDERS:
        return [f"{name}@{domain}" for domain in _DOMAIN.findall(value)] + [f"{name}:{word}" for word in _words(value)]
    if name == "authentication-results":
        return [f"{method}={result}" for method, result in _RESULT.findall(value)]
    return [f"{name}={value[:60]}"] if name in _SAID else []
