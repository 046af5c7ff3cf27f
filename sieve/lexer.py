# SPDX-License-Identifier: GPL-3.0-or-later
"""From text to tokens (RFC 5228, 8.1). What is no token is a problem, and the rest is read all the same."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NamedTuple

from sieve.errors import Problem

IDENTIFIER, TAG, NUMBER, STRING, PUNCTUATION, END = "identifier", "tag", "number", "string", "punctuation", "end"
MAX_NUMBER = (1 << 63) - 1
"""RFC 5228, 2.4.1 asks for 31 bits at least."""

_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+|\#[^\n]*|/\*.*?\*/)
    |(?P<text>text:[ \t]*(?:\#[^\n]*)?\r?\n)
    |(?P<identifier>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<tag>:[A-Za-z_][A-Za-z0-9_]*)
    |(?P<number>[0-9]+[KMGkmg]?(?![A-Za-z0-9_]))
    |"(?P<string>(?:[^"\\]|\\.)*+)"
    |(?P<punctuation>[\[\](){},;])""",
    re.DOTALL | re.VERBOSE | re.ASCII,
)
_TEXT_END = re.compile(r"^\.\r?$\n?", re.MULTILINE)
_STUFFED = re.compile(r"^\.\.", re.MULTILINE)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_LINE_END = re.compile(r"\r?\n")
_QUANTIFIERS = {"K": 10, "M": 20, "G": 30}


class Token(NamedTuple):
    """`value` is what the token means: of strings without quotes, of numbers with the quantifier multiplied in."""

    kind: str
    value: str | int
    line: int
    column: int


class Lexer:
    """Reads a whole script at once: `tokens` ends with one of kind END, `problems` is what was passed over."""

    def __init__(self, source: str) -> None:
        self.tokens: list[Token] = []
        self.problems: list[Problem] = []
        self._source = source
        self._lines = [0, *(found.end() for found in re.finditer("\n", source))]
        self._read()

    def _read(self) -> None:
        at, end = 0, len(self._source)
        while at < end:
            found = _TOKEN.match(self._source, at)
            if found is None:
                at = self._pass_over(at)
            elif found.lastgroup == "text":
                at = self._text(at, found.end())
            else:
                self._add(found)
                at = found.end()
        self.tokens.append(Token(END, "", *self._place(end)))
        # RFC 5228, 8.1: not even in comments and strings.
        if (null := self._source.find("\0")) >= 0:
            self._problem(null, "a script has no NUL")

    def _add(self, found: re.Match[str]) -> None:
        kind = str(found.lastgroup)
        if kind == "space":
            return
        value: str | int = found[kind]
        match kind:
            case "number":
                value = self._number(found)
            case "string":
                value = _LINE_END.sub("\r\n", _ESCAPED.sub(r"\1", found[kind]))
            case "tag":
                value = found[kind][1:].lower()
            case "identifier":
                value = found[kind].lower()
        self.tokens.append(Token(kind, value, *self._place(found.start())))

    def _number(self, found: re.Match[str]) -> int:
        digits, quantifier = found["number"], found["number"][-1].upper()
        shift = _QUANTIFIERS.get(quantifier, 0)
        value = int(digits[:-1] if shift else digits[:20]) << shift if len(digits) < 21 else MAX_NUMBER + 1
        if value > MAX_NUMBER:
            self._problem(found.start(), "this number is too large")
            return MAX_NUMBER
        return value

    def _text(self, start: int, body: int) -> int:
        """A multi-line string: up to a line that holds one dot; dots that begin a line are doubled."""
        end = _TEXT_END.search(self._source, body)
        if end is None:
            self._problem(start, "this text: has no end: a line with nothing but a dot")
            return len(self._source)
        value = _STUFFED.sub(".", self._source[body : end.start()])
        self.tokens.append(Token(STRING, _LINE_END.sub("\r\n", value), *self._place(start)))
        return end.end()

    def _pass_over(self, at: int) -> int:
        """Say what is wrong here; returns where to go on."""
        rest = self._source[at : at + 2]
        if rest == "/*":
            self._problem(at, "this comment has no end: */")
            return len(self._source)
        if rest[0] == '"':
            self._problem(at, 'this string has no end: "')
            return len(self._source)
        if rest[0].isdigit():
            self._problem(at, "a number is digits and K, M or G")
            found = re.compile(r"\w+").match(self._source, at)
            return found.end() if found else at + 1
        self._problem(at, f"{rest[0]!r} cannot stand here")
        return at + 1

    def _problem(self, at: int, message: str) -> None:
        self.problems.append(Problem(*self._place(at), message))

    def _place(self, at: int) -> tuple[int, int]:
        line = bisect_right(self._lines, at)
        return line, at - self._lines[line - 1] + 1
