# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists outside of scripts (RFC 6134)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from sieve import Services, Settings, SieveRuntimeError, SieveSyntaxError, compile
from sieve.actions import Redirect, Store
from tests.sieve.running import decide, holds

FRIENDS = "tag:example.com,2010-05-28:mylist"


class Lists:
    """Lists that know who is on them, and do not tell."""

    def __init__(self, lists: Mapping[str, Sequence[str]]) -> None:
        self._lists = lists

    def names(self) -> Sequence[str]:
        return list(self._lists)

    def contains(self, list: str, value: str) -> bool:
        return value.lower() in self._lists[list]


class Telling(Lists):
    def members(self, list: str) -> Sequence[str]:
        return self._lists[list]


KNOWN = {":addrbook:default": ["coyote@desert.example.org"], FRIENDS: ["a@example.com", "b@example.com"]}


def listed(test: str, require: str = "extlists") -> bool:
    return holds(test, require=require, services=Services(lists=Lists(KNOWN)))


@pytest.mark.parametrize(
    "name",
    [
        ":addrbook:default",
        ":ADDRBOOK:DEFAULT",
        ":aDdRbOOk:DeFauLt",
        ":AddrBook:%44%65%66ault",
        "urn:ietf:params:sieve:addrbook:default",
    ],
)
def test_the_default_address_book_has_many_names(name: str) -> None:
    # RFC 6134, 2.5
    assert listed(f'address :list "from" "{name}"')
    assert listed(f'valid_ext_list "{name}"')
    assert not listed(f'address :list "to" "{name}"')


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        (f'address :list "from" ["{FRIENDS}", ":addrbook:default"]', True),
        (f'address :list "from" "{FRIENDS}"', False),
        (f'header :list ["x-nothing", "from"] "{FRIENDS}"', False),
        (f'valid_ext_list ["{FRIENDS}", ":addrbook:default"]', True),
        (f'valid_ext_list ["{FRIENDS}", "tag:example.com,2010-05-28:other"]', False),
        ('valid_ext_list ":addrbook:Personal"', False),
    ],
)
def test_lists(test: str, expected: bool) -> None:
    assert listed(test) is expected


def test_what_matched_is_a_match_variable() -> None:
    # RFC 6134, 2.2 and 2.9.4
    script = f"""
        require ["variables", "extlists", "fileinto"];
        set "who" "B";
        if string :list "${{who}}@example.com" "{FRIENDS}" {{ fileinto "${{0}}"; }}
    """
    (action,) = decide(script, services=Services(lists=Lists(KNOWN))).actions
    assert isinstance(action, Store)
    assert action.mailbox == "B@example.com"


def test_a_list_that_there_is_not_is_an_error() -> None:
    with pytest.raises(SieveRuntimeError, match="there is no list 'tag:other'"):
        listed('header :list "from" "tag:other"')


def test_without_an_address_book_nobody_is_in_it() -> None:
    # RFC 6134, 2.5
    services = Services(lists=Lists({}))
    assert not holds('address :list "from" ":addrbook:default"', require="extlists", services=services)


def test_without_the_service_nobody_is_on_a_list() -> None:
    assert not holds('address :list "from" "tag:other"', require="extlists")
    assert not holds('valid_ext_list ":addrbook:default"', require="extlists")


@pytest.mark.parametrize(
    ("test", "message"),
    [
        ('header :list :comparator "i;octet" "from" "tag:a"', ":list has no comparator"),
        ('header :list :is "from" "tag:a"', ":is cannot stand beside :list"),
        ('exists :list "from"', "exists has no argument :list"),
    ],
)
def test_what_is_wrong_is_known_before_the_script_runs(test: str, message: str) -> None:
    with pytest.raises(SieveSyntaxError, match=message):
        compile(f'require "extlists"; if {test} {{ stop; }}')


REDIRECT = f'require ["extlists", "copy"]; redirect :list "{FRIENDS}";'


def test_a_message_goes_to_everybody_on_a_list() -> None:
    # RFC 6134, 2.3
    result = decide(REDIRECT, services=Services(lists=Telling(KNOWN)))
    assert [action.address for action in result.actions if isinstance(action, Redirect)] == KNOWN[FRIENDS]
    assert not result.implicit_keep


def test_it_goes_to_no_more_than_the_operator_allows() -> None:
    with pytest.raises(SieveRuntimeError, match="too many redirects"):
        decide(REDIRECT, services=Services(lists=Telling(KNOWN)), settings=Settings(max_redirects=1))


def test_it_stays_when_nobody_is_on_the_list() -> None:
    assert decide(REDIRECT, services=Services(lists=Telling({FRIENDS: []}))).implicit_keep


@pytest.mark.parametrize("lists", [None, Lists(KNOWN), Telling({FRIENDS: ["4f:1a"]})])
def test_a_list_that_does_not_tell_addresses_is_an_error(lists: Lists | None) -> None:
    with pytest.raises(SieveRuntimeError, match=r"nobody can tell who is on the list|is no address"):
        decide(REDIRECT, services=Services(lists=lists))


def test_without_the_tag_an_address_is_an_address() -> None:
    with pytest.raises(SieveSyntaxError, match="is no address"):
        compile(REDIRECT.replace(" :list", ""))
