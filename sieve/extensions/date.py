# SPDX-License-Identifier: GPL-3.0-or-later
"""Dates in header fields, and now (RFC 5260, 4 and 5)."""

from __future__ import annotations

from datetime import datetime, tzinfo

from sieve import moments
from sieve.bound import Bound
from sieve.compiler import Compiler
from sieve.looking import chosen
from sieve.registry import MATCH_TAGS, STRING, STRING_LIST, Arg, Extension, Tag, Test
from sieve.run import Arguments, Run

ZONE, ORIGINAL_ZONE = Tag("zone", STRING, "zone"), Tag("originalzone", group="zone")
_NOW = "now"


def date(run: Run, arguments: Arguments) -> bool:
    """RFC 5260, 4: what is no date matches nothing."""
    fields = chosen(run.delivery.message.headers(arguments["header"]), arguments)
    found = next((moments.of_field(value) for value in fields), None)
    if found is not None and not arguments["originalzone"]:
        found = moments.shifted(found, wanted_zone(run, arguments))
    return _matches(run, arguments, found)


def currentdate(run: Run, arguments: Arguments) -> bool:
    """RFC 5260, 5."""
    return _matches(run, arguments, moments.shifted(now(run), wanted_zone(run, arguments)))


def now(run: Run) -> datetime:
    """The same point in time for all of a script (RFC 5260, 5)."""
    moment = run.state.get(_NOW)
    if moment is None:
        moment = run.state[_NOW] = run.delivery.services.clock.now()
    return moment


def wanted_zone(run: Run, arguments: Arguments) -> tzinfo | None:
    """That of `:zone`, or else of the clock (RFC 5260, 4.1)."""
    wanted = arguments.get("zone")
    if wanted is None:
        return now(run).tzinfo
    zone = moments.zone(wanted)
    if zone is None:
        raise run.error(_wrong_zone(wanted))
    return zone


def _matches(run: Run, arguments: Arguments, moment: datetime | None) -> bool:
    name = arguments["part"]
    part = moments.PARTS.get(name.lower())
    if part is None:
        raise run.error(_wrong_part(name))
    return run.match(arguments, [] if moment is None else [part(moment)])


def check_zone(bound: Bound, compiler: Compiler) -> None:
    """For the tests that have :zone."""
    zone = bound.literal("zone")
    if zone is not None and moments.zone(zone) is None:
        compiler.problem(bound, _wrong_zone(zone))


def check_date(bound: Bound, compiler: Compiler) -> None:
    """RFC 5260, 4.1 and 4.2."""
    check_zone(bound, compiler)
    part = bound.literal("part")
    if part is not None and part.lower() not in moments.PARTS:
        compiler.problem(bound, _wrong_part(part))


def _wrong_zone(zone: str) -> str:
    return f"{zone!r} is no offset of a time zone, such as +0130"


def _wrong_part(part: str) -> str:
    return f"a date has no part {part!r}; it has {', '.join(moments.PARTS)}"


_PART, _KEYS = Arg("part", STRING), Arg("keys", STRING_LIST)

EXTENSIONS = [
    Extension(
        "date",
        tests=[
            Test(
                "date",
                [Arg("header", STRING), _PART, _KEYS],
                [ZONE, ORIGINAL_ZONE, MATCH_TAGS],
                check=check_date,
                run=date,
            ),
            Test("currentdate", [_PART, _KEYS], [ZONE, MATCH_TAGS], check=check_date, run=currentdate),
        ],
    )
]
