# SPDX-License-Identifier: GPL-3.0-or-later
"""Notifications (RFC 5435) by mail (RFC 5436), or in ways that the operator adds."""

from __future__ import annotations

import re
from codecs import getincrementaldecoder
from urllib.parse import quote, unquote_to_bytes

from sieve.actions import Notify
from sieve.bound import Bound
from sieve.compiler import Compiler
from sieve.composing import mailbox_list
from sieve.extensions.fcc import check_fcc, fcc
from sieve.mailto import SCHEME as MAILTO
from sieve.mailto import MailtoError, parse
from sieve.notifying import scheme, what_is_wrong
from sieve.registry import MATCH_TAGS, STRING, STRING_LIST, Arg, Command, Extension, Modifier, Tag, Test
from sieve.run import Arguments, Run

_OPTION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*=[^\x00\n\r]*")
_BROKEN = re.compile(r"%[0-9A-F]?\Z")
_IMPORTANCE = ("1", "2", "3")


def notify(run: Run, arguments: Arguments) -> None:
    """RFC 5435, 3."""
    method, importance = arguments["method"], arguments["importance"] or "2"
    if problem := _problem(importance, arguments["options"] or ()) or what_is_wrong(method, run.delivery.services):
        raise run.error(problem)
    if scheme(method) == MAILTO:
        if problem := _wrong_author(arguments["from"]):
            raise run.error(problem)
    elif arguments.get("fcc") is not None:
        raise run.error(f"there is no copy of what goes to {method!r}")
    run.add(
        Notify(
            method,
            arguments["message"],
            arguments["from"],
            int(importance),
            tuple(arguments["options"] or ()),
            fcc(run, arguments),
            line=run.line,
            message=run.delivery.message.copy(),
        )
    )


def check_notify(bound: Bound, compiler: Compiler) -> None:
    """What is wrong with a URI of mail is known already; what other methods there are is not (RFC 5435, 3.2)."""
    problem = _problem(bound.literal("importance") or "2", bound.literals("options"))
    if problem is not None:
        compiler.problem(bound, problem)
    method = bound.literal("method")
    if method is not None and not scheme(method):
        compiler.problem(bound, f"{method!r} is no URI")
    elif method is not None and scheme(method) == MAILTO:
        _check_mailto(bound, compiler, method)
    check_fcc(bound, compiler)


def _check_mailto(bound: Bound, compiler: Compiler, method: str) -> None:
    try:
        if not parse(method).recipients:
            compiler.warn(bound, "nobody is notified: the URI has no address")
    except MailtoError as error:
        compiler.problem(bound, str(error))
    if problem := _wrong_author(bound.literal("from")):
        compiler.problem(bound, problem)


def _problem(importance: str, options: list[str] | tuple[str, ...]) -> str | None:
    """RFC 5435, 3.4 and 3.5."""
    if importance not in _IMPORTANCE:
        return f'an importance is "1", "2" or "3", not {importance!r}'
    wrong = [option for option in options if not _OPTION.fullmatch(option)]
    return f"{wrong[0]!r} is no option: name=value" if wrong else None


def _wrong_author(text: str | None) -> str | None:
    """RFC 5436, 2.3: one address, with or without a name."""
    return None if text is None or len(mailbox_list(text)) == 1 else f"{text!r} is no address"


def valid_notify_method(run: Run, arguments: Arguments) -> bool:
    """RFC 5435, 4: all of them."""
    return all(what_is_wrong(method, run.delivery.services) is None for method in arguments["methods"])


def notify_method_capability(run: Run, arguments: Arguments) -> bool:
    """RFC 5435, 5. Who reads mail now is not known (RFC 5436, 2.2); RFC 8580, 6.1 asks about copies."""
    method, capability = arguments["method"], arguments["capability"].lower()
    if what_is_wrong(method, run.delivery.services) is not None or capability not in ("online", "fcc"):
        return False
    by_mail = scheme(method) == MAILTO
    return run.match(arguments, ["maybe" if capability == "online" else "yes" if by_mail else "no"])


def encodeurl(text: str) -> str:
    """RFC 5435, 6: all but letters, digits and `-._~` becomes `%..`."""
    return quote(text.encode("utf-8", "surrogateescape"), safe="")


def whole_octets(text: str) -> str:
    """Without a character at the end that has lost some of its octets."""
    text = _BROKEN.sub("", text)
    decoder = getincrementaldecoder("utf-8")("surrogateescape")
    decoder.decode(unquote_to_bytes(text))
    pending, _ = decoder.getstate()
    return text[: len(text) - 3 * len(pending)]


EXTENSIONS = [
    Extension(
        "enotify",
        commands=[
            Command(
                "notify",
                [Arg("method", STRING)],
                [Tag("from", STRING), Tag("importance", STRING), Tag("options", STRING_LIST), Tag("message", STRING)],
                check=check_notify,
                run=notify,
            )
        ],
        tests=[
            Test("valid_notify_method", [Arg("methods", STRING_LIST)], run=valid_notify_method),
            Test(
                "notify_method_capability",
                [Arg("method", STRING), Arg("capability", STRING), Arg("keys", STRING_LIST)],
                [MATCH_TAGS],
                run=notify_method_capability,
            ),
        ],
        modifiers=[Modifier("encodeurl", 15, encodeurl, whole_octets)],
    )
]
