# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a script runs (RFC 5183), and the same as variables (vnd.dovecot.environment, of Pigeonhole)."""

from __future__ import annotations

from sieve.delivery import EVENT_ITEMS
from sieve.registry import MATCH_TAGS, STRING, STRING_LIST, Arg, Extension, Test
from sieve.run import Arguments, Run

_ITEMS = {
    "name": "ikserver sieve",
    "location": "MDA",
    "phase": "during",
    "vnd.dovecot.default-mailbox": "INBOX",
    **dict.fromkeys(EVENT_ITEMS, ""),
}
"""What is so when nobody says otherwise: `Delivery.environment` may."""
_ITEMS_AT_EVENTS = {**_ITEMS, "location": "MS", "phase": "post"}
"""RFC 6785, 4.1."""


def item(run: Run, name: str) -> str | None:
    """RFC 5183, 4.1. None for what does not exist; the empty string is only not known."""
    given, lower = run.delivery.environment, name.lower()
    known = _ITEMS_AT_EVENTS if run.delivery.event else _ITEMS
    return given.get(name, given.get(lower, known.get(lower)))


def environment(run: Run, arguments: Arguments) -> bool:
    """RFC 5183, 4. What does not exist matches nothing; an empty string counts as none."""
    value = item(run, arguments["name"])
    if value is None:
        return False
    counts = arguments.matching is not None and arguments.matching.type.counts
    return run.match(arguments, [] if counts and not value else [value])


def variable(run: Run, name: str) -> str | None:
    """`${env.vnd.dovecot.default_mailbox}`: names of variables have no hyphens, so underscores stand for them."""
    return next((value for one in (name, name.replace("_", "-")) if (value := item(run, one)) is not None), None)


EXTENSIONS = [
    Extension(
        "environment",
        tests=[Test("environment", [Arg("name", STRING), Arg("keys", STRING_LIST)], [MATCH_TAGS], run=environment)],
    ),
    Extension("vnd.dovecot.environment", namespaces={"env": variable}, implies=["environment"]),
]
