# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists that are kept outside of scripts (RFC 6134)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import unquote

from sieve.addresses import is_address
from sieve.matching import Matching, is_
from sieve.registry import STRING_LIST, Arg, Extension, MatchType, Tag, Test
from sieve.run import Arguments, Run
from sieve.services import ListMembers

_SIEVE = "urn:ietf:params:sieve:"
_BOOKS = f"{_SIEVE}addrbook:"
_DEFAULT = f"{_BOOKS}default"
_KEY = "extlists"


def on_list(run: Run, matching: Matching, value: str, key: str) -> Sequence[str] | None:
    """RFC 6134, 2.2. The value itself is `${0}`."""
    lists, name = run.delivery.services.lists, _find(run, key)
    return (value,) if lists is not None and name is not None and lists.contains(name, value) else None


def members(run: Run, key: str) -> Sequence[str]:
    """The addresses on a list (RFC 6134, 2.3). Raises SieveRuntimeError when they cannot be told."""
    lists, name = run.delivery.services.lists, _find(run, key)
    if name is None or not isinstance(lists, ListMembers):
        raise run.error(f"nobody can tell who is on the list {key!r}")
    found = lists.members(name)
    for one in found:
        if not is_address(one):
            raise run.error(f"{one!r} on the list {key!r} is no address")
    return found


def valid_ext_list(run: Run, arguments: Arguments) -> bool:
    """RFC 6134, 2.7: all of them."""
    known = _known(run)
    return all(absolute(key) in known for key in arguments["lists"])


def absolute(name: str) -> str:
    """RFC 6134, 2.5: without its shorthand, and the default address book in one spelling."""
    name = f"{_SIEVE}{name[1:]}" if name.startswith(":") else name
    if not name.lower().startswith(_BOOKS):
        return name
    book = unquote(name[len(_BOOKS) :])
    return f"{_BOOKS}{'default' if book.lower() == 'default' else book}"


def _find(run: Run, key: str) -> str | None:
    """As the service knows it. Raises SieveRuntimeError for a list that cannot be asked (RFC 6134, 2.2)."""
    name = absolute(key)
    found = _known(run).get(name)
    # RFC 6134, 2.5: where there is no address book, nobody is in it. Without the service that goes for every list.
    if found is None and name != _DEFAULT and run.delivery.services.lists is not None:
        raise run.error(f"there is no list {key!r}")
    return found


def _known(run: Run) -> Mapping[str, str]:
    lists = run.delivery.services.lists
    if _KEY not in run.state:
        run.state[_KEY] = {} if lists is None else {absolute(name): name for name in lists.names()}
    known: Mapping[str, str] = run.state[_KEY]
    return known


EXTENSIONS = [
    Extension(
        "extlists",
        tests=[Test("valid_ext_list", [Arg("lists", STRING_LIST)], run=valid_ext_list)],
        match_types=[MatchType("list", is_, compares=False, search=on_list)],
        tags={"redirect": [Tag("list")]},
    )
]
