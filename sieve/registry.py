# SPDX-License-Identifier: GPL-3.0-or-later
"""What scripts may say: commands, tests, tags, comparators and match types, each of an extension with a name.

An extension is a value; a registry is a set of them. Nothing is known to the engine that an extension of somebody else
could not say as well, but for `require` and `if` (RFC 5228, 3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from sieve.bound import Bound
    from sieve.compiler import Compiler
    from sieve.matching import Matching
    from sieve.run import Arguments, Run

NUMBER, STRING, STRING_LIST = "number", "string", "string list"
Kind: TypeAlias = str
"""NUMBER, STRING or STRING_LIST."""


@dataclass(frozen=True, slots=True)
class Arg:
    """A positional argument. A single string may stand for a list (RFC 5228, 2.4.2.1)."""

    name: str
    kind: Kind
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Tag:
    """A tagged argument, with a value of `kind` behind it or none. Of one `group` only one may be given.

    `needs` is the name of another tag without which this one may not be given.
    """

    name: str
    kind: Kind | None = None
    group: str = ""
    needs: str = ""


@dataclass(frozen=True, slots=True)
class Tags:
    """A group that extensions add to: which tags are in it is looked up where they are used."""

    name: str


MATCH_TAGS = Tags("match")
"""`:comparator` and the match types; what they match is the argument "keys" (RFC 5228, 2.7)."""
ADDRESS_TAGS = Tags("address part")
"""`:all`, `:localpart`, `:domain` and more (RFC 5228, 2.7.4)."""
MODIFIER_TAGS = Tags("modifier")
"""`:lower`, `:upper`, `:length` and more: what becomes of a value before a variable holds it (RFC 5229, 4.1)."""

Check: TypeAlias = "Callable[[Bound, Compiler], None]"
RunCommand: TypeAlias = "Callable[[Run, Arguments], Any]"
RunTest: TypeAlias = "Callable[[Run, Arguments], bool]"


@dataclass(frozen=True, slots=True)
class Command:
    """`block`: whether it has one. `tests`: how many tests it has. `check` sees the arguments at compile time."""

    name: str
    positional: Sequence[Arg] = ()
    tags: Sequence[Tag | Tags] = ()
    block: Literal["optional", "required"] | None = None
    tests: Literal[0, 1, "many"] = 0
    check: Check | None = None
    run: RunCommand | None = None


@dataclass(frozen=True, slots=True)
class Test:
    """As Command; `run` says whether it holds."""

    __test__ = False

    name: str
    positional: Sequence[Arg] = ()
    tags: Sequence[Tag | Tags] = ()
    tests: Literal[0, 1, "many"] = 0
    check: Check | None = None
    run: RunTest | None = None
    known: Callable[[Bound, Compiler], bool | None] | None = None
    """Whether it holds, where that is known when the script is compiled; what then never runs is not compiled."""
    block: None = None


@dataclass(frozen=True, slots=True)
class Comparator:
    """`fold` gives the form in which strings are equal and parts of each other; None: they have no parts.

    `order` is negative, zero or positive (RFC 4790, 4.2). `valid` says whether it can order a string at all.
    """

    name: str
    fold: Callable[[str], str] | None
    order: Callable[[str, str], int]


@dataclass(frozen=True, slots=True)
class MatchType:
    """`match(comparator, value, key)` gives the match variables, () when there are none, None when it does not match.

    With `kind` there is an argument behind the tag, which `match` gets last: a relation. `counts`: what is matched is
    how many values there are. `needs_parts`: only comparators with `fold` can do it.
    """

    name: str
    match: Callable[..., Sequence[str] | None]
    kind: Kind | None = None
    counts: bool = False
    needs_parts: bool = False
    check: Callable[[str, Comparator], str | None] | None = None
    """Given a literal key, or a literal relation where there is one, what is wrong with it."""
    prepare: Callable[[Comparator, Sequence[str]], Callable[[str], Sequence[str] | None]] | None = None
    """The same for many values and the same keys, quicker."""
    search: Callable[[Run, Matching, str, str], Sequence[str] | None] | None = None
    """Given a value and a key, takes the place of `match` where that needs the run."""
    compares: bool = True
    """False: `:comparator` may not be given."""


@dataclass(frozen=True, slots=True)
class AddressPart:
    """`part(address, delimiter)` of `user@domain`; None when there is no such part, and nothing matches."""

    name: str
    part: Callable[[str, str], str | None]


@dataclass(frozen=True, slots=True)
class Modifier:
    """Changes a value on its way into a variable. The highest precedence goes first, and each may be given once.

    `mend` makes whole what is left of a value that is longer than a variable may be.
    """

    name: str
    precedence: int
    apply: Callable[[str], str]
    mend: Callable[[str], str] | None = None


@dataclass(frozen=True, slots=True)
class Namespace:
    """Variables that scripts may also set, or whose names can be wrong; where neither is so, a function will do.

    `problem` says what is wrong with the name of one, before the script runs.
    """

    read: Callable[[Run, str], str | None]
    write: Callable[[Run, str, str], None] | None = None
    problem: Callable[[str], str | None] | None = None

    def __call__(self, run: Run, name: str) -> str | None:
        return self.read(run, name)


@dataclass(frozen=True, slots=True)
class Extension:
    """`name` is what `require` says; that of what needs no `require` is "".

    `tags` are hung on commands and tests of others, by their names. `namespaces` serve variables `${name.rest}`: given
    the run and the rest, the value; None for what does not exist; a Namespace can do more. Who requires it gets those
    it `implies`.
    """

    name: str
    commands: Sequence[Command] = ()
    tests: Sequence[Test] = ()
    comparators: Sequence[Comparator] = ()
    match_types: Sequence[MatchType] = ()
    address_parts: Sequence[AddressPart] = ()
    modifiers: Sequence[Modifier] = ()
    namespaces: Mapping[str, Callable[[Run, str], str | None]] = field(default_factory=dict)
    tags: Mapping[str, Sequence[Tag]] = field(default_factory=dict)
    implies: Sequence[str] = ()


class Registry:
    """Extensions by name. A script sees only those that it requires, and that with the name ""."""

    def __init__(self, extensions: Iterable[Extension] = ()) -> None:
        self._extensions: dict[str, Extension] = {}
        for extension in extensions:
            self.add(extension)

    @classmethod
    def default(cls) -> Registry:
        """Every extension that comes with the engine."""
        # By its name: extensions know this module, and it does not know them.
        every: Iterable[Extension] = import_module("sieve.extensions").every()
        return cls(every)

    def add(self, extension: Extension) -> None:
        """One more, or another one of a name that is there."""
        self._extensions[extension.name] = extension

    def copy(self) -> Registry:
        """To be changed apart."""
        return Registry(self)

    def without(self, name: str) -> Registry:
        """A copy that does not know one extension."""
        return Registry(extension for extension in self if extension.name != name)

    def capabilities(self) -> list[str]:
        """What may be required, as ManageSieve tells it (RFC 5804, 1.7)."""
        return [name for name in self._extensions if name]

    def get(self, name: str) -> Extension | None:
        """The extension that `require` means."""
        return self._extensions.get(name)

    def __iter__(self) -> Iterator[Extension]:
        return iter(self._extensions.values())
