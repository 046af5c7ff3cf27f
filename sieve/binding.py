# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds the names of a node's arguments (RFC 5228, 2.6), and says what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from sieve.bound import Bound, Given, Text
from sieve.matching import ASCII_CASEMAP
from sieve.registry import (
    ADDRESS_TAGS,
    MATCH_TAGS,
    NUMBER,
    STRING,
    STRING_LIST,
    Arg,
    Command,
    Comparator,
    Kind,
    Tag,
    Test,
)
from sieve.scope import COMPARATOR, Scope
from sieve.strings import encoded_characters, template
from sieve.syntax import Node, Number, String, Strings, TagName, Value

Complaint: TypeAlias = tuple[Value | Node, str]
Complain: TypeAlias = Callable[[Value | Node, str], None]


class Binder:
    """For one node. `complain` takes the place of a problem and what it is.

    `lacking` is what no extension gives that is required; then the other problems may be none.
    """

    def __init__(self, scope: Scope, node: Node, definition: Command | Test, complain: Complain) -> None:
        self._scope = scope
        self._node = node
        self._definition = definition
        self._complain = complain
        self.lacking: list[Complaint] = []
        self._tags = scope.tags_of(definition)
        self._given: dict[str, Given] = dict.fromkeys(self._tags)
        self._given.update(dict.fromkeys(arg.name for arg in definition.positional))
        self._groups: dict[str, str] = {}

    def bound(self) -> Bound:
        """With whatever could be made sense of."""
        positional = self._read_tags()
        self._check_needs()
        self._read_positional(positional)
        match_type = self._scope.match_types[self._groups.get(MATCH_TAGS.name, "is")]
        part = self._scope.address_parts[self._groups.get(ADDRESS_TAGS.name, "all")]
        comparator = self._comparator()
        bound = Bound(self._node, self._definition, self._given, match_type, comparator, part)
        if MATCH_TAGS in self._definition.tags:
            self._check_match(bound)
        return bound

    def _read_tags(self) -> list[Value]:
        """Tags with their values; returns what is left."""
        rest: list[Value] = []
        arguments = iter(self._node.arguments)
        for argument in arguments:
            if not isinstance(argument, TagName):
                rest.append(argument)
                continue
            tag = self._tags.get(argument.name)
            if rest:
                self._complain(argument, f":{argument.name} must stand before the positional arguments")
            if tag is None:
                hint = self._scope.offering("tag", argument.name, self._node.name)
                self.lacking.append((argument, f"{self._node.name} has no argument :{argument.name}{hint}"))
            else:
                self._read_tag(argument, tag, next(arguments, None) if tag.kind else None)
        return rest

    def _read_tag(self, argument: TagName, tag: Tag, value: Value | None) -> None:
        if self._given[tag.name] is not None:
            self._complain(argument, f":{tag.name} is given twice")
        before = self._groups.setdefault(tag.group, tag.name) if tag.group else tag.name
        if before != tag.name:
            self._complain(argument, f":{tag.name} cannot stand beside :{before}")
        if tag.kind is None:
            self._given[tag.name] = True
        elif value is None:
            self._complain(argument, f":{tag.name} needs a {tag.kind} behind it")
        else:
            self._given[tag.name] = self._read(value, tag.kind, f":{tag.name}")

    def _check_needs(self) -> None:
        for argument in self._node.arguments:
            tag = self._tags.get(argument.name) if isinstance(argument, TagName) else None
            if tag is not None and tag.needs and self._given.get(tag.needs) is None:
                self._complain(argument, f":{tag.name} needs :{tag.needs}")

    def _read_positional(self, values: Sequence[Value]) -> None:
        wanted: Sequence[Arg] = self._definition.positional
        if len(values) < len(wanted):
            wanted = [arg for arg in wanted if not arg.optional]
        for arg, value in zip(wanted, values, strict=False):
            self._given[arg.name] = self._read(value, arg.kind, f"the argument {arg.name!r} of {self._node.name}")
        if len(values) < len(wanted):
            missing = wanted[len(values)]
            self._complain(self._node, f"{self._node.name} needs a {missing.kind}: {missing.name}")
        for value in values[len(wanted) :]:
            self._complain(value, f"{self._node.name} has no argument here")

    def _read(self, value: Value, kind: Kind, what: str) -> Given:
        match value:
            case Number() if kind == NUMBER:
                return value.value
            case String() if kind == STRING:
                return self._text(value)
            case String() if kind == STRING_LIST:
                return (self._text(value),)
            case Strings() if kind == STRING_LIST:
                return tuple(map(self._text, value.items))
        self._complain(value, f"{what} is a {kind}")
        return None

    def _text(self, value: String) -> Text:
        text = value.text
        if "encoded-character" in self._scope.active and "${" in text:
            text = encoded_characters(text, lambda problem: self._complain(value, problem))
        pieces = template(text) if "variables" in self._scope.active else None
        for piece in pieces or ():
            if not isinstance(piece, str) and (problem := self._scope.problem_with(piece)):
                self._complain(value, problem)
                pieces = None
        return Text(text, pieces, value.line, value.column)

    def _comparator(self) -> Comparator:
        given = self._given.get(COMPARATOR)
        if not isinstance(given, Text):
            return ASCII_CASEMAP
        found = self._scope.comparators.get(given.text)
        if found is None:
            hint = self._scope.offering("comparator", given.text)
            self.lacking.append((self._node, f"there is no comparator {given.text!r}{hint}"))
        return found or ASCII_CASEMAP

    def _check_match(self, bound: Bound) -> None:
        match_type, comparator = bound.match_type, bound.comparator
        if match_type.needs_parts and comparator.fold is None:
            self._complain(self._node, f"the comparator {comparator.name} cannot do :{match_type.name}")
        if not match_type.compares and bound.has(COMPARATOR):
            self._complain(self._node, f":{match_type.name} has no comparator")
        relation = bound.given[match_type.name] if match_type.kind else None
        if isinstance(relation, Text) and relation.template is not None:
            # RFC 5231, 4: it is one of a few words.
            self._complain(self._node, f"the argument of :{match_type.name} has no variables")
        elif match_type.check is not None:
            words = [relation.text] if isinstance(relation, Text) else []
            for key in words if match_type.kind else bound.literals("keys"):
                if problem := match_type.check(key, comparator):
                    self._complain(self._node, problem)
