# SPDX-License-Identifier: GPL-3.0-or-later
"""The script that does what rules say, for people to read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import assert_never

from ikserver.rules.rule import (
    Action,
    Condition,
    Copy,
    Delete,
    Forward,
    How,
    Mark,
    Move,
    Rule,
    Says,
    Size,
    Where,
)

_HEAD = """\
# The rules of this address, from the top to the bottom. They are changed with `ikserver rule`, or here:
# what can be read as rules stays what it is, but of comments only the names of rules are kept.
"""
_WILD = re.compile(r"([*?\\])")
_UNITS = (("G", 30), ("M", 20), ("K", 10))


def written(rules: Sequence[Rule]) -> str:
    """The whole script. Names have no line end."""
    needs = sorted({need for rule in rules for need in _needs(rule)})
    require = f"require [{', '.join(map(_quoted, needs))}];\n" if needs else ""
    return "\n".join([_HEAD + require, *map(_rule, rules)])


def _needs(rule: Rule) -> Iterator[str]:
    """The extensions that a rule uses, also while it is off."""
    if any(isinstance(each, Says) and each.where is Where.CONTENT for each in rule.conditions):
        yield "body"
    for action in rule.actions:
        match action:
            case Mark():
                yield "imap4flags"
            case Move():
                yield from ("fileinto", "mailbox")
            case Copy():
                yield from ("copy", "fileinto", "mailbox")
            case Forward():
                yield "copy"
            case Delete():
                pass
            case _:
                assert_never(action)


def test_of(where: Where, how: How) -> str:
    """The test that looks there: who looks for part of a field means the names of people as well."""
    if where is Where.CONTENT:
        return "body"
    return "address" if where.has_addresses and how is not How.CONTAINS else "header"


def _rule(rule: Rule) -> str:
    test = _joined("anyof" if rule.any else "allof", map(_condition, rule.conditions)) if rule.conditions else "true"
    if not rule.on:
        test = _joined("allof", ["false", test])
    done = [*map(_action, rule.actions), *(["stop"] if rule.stop else [])]
    lines = [f"# rule:[{rule.name}]", f"if {test} {{", *(f"    {one};" for one in done), "}"]
    return "".join(f"{line}\n" for line in lines)


def _joined(how: str, tests: Iterable[str]) -> str:
    return f"{how} ({', '.join(tests)})"


def _condition(condition: Condition) -> str:
    negation = "not " if condition.negated else ""
    match condition:
        case Says():
            return f"{negation}{_looked_at(condition)} {_looked_for(condition)}"
        case Size():
            return f"{negation}size {':over' if condition.over else ':under'} {_amount(condition.octets)}"
        case _:
            assert_never(condition)


def _looked_at(says: Says) -> str:
    tag = {How.IS: ":is", How.CONTAINS: ":contains"}.get(says.how, ":matches")
    if says.where is Where.CONTENT:
        return f"body :text {tag}"
    return f"{test_of(says.where, says.how)} {tag} {_quoted(says.where.value)}"


def _looked_for(says: Says) -> str:
    match says.how:
        case How.BEGINS:
            return _quoted(f"{_literally(says.text)}*")
        case How.ENDS:
            return _quoted(f"*{_literally(says.text)}")
        case How.IS | How.CONTAINS | How.MATCHES:
            return _quoted(says.text)
        case _:
            assert_never(says.how)


def _action(action: Action) -> str:
    match action:
        case Mark():
            return f"addflag {_quoted(action.flag.value)}"
        case Move():
            return f"fileinto :create {_quoted(action.folder)}"
        case Copy():
            return f"fileinto :copy :create {_quoted(action.folder)}"
        case Forward():
            return f"redirect :copy {_quoted(action.address)}"
        case Delete():
            return "discard"
        case _:
            assert_never(action)


def _literally(text: str) -> str:
    """RFC 5228, 2.7.1: a backslash takes the meaning from what follows."""
    return _WILD.sub(r"\\\1", text)


def _amount(octets: int) -> str:
    """RFC 5228, 2.4.1."""
    return next(
        (f"{octets >> bits}{unit}" for unit, bits in _UNITS if octets and not octets % (1 << bits)), str(octets)
    )


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
