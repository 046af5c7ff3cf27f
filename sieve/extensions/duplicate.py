# SPDX-License-Identifier: GPL-3.0-or-later
"""Was this message here before (RFC 7352)?"""

from __future__ import annotations

from hashlib import sha256

from sieve.bound import Bound
from sieve.compiler import Compiler
from sieve.registry import NUMBER, STRING, Extension, Tag, Test
from sieve.run import Arguments, Run

_KEY = "duplicate"


def duplicate(run: Run, arguments: Arguments) -> bool:
    """RFC 7352, 3. The same question has the same answer all through a script, whatever is remembered meanwhile."""
    identifier, seconds = _identifier(run, arguments), _seconds(run, arguments["seconds"])
    duplicates = run.delivery.services.duplicates
    if identifier is None or seconds == 0 or duplicates is None:
        return False
    answers: dict[tuple[str, int, bool], bool] = run.state.setdefault(_KEY, {})
    question = key(arguments["handle"], identifier), seconds, bool(arguments["last"])
    if question not in answers:
        answers[question] = duplicates.seen(*question)
    return answers[question]


def key(handle: str | None, identifier: str) -> str:
    """What is remembered of a message (RFC 7352, 3.2): nothing that could be read, and of one length."""
    names = [identifier] if handle is None else [identifier, handle]
    return sha256(b"".join(sha256(name.encode("utf-8", "surrogateescape")).digest() for name in names)).hexdigest()


def _identifier(run: Run, arguments: Arguments) -> str | None:
    """RFC 7352, 3.1: of several fields the first. A name that no field can have is no error, only not there."""
    if arguments["uniqueid"] is not None:
        unique: str = arguments["uniqueid"]
        return unique
    name = arguments["header"]
    values = run.delivery.message.headers("message-id" if name is None else name)
    # All that have an empty field would be the same message.
    return (values[0].strip() or None) if values else None


def _seconds(run: Run, seconds: int | None) -> int:
    """RFC 7352, 3.3."""
    settings = run.delivery.settings
    return min(settings.duplicate_default_seconds if seconds is None else seconds, settings.duplicate_max_seconds)


def check_duplicate(bound: Bound, compiler: Compiler) -> None:
    """RFC 7352, 3.4: not where a mailbox changes, only where mail arrives."""
    if compiler.requires("imapsieve"):
        compiler.problem(bound, "duplicate cannot go together with imapsieve")


EXTENSIONS = [
    Extension(
        "duplicate",
        tests=[
            Test(
                "duplicate",
                tags=[
                    Tag("handle", STRING),
                    Tag("header", STRING, group="identifier"),
                    Tag("uniqueid", STRING, group="identifier"),
                    Tag("seconds", NUMBER),
                    Tag("last"),
                ],
                check=check_duplicate,
                run=duplicate,
            )
        ],
    )
]
