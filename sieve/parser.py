# SPDX-License-Identifier: GPL-3.0-or-later
"""From tokens to nodes (RFC 5228, 8.2). After a problem it goes on behind the next `;` or block."""

from __future__ import annotations

from sieve.errors import Problem
from sieve.lexer import END, IDENTIFIER, PUNCTUATION, STRING, Lexer, Token
from sieve.syntax import Node, Number, String, Strings, TagName, Value

BROKEN = ""
"""The name of the node that stands where a command cannot be read, so that what follows it still makes sense."""


class _Broken(Exception):
    """This command cannot be read; the problem is noted."""


class Parser:
    """Reads a whole script: `nodes` are its commands, `problems` what is wrong with its grammar."""

    def __init__(self, source: str, max_nesting: int) -> None:
        lexer = Lexer(source)
        self.problems: list[Problem] = lexer.problems
        self._tokens = lexer.tokens
        self._at = 0
        self._max_nesting = max_nesting
        self.nodes = self._commands(0)
        self.problems.sort()

    def _commands(self, depth: int) -> tuple[Node, ...]:
        """Up to the end of the block, or of the script on the outermost level."""
        nodes: list[Node] = []
        while True:
            token = self._tokens[self._at]
            closes = token.kind == PUNCTUATION and token.value == "}"
            if token.kind == END or (closes and depth):
                return tuple(nodes)
            if closes:
                self._problem(token, "there is no block that this } could end")
                self._at += 1
                continue
            try:
                nodes.append(self._command(depth))
            except _Broken:
                nodes.append(Node(BROKEN, line=token.line, column=token.column))
                self._resynchronise()

    def _command(self, depth: int) -> Node:
        name = self._tokens[self._at]
        if name.kind != IDENTIFIER:
            raise self._broken(name, f"a command is expected here, not {_shown(name)}")
        self._at += 1
        arguments, tests, listed = self._arguments(depth)
        end = self._tokens[self._at]
        block = None
        if self._takes("{"):
            if depth >= self._max_nesting:
                raise self._broken(end, f"blocks are nested more than {self._max_nesting} deep")
            block = self._commands(depth + 1)
            if not self._takes("}"):
                raise self._broken(end, "this block has no end: }")
        elif not self._takes(";"):
            raise self._broken(end, f"';' or a block is expected after {name.value!r}, not {_shown(end)}")
        return Node(str(name.value), arguments, tests, block, listed, name.line, name.column)

    def _arguments(self, depth: int) -> tuple[tuple[Value, ...], tuple[Node, ...], bool]:
        values: list[Value] = []
        while (value := self._value()) is not None:
            values.append(value)
        token = self._tokens[self._at]
        if token.kind == IDENTIFIER:
            return tuple(values), (self._test(depth + 1),), False
        if self._takes("("):
            return tuple(values), self._tests(depth + 1), True
        return tuple(values), (), False

    def _value(self) -> Value | None:
        token = self._tokens[self._at]
        match token.kind:
            case "number":
                self._at += 1
                return Number(int(token.value), token.line, token.column)
            case "tag":
                self._at += 1
                return TagName(str(token.value), token.line, token.column)
            case "string":
                return self._string()
        return self._strings(token) if self._takes("[") else None

    def _string(self) -> String:
        token = self._tokens[self._at]
        if token.kind != STRING:
            raise self._broken(token, f"a string is expected here, not {_shown(token)}")
        self._at += 1
        return String(str(token.value), token.line, token.column)

    def _strings(self, begin: Token) -> Strings:
        # RFC 5228, 2.4.2.1: a list has at least one string.
        items = [self._string()]
        while self._takes(","):
            items.append(self._string())
        if not self._takes("]"):
            raise self._broken(self._tokens[self._at], "',' or ']' is expected in a list of strings")
        return Strings(tuple(items), begin.line, begin.column)

    def _test(self, depth: int) -> Node:
        name = self._tokens[self._at]
        if name.kind != IDENTIFIER:
            raise self._broken(name, f"a test is expected here, not {_shown(name)}")
        self._at += 1
        if depth > self._max_nesting:
            raise self._broken(name, f"tests are nested more than {self._max_nesting} deep")
        arguments, tests, listed = self._arguments(depth)
        return Node(str(name.value), arguments, tests, None, listed, name.line, name.column)

    def _tests(self, depth: int) -> tuple[Node, ...]:
        tests = [self._test(depth)]
        while self._takes(","):
            tests.append(self._test(depth))
        if not self._takes(")"):
            raise self._broken(self._tokens[self._at], "',' or ')' is expected in a list of tests")
        return tuple(tests)

    def _takes(self, punctuation: str) -> bool:
        token = self._tokens[self._at]
        if token.kind == PUNCTUATION and token.value == punctuation:
            self._at += 1
            return True
        return False

    def _problem(self, token: Token, message: str) -> None:
        self.problems.append(Problem(token.line, token.column, message))

    def _broken(self, token: Token, message: str) -> _Broken:
        self._problem(token, message)
        return _Broken(message)

    def _resynchronise(self) -> None:
        """Go behind the next `;`, or behind the block that comes before it, or to the end of the block around."""
        depth = 0
        while (token := self._tokens[self._at]).kind != END:
            mark = token.value if token.kind == PUNCTUATION else ""
            if mark == "}" and depth == 0:
                return
            self._at += 1
            depth += (mark == "{") - (mark == "}")
            if depth == 0 and mark in (";", "}"):
                return


def _shown(token: Token) -> str:
    """As a person knows it."""
    match token.kind:
        case "end":
            return "the end of the script"
        case "tag":
            return f"':{token.value}'"
        case "string":
            return "a string"
    return f"'{token.value}'"
