# SPDX-License-Identifier: GPL-3.0-or-later
"""The words that one script may use: those of the extensions that it has required."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from sieve.registry import (
    ADDRESS_TAGS,
    MODIFIER_TAGS,
    STRING,
    AddressPart,
    Command,
    Comparator,
    Extension,
    MatchType,
    Modifier,
    Namespace,
    Registry,
    Tag,
    Tags,
    Test,
)
from sieve.strings import Reference

if TYPE_CHECKING:
    from sieve.run import Run

COMPARATOR = "comparator"


class Scope:
    """Grows with every extension that is required."""

    def __init__(self, registry: Registry, max_match_variables: int) -> None:
        self._registry = registry
        self._max_match_variables = max_match_variables
        self.active: set[str] = set()
        self.commands: dict[str, Command] = {}
        self.tests: dict[str, Test] = {}
        self.comparators: dict[str, Comparator] = {}
        self.match_types: dict[str, MatchType] = {}
        self.address_parts: dict[str, AddressPart] = {}
        self.modifiers: dict[str, Modifier] = {}
        self.namespaces: dict[str, Callable[[Run, str], str | None]] = {}
        self._tags: dict[str, dict[str, Tag]] = {}
        self._hung: dict[str, list[Tag]] = {}
        self._offers: dict[tuple[str, str], str] | None = None
        self.activate("")

    def activate(self, name: str) -> bool:
        """Require an extension; False when there is none of that name."""
        extension = self._registry.get(name)
        if extension is None:
            return False
        if name not in self.active:
            self.active.add(name)
            self._open(extension)
            for implied in extension.implies:
                self.activate(implied)
        return True

    def _open(self, extension: Extension) -> None:
        self.commands.update({command.name: command for command in extension.commands})
        self.tests.update({test.name: test for test in extension.tests})
        self.comparators.update({comparator.name: comparator for comparator in extension.comparators})
        self.match_types.update({match_type.name: match_type for match_type in extension.match_types})
        self.address_parts.update({part.name: part for part in extension.address_parts})
        self.modifiers.update({modifier.name: modifier for modifier in extension.modifiers})
        self.namespaces.update(extension.namespaces)
        for name, tags in extension.tags.items():
            self._hung.setdefault(name, []).extend(tags)
        self._tags.clear()

    def tags_of(self, definition: Command | Test) -> Mapping[str, Tag]:
        """Every tag that it may have now, by name."""
        name = f"{type(definition).__name__}:{definition.name}"
        if name not in self._tags:
            own = [one for tag in definition.tags for one in self._expanded(tag)]
            self._tags[name] = {tag.name: tag for tag in (*own, *self._hung.get(definition.name, ()))}
        return self._tags[name]

    def _expanded(self, tag: Tag | Tags) -> Iterator[Tag]:
        if isinstance(tag, Tag):
            yield tag
        elif tag is ADDRESS_TAGS:
            yield from (Tag(name, group=tag.name) for name in self.address_parts)
        elif tag is MODIFIER_TAGS:
            # RFC 5229, 4.1: no two of the same precedence.
            yield from (Tag(one.name, group=f"modifier {one.precedence}") for one in self.modifiers.values())
        else:
            yield Tag(COMPARATOR, STRING)
            yield from (Tag(name, match_type.kind, tag.name) for name, match_type in self.match_types.items())

    def problem_with(self, reference: Reference) -> str | None:
        """Why there can be no such variable; None where it may have a value."""
        namespace, name = reference
        if not namespace:
            # RFC 5229, 6: an index that is too high is an error. It may have more digits than a number can.
            high = name.isdigit() and (len(name) > 9 or int(name) > self._max_match_variables)
            return f"there are no match variables beyond ${{{self._max_match_variables}}}" if high else None
        serve = self.namespaces.get(namespace)
        if serve is None:
            return f"nothing that is required has variables ${{{namespace}.…}}"
        return serve.problem(name) if isinstance(serve, Namespace) and serve.problem is not None else None

    def offering(self, kind: str, name: str, of: str = "") -> str:
        """A hint for what is not known here: which extension has it. A tag may be hung on the command or test `of`."""
        if self._offers is None:
            self._offers = dict(_offers(self._registry))
        extension = self._offers.get((kind, name)) or self._offers.get((of, name))
        return f'; it needs: require "{extension}"' if extension else ""


def _offers(registry: Registry) -> Iterator[tuple[tuple[str, str], str]]:
    """By kind and name, or of what only one command or test may have by that and name: the extension."""
    for extension in registry:
        if extension.name:
            words: dict[str, Sequence[Command | Test | Comparator | MatchType | AddressPart | Modifier | Tag]] = {
                **extension.tags,
                "command": extension.commands,
                "test": extension.tests,
                "comparator": extension.comparators,
                "tag": [*extension.match_types, *extension.address_parts, *extension.modifiers],
            }
            yield from (((kind, word.name), extension.name) for kind, some in words.items() for word in some)
