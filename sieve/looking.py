# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the tests of header fields look: at the message, or at parts of it (RFC 5703, 4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from sieve.header import Header
from sieve.mime import Part, Path
from sieve.parameters import disposition, media_type, parameters
from sieve.run import Arguments, Run

LOOPS = "foreverypart"
TYPE, SUBTYPE, CONTENT_TYPE, PARAM = "type", "subtype", "contenttype", "param"

_Field = TypeVar("_Field")


@dataclass(slots=True)
class Loop:
    """A foreverypart that runs: where it is, and where it still goes, the next one last (RFC 5703, 3)."""

    name: str | None
    ahead: list[Path]
    path: Path = ()

    def skip(self, gone: Path) -> None:
        """Go no more into a part."""
        self.ahead = [path for path in self.ahead if path[: len(gone)] != gone or path == gone]

    def sink(self, around: Path) -> None:
        """The message is now that part of another one."""
        self.ahead = [around + path for path in self.ahead]
        self.path = around + self.path


def loops(run: Run) -> list[Loop]:
    """Those that run now, the innermost last."""
    found: list[Loop] = run.state.setdefault(LOOPS, [])
    return found


def current(run: Run) -> Part:
    """The part that the innermost loop is at; outside of loops the whole message."""
    inside = loops(run)
    root = run.delivery.message.root
    # Where there is nothing any more, there are no parts in it either, and the whole message is the last resort.
    return (root.at(inside[-1].path) if inside else None) or root


def headers(run: Run, arguments: Arguments) -> Iterable[Header]:
    """RFC 5703, 4.1: without `:mime` only the message counts, in a loop as well."""
    message = run.delivery.message
    if not arguments.get("mime"):
        return (message.header,)
    part = current(run)
    if not arguments.get("anychild"):
        return (message.header_of(part),)
    run.spend(len(part.every))
    return map(message.header_of, part.every)


def values(run: Run, arguments: Arguments, *, decode: bool = True) -> Iterable[str]:
    """What is in the fields "headers". `decode` False leaves encoded words as they are."""
    if arguments.get("mime") is None and arguments.get("index") is None:
        # Nearly all tests of nearly all scripts.
        header = run.delivery.message.header
        read = header.values if decode else header.undecoded
        names = arguments["headers"]
        return read(names[0]) if len(names) == 1 else [value for name in names for value in read(name)]
    option = next((option for option in (TYPE, SUBTYPE, CONTENT_TYPE, PARAM) if arguments.get(option)), None)
    # RFC 5260, 6: the fields of all names are counted, in the order of the names.
    fields = chosen(_fields(run, arguments, decode and option is None), arguments)
    if option is None:
        return (value for _, value in fields)
    return (one for name, value in fields for one in _aspect(option, name, value, arguments))


def _fields(run: Run, arguments: Arguments, decode: bool) -> Iterator[tuple[str, str]]:
    """Names in lower case, and values."""
    for header in headers(run, arguments):
        for name in arguments["headers"]:
            for value in header.values(name) if decode else header.undecoded(name):
                yield name.lower(), value


def chosen(fields: Iterable[_Field], arguments: Arguments) -> Iterable[_Field]:
    """The field that `:index` counts, from 1 and with `:last` from the end; all of them without it (RFC 5260, 6)."""
    index = arguments.get("index")
    if index is None:
        return fields
    if not arguments["last"]:
        return islice(fields, index - 1, index) if index else ()
    every = list(fields)
    return every[-index : len(every) - index + 1] if 0 < index <= len(every) else ()


def _aspect(option: str, name: str, value: str, arguments: Arguments) -> Iterator[str]:
    """RFC 5703, 4.1: what a structured field says; nothing where it cannot be understood."""
    if option == PARAM:
        known = parameters(value)
        yield from [known[wanted] for wanted in map(str.lower, arguments[PARAM]) if wanted in known]
    elif name == "content-type":
        if kind := media_type(value):
            yield {TYPE: kind[0], SUBTYPE: kind[1], CONTENT_TYPE: "/".join(kind)}[option]
    elif name == "content-disposition" and option != SUBTYPE:
        if word := disposition(value):
            yield word
    else:
        yield ""
