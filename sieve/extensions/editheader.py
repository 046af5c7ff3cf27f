# SPDX-License-Identifier: GPL-3.0-or-later
"""Header fields come and go (RFC 5293). What the operator does not allow is passed over in silence (section 6)."""

from __future__ import annotations

import re

from sieve.bound import Bound
from sieve.compiler import Compiler
from sieve.composing import unstructured
from sieve.registry import MATCH_TAGS, NUMBER, STRING, STRING_LIST, Arg, Command, Extension, Tag
from sieve.run import Arguments, Run
from sieve.settings import Settings

_NAME = re.compile(r"[!-9;-~]+")
"""RFC 5322, 2.2."""
_ALWAYS = "subject"
_NEVER_DELETED = frozenset({"received", "auto-submitted"})
_LEAST_LIMIT = 998
"""RFC 5293, 4: a limit may not be lower."""


def addheader(run: Run, arguments: Arguments) -> None:
    """RFC 5293, 4."""
    name, value, settings = arguments["name"], arguments["value"], run.delivery.settings
    problem = _wrong_name(name) or _wrong_value(name, value, settings)
    if problem:
        raise run.error(problem)
    if _allowed(name, settings.editheader_forbid_add):
        run.delivery.message.add_header(name, value, bool(arguments["last"]))
        run.note(f"addheader {name}")


def deleteheader(run: Run, arguments: Arguments) -> None:
    """RFC 5293, 5."""
    name = arguments["name"]
    if problem := _wrong_name(name):
        raise run.error(problem)
    if not _allowed(name, run.delivery.settings.editheader_forbid_delete | _NEVER_DELETED):
        return

    def wanted(value: str) -> bool:
        return run.match(arguments, [value])

    match = None if arguments["keys"] is None else wanted
    if run.delivery.message.delete_header(name, arguments["index"], bool(arguments["last"]), match):
        run.note(f"deleteheader {name}")


def _allowed(name: str, forbidden: frozenset[str]) -> bool:
    """RFC 5293, 6: Subject always is."""
    return name.lower() == _ALWAYS or name.lower() not in {one.lower() for one in forbidden}


def _wrong_name(name: str) -> str | None:
    return None if _NAME.fullmatch(name) else f"{name!r} is no name of a header field"


def _wrong_value(name: str, value: str, settings: Settings) -> str | None:
    """RFC 5293, 4: what is no text of a field, and cannot be encoded as such."""
    if "\0" in value:
        return "a header field holds no NUL"
    limit = max(settings.editheader_max_header_size, _LEAST_LIMIT)
    return f"a header field has at most {limit} octets" if len(unstructured(name, value)) > limit else None


def check_addheader(bound: Bound, compiler: Compiler) -> None:
    name, value = bound.literal("name"), bound.literal("value")
    problem = _wrong_name(name) if name is not None else None
    if name is not None and value is not None:
        problem = problem or _wrong_value(name, value, compiler.settings)
    if problem:
        compiler.problem(bound, problem)


def check_deleteheader(bound: Bound, compiler: Compiler) -> None:
    name = bound.literal("name")
    if name is not None and (problem := _wrong_name(name)):
        compiler.problem(bound, problem)


EXTENSIONS = [
    Extension(
        "editheader",
        commands=[
            Command(
                "addheader",
                [Arg("name", STRING), Arg("value", STRING)],
                [Tag("last")],
                check=check_addheader,
                run=addheader,
            ),
            Command(
                "deleteheader",
                [Arg("name", STRING), Arg("keys", STRING_LIST, optional=True)],
                [Tag("index", NUMBER), Tag("last", needs="index"), MATCH_TAGS],
                check=check_deleteheader,
                run=deleteheader,
            ),
        ],
    )
]
