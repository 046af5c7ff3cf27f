# SPDX-License-Identifier: GPL-3.0-or-later
"""What redirect asks of the next servers: reports (RFC 6009, 5) and a time (RFC 6009, 6)."""

from __future__ import annotations

from typing import TypedDict

from sieve import moments
from sieve.bound import Bound
from sieve.compiler import Compiler
from sieve.registry import NUMBER, STRING, Extension, Tag
from sieve.run import Arguments, Run

_NEVER, _EVENTS = "NEVER", ("SUCCESS", "FAILURE", "DELAY")
_RETURNS, _MODES = ("FULL", "HDRS"), ("notify", "return")


class Wishes(TypedDict):
    """Those fields of a Redirect. `by_time` is in seconds from now, and less than 0 when it is too late."""

    notify: str | None
    ret: str | None
    by_time: int | None
    by_mode: str | None
    by_trace: bool


def wishes(run: Run, arguments: Arguments) -> Wishes:
    """For redirect, when it runs."""
    notify, ret, mode = (arguments.get(name) for name in ("notify", "ret", "bymode"))
    if problem := _problem(notify, ret, mode):
        raise run.error(problem)
    return Wishes(
        notify=None if notify is None else ",".join(_words(notify)),
        ret=None if ret is None else ret.upper(),
        by_time=_seconds(run, arguments),
        by_mode=None if mode is None else mode.lower(),
        by_trace=bool(arguments.get("bytrace")),
    )


def check_wishes(bound: Bound, compiler: Compiler) -> None:
    """For redirect, when it is compiled."""
    given = {name: bound.literal(name) for name in ("notify", "ret", "bymode", _ABSOLUTE) if name in bound.given}
    problem = _problem(given.get("notify"), given.get("ret"), given.get("bymode"))
    time = given.get(_ABSOLUTE)
    if time is not None and moments.of_iso(time) is None:
        problem = problem or _wrong_time(time)
    if (_has(bound, "bymode") or _has(bound, "bytrace")) and not (_has(bound, _RELATIVE) or _has(bound, _ABSOLUTE)):
        problem = problem or f":bymode and :bytrace need :{_RELATIVE} or :{_ABSOLUTE}"
    if problem:
        compiler.problem(bound, problem)


def _has(bound: Bound, name: str) -> bool:
    return bound.given.get(name) is not None


def _problem(notify: str | None, ret: str | None, mode: str | None) -> str | None:
    """RFC 3461, 4.1 and 4.3; RFC 6009, 6."""
    if notify is not None:
        words = _words(notify)
        if words != [_NEVER] and not all(word in _EVENTS for word in words):
            return f"{notify!r} asks for no reports: {_NEVER}, or some of {', '.join(_EVENTS)}"
    if ret is not None and ret.upper() not in _RETURNS:
        return f":ret is {' or '.join(_RETURNS)}, not {ret!r}"
    if mode is not None and mode.lower() not in _MODES:
        return f":bymode is {' or '.join(_MODES)}, not {mode!r}"
    return None


def _words(notify: str) -> list[str]:
    return [word.strip().upper() for word in notify.split(",")]


def _seconds(run: Run, arguments: Arguments) -> int | None:
    time = arguments.get(_ABSOLUTE)
    if time is None:
        relative: int | None = arguments.get(_RELATIVE)
        return relative
    moment = moments.of_iso(time)
    if moment is None:
        raise run.error(_wrong_time(time))
    return int((moment - run.delivery.services.clock.now()).total_seconds())


def _wrong_time(time: str) -> str:
    return f"{time!r} is no point in time, such as 2010-10-25T22:00:00+02:00"


_RELATIVE, _ABSOLUTE = "bytimerelative", "bytimeabsolute"

EXTENSIONS = [
    Extension("redirect-dsn", tags={"redirect": [Tag("notify", STRING), Tag("ret", STRING)]}),
    Extension(
        "redirect-deliverby",
        tags={
            "redirect": [
                Tag(_RELATIVE, NUMBER, "time"),
                Tag(_ABSOLUTE, STRING, "time"),
                Tag("bymode", STRING),
                Tag("bytrace"),
            ]
        },
    ),
]
