# SPDX-License-Identifier: GPL-3.0-or-later
"""What a client says and hears: answers of a server, what its EHLO offers, and the commands that use it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

_ENHANCED = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?: +|$)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_CODE = re.compile(r"([2-5]\d\d)(?:([ -])(.*))?", re.DOTALL)

MAX_WORDS = 1_000
"""Characters of a reply that are kept and told: enough for any reason, and too few to fill a disk."""


class BadAnswer(Exception):
    """What came is not a reply of SMTP."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole reply: its code, its enhanced code ("" without one) and the text of its lines, without either."""

    code: int
    enhanced: str
    lines: tuple[str, ...]

    @property
    def status(self) -> str:
        """The enhanced code, or the general one of the reply's class (RFC 3463, 2) when it has none that fits."""
        first = str(self.code)[0]
        return self.enhanced if self.enhanced.startswith(first) else f"{first}.0.0"

    @property
    def positive(self) -> bool:
        return self.code < 300

    def __str__(self) -> str:
        words = f"{self.code} {self.enhanced} {' '.join(self.lines)}".replace("  ", " ").rstrip()
        return words if len(words) <= MAX_WORDS else f"{words[:MAX_WORDS]}…"


def is_last(line: bytes) -> bool:
    """Whether a line of a reply is the last one: the octet behind the code is no hyphen (RFC 5321, 4.2.1)."""
    return line[3:4] != b"-"


def parse_answer(lines: Sequence[bytes]) -> Answer:
    """A reply from its lines. Raises BadAnswer."""
    codes, texts = [], []
    enhanced = ""
    for line in lines:
        found = _CODE.fullmatch(line.decode("utf-8", "replace").rstrip("\r\n"))
        if found is None:
            raise BadAnswer(f"not a reply: {line[:80]!r}")
        text = found[3] or ""
        if code := _ENHANCED.match(text):
            enhanced, text = enhanced or code[1], text[code.end() :]
        codes.append(int(found[1]))
        # These words are shown to people, on terminals too.
        texts.append(_CONTROL.sub("?", text.strip()))
    if len(set(codes)) != 1:
        raise BadAnswer(f"a reply with several codes: {codes}")
    return Answer(codes[0], enhanced, tuple(texts))


@dataclass(frozen=True, slots=True)
class Extensions:
    """What the server offers: keywords in upper case with their values (RFC 5321, 4.1.1.1)."""

    values: dict[str, str]

    def __contains__(self, keyword: str) -> bool:
        return keyword in self.values

    @property
    def max_size(self) -> int:
        """RFC 1870, 3: 0 is no fixed limit."""
        value = self.values.get("SIZE", "")
        return int(value) if value.isdecimal() else 0

    @property
    def mechanisms(self) -> frozenset[str]:
        return frozenset(self.values.get("AUTH", "").upper().split())


NO_EXTENSIONS = Extensions({})


def extensions(answer: Answer) -> Extensions:
    """Of the reply to EHLO; its first line is a greeting."""
    pairs = (line.partition(" ") for line in answer.lines[1:])
    return Extensions({keyword.upper(): value.strip() for keyword, _, value in pairs})


@dataclass(frozen=True, slots=True)
class MailFrom:
    """The parameters of MAIL that a message would like to have."""

    sender: str
    size: int
    eight_bit: bool
    smtputf8: bool
    ret: str
    envid: str
    require_tls: bool = False

    def command(self, offered: Extensions) -> bytes:
        """With the parameters that the server understands. REQUIRETLS is said all the same, so that no server takes the
        message without it; but a report to its sender goes on without it as well (RFC 8689, 5)."""
        words = [f"MAIL FROM:<{self.sender}>"]
        words += [f"SIZE={self.size}"] if "SIZE" in offered else []
        words += ["BODY=8BITMIME"] if self.eight_bit and "8BITMIME" in offered else []
        words += ["SMTPUTF8"] if self.smtputf8 else []
        words += ["REQUIRETLS"] if self.require_tls and (self.sender or "REQUIRETLS" in offered) else []
        if "DSN" in offered:
            words += [f"RET={self.ret}"] if self.ret else []
            words += [f"ENVID={self.envid}"] if self.envid else []
        return " ".join(words).encode() + b"\r\n"


@dataclass(frozen=True, slots=True)
class RcptTo:
    """The parameters of RCPT that a recipient would like to have (RFC 3461, 4.1 and 4.2)."""

    address: str
    notify: str
    orcpt: str

    def command(self, offered: Extensions) -> bytes:
        """With the parameters that the server understands."""
        words = [f"RCPT TO:<{self.address}>"]
        if "DSN" in offered:
            words += [f"NOTIFY={self.notify}"] if self.notify else []
            words += [f"ORCPT={self.orcpt}"] if self.orcpt else []
        return " ".join(words).encode() + b"\r\n"


def dotted(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The octets of a message as they follow 354, with the end (RFC 5321, 4.5.2), wherever they are cut.

    The message is made of lines that end in CRLF; a last one without an end gets one.
    """
    tail = b"\r\n"
    for chunk in chunks:
        # The seam may lie inside CRLF or between it and the dot.
        joined = tail + chunk
        yield joined.replace(b"\r\n.", b"\r\n..")[len(tail) :]
        tail = next((end for end in (b"\r\n", b"\r") if joined.endswith(end)), b"")
    yield b".\r\n" if tail == b"\r\n" else b"\r\n.\r\n"
