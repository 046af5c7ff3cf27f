# SPDX-License-Identifier: GPL-3.0-or-later
"""What every script may use without `require` (RFC 5228)."""

from __future__ import annotations

from collections.abc import Sequence

from sieve.actions import Discard, Keep, Redirect
from sieve.addresses import addresses, local_part, outbound
from sieve.bound import Bound
from sieve.compiler import Compiler
from sieve.extensions.extlists import members
from sieve.extensions.redirect import check_wishes, wishes
from sieve.flags import given_flags
from sieve.looking import headers, values
from sieve.matching import ASCII_CASEMAP, OCTET, contains, is_, matches, prepare_contains, prepare_is
from sieve.registry import (
    ADDRESS_TAGS,
    MATCH_TAGS,
    NUMBER,
    STRING,
    STRING_LIST,
    AddressPart,
    Arg,
    Command,
    Extension,
    MatchType,
    Tag,
    Test,
)
from sieve.run import Arguments, Run

KEYS = Arg("keys", STRING_LIST)


def keep(run: Run, arguments: Arguments) -> None:
    """RFC 5228, 4.3."""
    message = run.delivery.message.copy()
    run.add(Keep(given_flags(arguments, message.flags), line=run.line, message=message))


def discard(run: Run, arguments: Arguments) -> None:
    """RFC 5228, 4.4."""
    run.add(Discard(line=run.line))


def stop(run: Run, arguments: Arguments) -> None:
    """RFC 5228, 3.3."""
    run.stop()


def redirect(run: Run, arguments: Arguments) -> None:
    """RFC 5228, 4.2."""
    copy, message = bool(arguments.get("copy")), run.delivery.message.unenclosed.copy()
    for address in _targets(run, arguments):
        run.add(Redirect(address, **wishes(run, arguments), line=run.line, copy=copy, message=message))


def _targets(run: Run, arguments: Arguments) -> Sequence[str]:
    address = arguments["address"]
    if arguments.get("list"):
        return members(run, address)
    target = outbound(address)
    if target is None:
        raise run.error(f"{address!r} is no address")
    return [target]


def check_redirect(bound: Bound, compiler: Compiler) -> None:
    address = bound.literal("address")
    if address is not None and outbound(address) is None and bound.given.get("list") is None:
        compiler.problem(bound, f"{address!r} is no address")
    check_wishes(bound, compiler)


def header(run: Run, arguments: Arguments) -> bool:
    """RFC 5228, 5.7."""
    return run.match(arguments, values(run, arguments))


def address(run: Run, arguments: Arguments) -> bool:
    """RFC 5228, 5.1."""
    return run.match(arguments, _parts(run, arguments))


def _parts(run: Run, arguments: Arguments) -> list[str]:
    # RFC 2047, 6.2: encoded words are no part of the syntax of addresses.
    fields = values(run, arguments, decode=False)
    if arguments.part is None:
        # RFC 5228, 2.7.4: what is no address has no parts, and is matched as a whole.
        return [one for value in fields for one in addresses(value) or (value,)]
    part, delimiter = arguments.part.part, run.delivery.settings.recipient_delimiter
    found = [part(one, delimiter) for value in fields for one in addresses(value)]
    return [one for one in found if one is not None]


def exists(run: Run, arguments: Arguments) -> bool:
    """RFC 5228, 5.5: all of them."""
    looked_at = list(headers(run, arguments))
    return all(any(header.has(name) for header in looked_at) for name in arguments["headers"])


def size(run: Run, arguments: Arguments) -> bool:
    """RFC 5228, 5.9."""
    octets, limit = run.delivery.message.size, arguments["limit"]
    return bool(octets > limit if arguments["over"] else octets < limit)


def check_size(bound: Bound, compiler: Compiler) -> None:
    if not (bound.has("over") or bound.has("under")):
        compiler.problem(bound, "size needs :over or :under")


def check_headers(bound: Bound, compiler: Compiler) -> None:
    """RFC 5228, 2.4.2.2: names have no colons and no spaces; a wrong one is no error."""
    for name in bound.literals("headers"):
        if not name or not all("!" <= character <= "~" and character != ":" for character in name):
            compiler.warn(bound, f"{name!r} is no name of a header field")


def domain_part(address: str, delimiter: str) -> str | None:
    """None where there is none."""
    _, at, domain = address.rpartition("@")
    return domain if at and domain else None


EXTENSIONS = [
    Extension(
        "",
        commands=[
            Command("keep", run=keep),
            Command("discard", run=discard),
            Command("stop", run=stop),
            Command("redirect", [Arg("address", STRING)], check=check_redirect, run=redirect),
        ],
        tests=[
            Test("true", run=lambda run, arguments: True),
            Test("false", run=lambda run, arguments: False),
            Test("not", tests=1),
            Test("allof", tests="many"),
            Test("anyof", tests="many"),
            Test("header", [Arg("headers", STRING_LIST), KEYS], [MATCH_TAGS], check=check_headers, run=header),
            Test(
                "address",
                [Arg("headers", STRING_LIST), KEYS],
                [MATCH_TAGS, ADDRESS_TAGS],
                check=check_headers,
                run=address,
            ),
            Test("exists", [Arg("headers", STRING_LIST)], check=check_headers, run=exists),
            Test(
                "size",
                [Arg("limit", NUMBER)],
                [Tag("over", group="size"), Tag("under", group="size")],
                check=check_size,
                run=size,
            ),
        ],
        comparators=[OCTET, ASCII_CASEMAP],
        match_types=[
            MatchType("is", is_, prepare=prepare_is),
            MatchType("contains", contains, needs_parts=True, prepare=prepare_contains),
            MatchType("matches", matches, needs_parts=True),
        ],
        address_parts=[
            AddressPart("all", lambda address, delimiter: address),
            AddressPart("localpart", lambda address, delimiter: local_part(address)),
            AddressPart("domain", domain_part),
        ],
    ),
    # RFC 5228, 2.7.3: these may be required, and need not.
    Extension("comparator-i;octet"),
    Extension("comparator-i;ascii-casemap"),
]
