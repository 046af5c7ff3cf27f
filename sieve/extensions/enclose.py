# SPDX-License-Identifier: GPL-3.0-or-later
"""A new message around the one that came (RFC 5703, 6)."""

from __future__ import annotations

from collections.abc import Iterator
from email.utils import format_datetime
from hashlib import sha256

from sieve.composing import Mailbox, people, plain, unstructured
from sieve.header import Field
from sieve.looking import loops
from sieve.registry import STRING, STRING_LIST, Arg, Command, Extension, Tag
from sieve.run import Arguments, Run

OCTETS_A_STEP = 1_000
INSIDE = (1, 0)
"""The path of the message in the one around it: the second part is a message/rfc822, and it is what that holds."""
_DESCRIBING = ("content-", "mime-version")


def enclose(run: Run, arguments: Arguments) -> None:
    """Loops go on in the message that came."""
    message = run.delivery.message
    run.spend(len(message.bytes()) // OCTETS_A_STEP)
    run.delivery.message = message.enclosed(_header(run, arguments), plain(arguments["text"]))
    for loop in loops(run):
        loop.sink(INSIDE)
    run.note("enclose")


def _header(run: Run, arguments: Arguments) -> Iterator[Field]:
    """Fields that are asked for are copied; what a message must have is made up."""
    message = run.delivery.message
    wanted = {name.lower() for name in arguments["headers"] or () if not name.lower().startswith(_DESCRIBING)}
    subject = arguments["subject"]
    if subject is None:
        wanted.add("subject")
    else:
        wanted.discard("subject")
        yield Field.of(unstructured("Subject", subject))
    yield from (field for field in message.fields if field.name.lower() in wanted)
    yield from (Field.of(line) for line in _made(run) if line.partition(":")[0].lower() not in wanted)


def _made(run: Run) -> Iterator[str]:
    delivery = run.delivery
    owner = delivery.settings.user_email or delivery.envelope.recipient
    if owner:
        yield people("From", [Mailbox("", owner)])
    now = delivery.services.clock.now()
    yield f"Date: {format_datetime(now)}"
    digest = sha256(now.isoformat().encode() + delivery.message.bytes()).hexdigest()
    yield f"Message-ID: <{digest[:32]}@{(owner or '').rpartition('@')[2] or 'localhost'}>"


EXTENSIONS = [
    Extension(
        "enclose",
        commands=[
            Command(
                "enclose", [Arg("text", STRING)], [Tag("subject", STRING), Tag("headers", STRING_LIST)], run=enclose
            )
        ],
    )
]
