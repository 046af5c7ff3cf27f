# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules read back from their script, also when somebody has changed it elsewhere."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ikserver.rules.rule import Action, Condition, Copy, Delete, Flag, Forward, How, Mark, Move, Rule, Says, Size, Where
from ikserver.rules.writing import test_of
from sieve.parser import Parser
from sieve.syntax import Node, Number, String, Strings, TagName

MAX_NESTING = 32
_NAME = re.compile(r"\s*#\s*rule:\s*\[?(.*?)\]?\s*")
_LITERAL = r"((?:[^*?\\]|\\[*?\\])+)"
_BEGINS, _ENDS = re.compile(rf"{_LITERAL}\*", re.DOTALL), re.compile(rf"\*{_LITERAL}", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_FLAGS = {flag.value.lower(): flag for flag in Flag}
_FIELDS = {where.value: where for where in Where if where is not Where.CONTENT}


class NoRules(Exception):
    """Something in a script that no rule can say; `line` is where."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(f"line {line}: {text}")
        self.line = line


def read(script: str) -> tuple[Rule, ...]:
    """The rules of a script, in their order; one without a name gets one. Raises NoRules."""
    parser = Parser(script, MAX_NESTING)
    for problem in parser.problems:
        raise NoRules(problem.line, problem.message)
    lines, rules = script.split("\n"), list[Rule]()
    for node in parser.nodes:
        if node.name == "require":
            continue
        if node.name != "if" or node.block is None:
            raise NoRules(node.line, f"{node.name} is no rule")
        name = _name(lines, node.line, {rule.name for rule in rules})
        rules.append(_rule(name, node, node.block))
    return tuple(rules)


def _name(lines: Sequence[str], line: int, taken: set[str]) -> str:
    """What the comments directly above a line say, as editors of scripts write it (`# rule:[Invoices]`)."""
    for text in reversed(lines[: line - 1]):
        found = _NAME.fullmatch(text)
        if found and found[1] and found[1] not in taken:
            return found[1]
        if found or (text.strip() and not text.lstrip().startswith("#")):
            break
    return next(name for number in range(1, len(taken) + 2) if (name := f"Rule {number}") not in taken)


def _rule(name: str, node: Node, block: Sequence[Node]) -> Rule:
    (test,) = _tests(node, 1)
    on = True
    if test.name == "allof" and len(test.tests) == 2 and test.tests[0].name == "false":
        on, test = False, test.tests[1]
    if test.name == "true":
        conditions: tuple[Condition, ...] = ()
    else:
        tests = test.tests if test.name in ("allof", "anyof") else (test,)
        conditions = tuple(map(_condition, tests))
    stop = bool(block) and block[-1].name == "stop"
    actions = tuple(map(_action, block[:-1] if stop else block))
    return Rule(name, conditions, actions, test.name == "anyof", stop, on)


def _tests(node: Node, count: int) -> tuple[Node, ...]:
    if len(node.tests) != count:
        raise NoRules(node.line, f"{node.name} has {len(node.tests)} tests, not {count}")
    return node.tests


def _condition(node: Node) -> Condition:
    negated = node.name == "not"
    test = _tests(node, 1)[0] if negated else node
    tags, words = _arguments(test)
    match test.name, tags, words:
        case "size", ["over" | "under" as which], [int(octets)]:
            return Size(which == "over", octets, negated)
        case "header" | "address", _, [str(field), str(key)] if field.lower() in _FIELDS:
            return _says(test, _FIELDS[field.lower()], tags, key, negated)
        case "body", _, [str(key)]:
            return _says(test, Where.CONTENT, [tag for tag in tags if tag != "text"], key, negated)
    raise NoRules(test.line, f"no rule has this condition: {test.name}")


def _says(test: Node, where: Where, tags: Sequence[str], key: str, negated: bool) -> Says:
    match tags:
        case [] | ["is"]:
            how, text = How.IS, key
        case ["contains"]:
            how, text = How.CONTAINS, key
        case ["matches"]:
            how, text = _pattern(key)
        case _:
            raise NoRules(test.line, f"no rule looks for something by {' '.join(tags)}")
    expected = test_of(where, how)
    if test.name != expected:
        raise NoRules(test.line, f"in a rule, {where.value} {how.value} … is asked with {expected}, not {test.name}")
    return Says(where, how, text, negated)


def _pattern(key: str) -> tuple[How, str]:
    for how, shape in ((How.BEGINS, _BEGINS), (How.ENDS, _ENDS)):
        if found := shape.fullmatch(key):
            return how, _ESCAPED.sub(r"\1", found[1])
    return How.MATCHES, key


def _action(node: Node) -> Action:
    tags, words = _arguments(node)
    match node.name, tags, words:
        case "addflag", [], [str(name)] if name.lower() in _FLAGS:
            return Mark(_FLAGS[name.lower()])
        case "fileinto", [] | ["create"], [str(folder)]:
            return Move(folder)
        case "fileinto", ["copy"] | ["copy", "create"], [str(folder)]:
            return Copy(folder)
        case "redirect", ["copy"], [str(address)]:
            return Forward(address)
        case "discard", [], []:
            return Delete()
    raise NoRules(node.line, f"no rule has this action: {node.name}")


def _arguments(node: Node) -> tuple[list[str], list[str | int]]:
    """The names of tags, sorted, and what else there is; a list of one string is as good as the string."""
    tags, words = list[str](), list[str | int]()
    for value in node.arguments:
        match value:
            case TagName():
                tags.append(value.name)
            case Number():
                words.append(value.value)
            case String():
                words.append(value.text)
            case Strings():
                words += [item.text for item in value.items]
    return sorted(tags), words
