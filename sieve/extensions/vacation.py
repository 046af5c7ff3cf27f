# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers of somebody who is away (RFC 5230), and how often (RFC 6131)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sieve.actions import Vacation
from sieve.addresses import is_address
from sieve.bound import Bound
from sieve.compiler import Compiler
from sieve.composing import has_plain_header, mailbox_list
from sieve.extensions.fcc import check_fcc, fcc
from sieve.registry import NUMBER, STRING, STRING_LIST, Arg, Command, Extension, Tag
from sieve.run import Arguments, Run
from sieve.settings import Settings

DAY = 86_400
_WRONG_FROM = "is no list of addresses"
_WRONG_HEADER = "the header of a MIME entity is ASCII"


def vacation(run: Run, arguments: Arguments) -> None:
    """RFC 5230, 4."""
    from_, reason = arguments["from"], arguments["reason"]
    if from_ is not None and not mailbox_list(from_):
        raise run.error(f"{from_!r} {_WRONG_FROM}")
    if arguments["mime"] and not has_plain_header(reason):
        raise run.error(_WRONG_HEADER)
    run.add(
        Vacation(
            reason,
            arguments["subject"],
            from_,
            tuple(arguments["addresses"] or ()),
            bool(arguments["mime"]),
            arguments["handle"],
            effective(arguments["days"], arguments.get("seconds"), run.delivery.settings),
            fcc(run, arguments),
            identity(arguments.written),
            line=run.line,
            message=run.delivery.message.copy(),
        )
    )


def identity(written: Mapping[str, Any]) -> str:
    """What makes it the same answer: the handle or all that is in it, variables not expanded (RFC 5230, 4.2)."""
    whole = [written[name] for name in ("reason", "subject", "from", "mime")]
    return json.dumps(whole if written["handle"] is None else written["handle"])


def effective(days: int | None, seconds: int | None, settings: Settings) -> int:
    """How long nobody gets a second answer, within the operator's limits (RFC 5230, 4.1; RFC 6131, 2)."""
    least, most = settings.vacation_min_seconds, settings.vacation_max_seconds
    if seconds is None:
        # Only :seconds may be 0.
        seconds = settings.vacation_default_seconds if days is None else max(days, 1) * DAY
    seconds = max(seconds, least)
    return seconds if most is None else min(seconds, most)


def check_vacation(bound: Bound, compiler: Compiler) -> None:
    """RFC 5230, 4.3 and 5; what goes beyond the operator's limits is told."""
    from_, reason = bound.literal("from"), bound.literal("reason")
    if from_ is not None and not mailbox_list(from_):
        compiler.problem(bound, f"{from_!r} {_WRONG_FROM}")
    if bound.has("mime") and reason is not None and not has_plain_header(reason):
        compiler.problem(bound, _WRONG_HEADER)
    for address in bound.literals("addresses"):
        if not is_address(address):
            compiler.warn(bound, f"{address!r} is no address, so no message names it")
    days = bound.number("days")
    seconds = bound.number("seconds") if "seconds" in bound.given else None
    wanted = seconds if days is None else days * DAY
    allowed = effective(days, seconds, compiler.settings)
    if wanted is not None and wanted != allowed:
        compiler.warn(bound, f"the time between two answers to the same sender becomes {allowed} seconds")
    check_fcc(bound, compiler)


EXTENSIONS = [
    Extension(
        "vacation",
        commands=[
            Command(
                "vacation",
                [Arg("reason", STRING)],
                [
                    Tag("days", NUMBER, "time"),
                    Tag("subject", STRING),
                    Tag("from", STRING),
                    Tag("addresses", STRING_LIST),
                    Tag("mime"),
                    Tag("handle", STRING),
                ],
                check=check_vacation,
                run=vacation,
            )
        ],
    ),
    # RFC 6131, 2: of the two only one may be given.
    Extension("vacation-seconds", tags={"vacation": [Tag("seconds", NUMBER, "time")]}, implies=["vacation"]),
]
