# SPDX-License-Identifier: GPL-3.0-or-later
"""Scripts that nobody has written: any that the grammar allows, and ones that use the words of the engine."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from hypothesis import strategies as st

from sieve.syntax import Node, Number, String, Strings, TagName, Value

identifiers = st.sampled_from(["keep", "if", "else", "elsif", "text", "a", "x1", "_", "not", "mime_2"])
_characters = st.characters(codec="utf-8", exclude_characters="\r\n\0")
_traps = [
    "",
    "\r\n",
    "a\r\n..b\r\n.\r\n",
    '\\"',
    "\\",
    "/* no comment */",
    "# nor this",
    "${x}",
    "text:\r\n",
    "\t",
    "\r",
]
texts = st.sampled_from(_traps) | st.text(_characters, max_size=5)
numbers = st.sampled_from([0, 1, 1 << 10, 3 << 20, 5 << 30, 2**63 - 1]) | st.integers(0, 2**40)
strings = texts.map(lambda text: String(text))
values = (
    numbers.map(lambda value: Number(value))
    | strings
    | st.lists(strings, min_size=1, max_size=3).map(lambda items: Strings(tuple(items)))
    | identifiers.map(lambda name: TagName(name))
)
arguments = st.lists(values, max_size=3).map(tuple)


def _with_tests(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    one = inner.map(lambda test: ((test,), False))
    many = st.lists(inner, min_size=1, max_size=3).map(lambda tests: (tuple(tests), True))
    return st.builds(
        lambda name, values, tests: Node(name, values, tests[0], None, tests[1]), identifiers, arguments, one | many
    )


tests = st.recursive(
    st.builds(lambda name, values: Node(name, values), identifiers, arguments), _with_tests, max_leaves=3
)


def _commands(blocks: st.SearchStrategy[tuple[Node, ...] | None]) -> st.SearchStrategy[Node]:
    heads = tests | st.builds(lambda name, test: Node(name, (), (test,)), st.sampled_from(["if", "elsif"]), tests)
    return st.builds(lambda head, block: head._replace(block=block), heads, blocks)


commands = st.recursive(
    _commands(st.none()),
    lambda inner: _commands(st.lists(inner, max_size=3).map(tuple)),
    max_leaves=4,
)
grammatical = st.lists(commands, max_size=3).map(tuple)
"""Nodes of any script that can be parsed; what they mean is no matter."""


class Writer:
    """Writes nodes in one of the many ways in which a person may write them."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def script(self, nodes: tuple[Node, ...]) -> str:
        return self._gap("") + "".join(map(self._command, nodes))

    def _command(self, node: Node) -> str:
        if node.block is None:
            return f"{self._head(node)}{self._gap('')};{self._gap('')}"
        block = self._gap("") + "".join(map(self._command, node.block))
        return f"{self._head(node)}{self._gap('')}{{{block}}}{self._gap('')}"

    def _head(self, node: Node) -> str:
        words = [self._cased(node.name), *map(self._value, node.arguments)]
        tests = f"{self._gap('')},{self._gap('')}".join(map(self._head, node.tests))
        if node.listed:
            words.append(f"({self._gap('')}{tests}{self._gap('')})")
        elif tests:
            words.append(tests)
        return self._gap(" ").join(words)

    def _value(self, value: Value) -> str:
        match value:
            case Number():
                return self._number(value.value)
            case String():
                return self._string(value.text)
            case Strings():
                comma = f"{self._gap('')},{self._gap('')}"
                return f"[{comma.join(self._string(one.text) for one in value.items)}]"
            case TagName():
                return f":{self._cased(value.name)}"

    def _number(self, value: int) -> str:
        for shift, letter in ((30, "G"), (20, "m"), (10, "K")):
            if value and value % (1 << shift) == 0 and self._random.random() < 0.8:
                return f"{value >> shift}{letter}"
        return str(value)

    def _string(self, text: str) -> str:
        if text.endswith("\r\n") and self._random.random() < 0.7:
            stuffed = re.sub(r"^\.", "..", text, flags=re.MULTILINE)
            return f"text:{self._random.choice(['', ' ', ' # why'])}\r\n{stuffed}.\r\n"
        escaped = "".join(f"\\{one}" if one in '"\\' or self._random.random() < 0.1 else one for one in text)
        return f'"{escaped}"'

    def _cased(self, name: str) -> str:
        case: Callable[[str], str] = self._random.choice([str.lower, str.upper, str.title])
        return case(name)

    def _gap(self, least: str) -> str:
        return self._random.choice([least, " ", "\r\n", "\n\t", " # a comment; }\n", "/* one { more */ ", least, least])


_STRING = st.sampled_from(["a", "A", "", "INBOX", "Subject", "x@example.org", "${a}", "${1}", "*a?*", "eq", "/"])
_ARGUMENT = st.one_of(
    _STRING.map(lambda text: f'"{text}"'),
    st.lists(_STRING, min_size=1, max_size=3).map(lambda texts: "[" + ", ".join(f'"{text}"' for text in texts) + "]"),
    st.sampled_from(["1", "100K", ":is", ":contains", ":matches", ":copy", ":over", ":under", ":all", ":localpart"]),
    st.sampled_from([":flags", ":create", ":last", ":index 1", ":count", ':comparator "i;octet"', ":value", ":days"]),
)

_COMMANDS = ["keep;", "discard;", "stop;", 'fileinto "a";', 'set "a" "b";', 'addflag "x";', 'redirect "a@b.c";']


def meaningful(command_names: list[str], test_names: list[str]) -> st.SearchStrategy[str]:
    """The text of scripts that use the engine's words, most of them in a wrong way."""
    leaf = st.builds(
        lambda name, rest: " ".join([name, *rest]), st.sampled_from(test_names), st.lists(_ARGUMENT, max_size=4)
    ) | st.sampled_from(["true", "false", 'header :matches "subject" "*a*"', 'address :is "from" "a@b"', 'exists "to"'])
    test = st.recursive(
        leaf,
        lambda inner: (
            st.builds(
                lambda kind, inside: f"{kind} ({', '.join(inside)})",
                st.sampled_from(["allof", "anyof"]),
                st.lists(inner, min_size=1, max_size=3),
            )
            | inner.map("not {}".format)
        ),
        max_leaves=4,
    )
    simple = st.builds(
        lambda name, rest: " ".join([name, *rest]) + ";",
        st.sampled_from(command_names),
        st.lists(_ARGUMENT, max_size=4),
    ) | st.sampled_from(
        ["keep;", "discard;", "stop;", 'fileinto "a";', 'set "a" "b";', 'addflag "x";', 'redirect "a@b.c";']
    )
    command = st.recursive(
        simple,
        lambda inner: st.builds(
            lambda test, block, last: f"if {test} {{ {' '.join(block)} }} {last}",
            test,
            st.lists(inner, max_size=3),
            st.sampled_from(["", "else { keep; }", "elsif true { stop; }"]),
        ),
        max_leaves=4,
    )
    return st.lists(command, max_size=4).map("\n".join)
