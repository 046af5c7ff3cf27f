# SPDX-License-Identifier: GPL-3.0-or-later
"""The envelope (RFC 5228, 5.4), and what DSN and Deliver-By add to it (RFC 6009, 3 and 4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from sieve import moments
from sieve.addresses import addresses, local_part
from sieve.bound import Bound
from sieve.compiler import Compiler
from sieve.delivery import Envelope
from sieve.extensions.date import ORIGINAL_ZONE, ZONE, check_zone, wanted_zone
from sieve.registry import ADDRESS_TAGS, MATCH_TAGS, STRING_LIST, Arg, Extension, Test
from sieve.run import Arguments, Run

ENVELOPE, DSN, DELIVER_BY = "envelope", "envelope-dsn", "envelope-deliverby"
_SENDER, _TIME = "from", "bytimeabsolute"


class Part(NamedTuple):
    """`extension` has to be required for it."""

    extension: str
    value: Callable[[Envelope], str | None]


_ADDRESSES: Mapping[str, Part] = {
    _SENDER: Part(ENVELOPE, lambda envelope: envelope.sender or ""),
    "to": Part(ENVELOPE, lambda envelope: envelope.recipient),
    # Pigeonhole has it too: who signed in to send the message (RFC 4954, 5).
    "auth": Part(ENVELOPE, lambda envelope: envelope.auth),
}
_PARAMETERS: Mapping[str, Part] = {
    "notify": Part(DSN, lambda envelope: envelope.notify),
    "orcpt": Part(DSN, lambda envelope: envelope.orcpt),
    "ret": Part(DSN, lambda envelope: envelope.ret),
    "envid": Part(DSN, lambda envelope: envelope.envid),
    _TIME: Part(DELIVER_BY, lambda envelope: envelope.by_time_absolute),
    "bytimerelative": Part(DELIVER_BY, lambda envelope: envelope.by_time_relative),
    "bymode": Part(DELIVER_BY, lambda envelope: envelope.by_mode),
    "bytrace": Part(DELIVER_BY, lambda envelope: envelope.by_trace),
}
PARTS = {**_ADDRESSES, **_PARAMETERS}


def envelope(run: Run, arguments: Arguments) -> bool:
    """RFC 5228, 5.4."""
    if run.delivery.event:
        # RFC 6785, 4.6
        raise run.error("there is no envelope but that of mail that arrives")
    return run.match(arguments, _values(run, arguments))


def _values(run: Run, arguments: Arguments) -> Iterator[str]:
    for name in map(str.lower, arguments["parts"]):
        part = PARTS.get(name)
        if part is None:
            raise run.error(_wrong_part(name))
        value = part.value(run.delivery.envelope)
        if value is None:
            continue
        if name in _ADDRESSES:
            yield from _address(run, arguments, name, value)
        elif name == "notify":
            # RFC 6009, 3: each of the keywords is a value of its own.
            yield from (word.strip() for word in value.split(","))
        else:
            yield _in_zone(run, arguments, value) if name == _TIME else value


def _address(run: Run, arguments: Arguments, name: str, path: str) -> Iterator[str]:
    address = _without_route(path)
    if not address:
        # The null sender is "" whatever the address part is; it does not count (RFC 5231, 4.2).
        if name == _SENDER and not (arguments.matching and arguments.matching.type.counts):
            yield ""
    elif arguments.part is None:
        yield address
    # RFC 5228, 2.7.4: what is no address has no parts. Some, like Postmaster, have no domain (RFC 5321, 4.1.1.3).
    elif "@" not in address or _has_parts(address):
        part = arguments.part.part(address, run.delivery.settings.recipient_delimiter)
        if part is not None:
            yield part


def _has_parts(address: str) -> bool:
    """One address, though its dots may stand where they should not (RFC 5322, 4.4)."""
    return [local_part(one) for one in addresses(address)] == [local_part(address)]


def _without_route(path: str) -> str:
    """The address of a path (RFC 5321, 4.1.2), without brackets; what is no path stays as it is."""
    path = path.strip()
    if path.startswith("<") and path.endswith(">"):
        path = path[1:-1].strip()
    return path.partition(":")[2].strip() if path.startswith("@") and ":" in path else path


def _in_zone(run: Run, arguments: Arguments, time: str) -> str:
    """RFC 6009, 4: as ISO 8601, in the zone that the test wants."""
    moment = moments.of_iso(time)
    if moment is not None and not arguments.get("originalzone"):
        moment = moments.shifted(moment, wanted_zone(run, arguments))
    return time if moment is None else moments.iso(moment)


def check_envelope(bound: Bound, compiler: Compiler) -> None:
    """What the envelope does not have is an error (RFC 5228, 5.4)."""
    for name in bound.literals("parts"):
        part = PARTS.get(name.lower())
        if part is None:
            compiler.problem(bound, _wrong_part(name))
        elif not compiler.requires(part.extension):
            compiler.problem(bound, f'{_wrong_part(name)}; it needs: require "{part.extension}"')
    if "zone" in bound.given:
        check_zone(bound, compiler)


def _wrong_part(name: str) -> str:
    return f"the envelope has no part {name!r}"


EXTENSIONS = [
    Extension(
        ENVELOPE,
        tests=[
            Test(
                "envelope",
                [Arg("parts", STRING_LIST), Arg("keys", STRING_LIST)],
                [MATCH_TAGS, ADDRESS_TAGS],
                check=check_envelope,
                run=envelope,
            )
        ],
    ),
    Extension(DSN),
    Extension(DELIVER_BY, tags={"envelope": [ZONE, ORIGINAL_ZONE]}),
]
