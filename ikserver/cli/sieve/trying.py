# SPDX-License-Identifier: GPL-3.0-or-later
"""`ikserver sieve check|run`: what is wrong with a script, and what it would do. Nothing is stored or sent."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from ikserver.app.scripts import registry, sieve_settings
from ikserver.cli.output import complain, show_json
from ikserver.cli.sieve.checking import checked, content_of
from ikserver.cli.verb import Subparsers, add_verb
from ikserver.settings import Settings
from sieve import Delivery, Envelope, Message, Result, SieveRuntimeError, SieveSyntaxError, compile
from sieve.actions import Action, Keep, Notify, Redirect, Reject, Store, Vacation
from sieve.errors import Problem

USUAL = Settings()
"""No server is asked for its own."""


def register(group: Subparsers) -> None:
    """Add the verbs."""
    check = add_verb(
        group,
        "check",
        run=_check,
        help="tell everything that is wrong with a script",
        example="ikserver sieve check main.sieve",
        json=True,
        place=False,
    )
    check.add_argument("file", help="the script; - for standard input")
    run = add_verb(
        group,
        "run",
        run=_run,
        help="tell what a script would do with a message",
        example="ikserver sieve run main.sieve message.eml --trace",
        json=True,
        place=False,
    )
    run.add_argument("file", help="the script; - for standard input")
    run.add_argument("message", type=Path, help="the message (RFC 5322)")
    run.add_argument("--from", dest="sender", metavar="ADDRESS", help="the sender of the envelope")
    run.add_argument("--to", dest="recipient", metavar="ADDRESS", help="the recipient of the envelope")
    run.add_argument("--trace", action="store_true", help="tell which line did what")


def _check(args: argparse.Namespace) -> int:
    try:
        warnings = compile(content_of(args.file), registry(), name=args.file, settings=sieve_settings(USUAL)).warnings
        errors: list[Problem] = []
    except SieveSyntaxError as error:
        warnings, errors = [], error.problems
    found = [(problem, "error") for problem in errors] + [(problem, "warning") for problem in warnings]
    if args.json:
        show_json(
            [{"line": one.line, "column": one.column, "kind": kind, "message": one.message} for one, kind in found]
        )
    else:
        for one, kind in found:
            print(f"{args.file}:{one.line}:{one.column}: {kind}: {one.message}")
    return 1 if errors else 0


def _run(args: argparse.Namespace) -> int:
    script = checked(args.file, content_of(args.file), {}, USUAL)
    delivery = Delivery(
        Message(args.message.read_bytes()), Envelope(args.sender, args.recipient), settings=sieve_settings(USUAL)
    )
    code = 0
    try:
        script.run(delivery)
    except SieveRuntimeError as error:
        complain(f"{args.file}: {error}")
        code = 1
    result = delivery.result
    if args.json:
        trace = [{"line": one.line, "what": one.what} for one in result.trace]
        actions = [{"line": line, "action": name, "what": what} for line, name, what in _told(result)]
        show_json({"actions": actions, **({"trace": trace} if args.trace else {})})
        return code
    if args.trace:
        for one in result.trace:
            print(f"line {one.line}: {one.what}")
    for line, name, what in _told(result):
        print(" ".join(filter(None, (name, what, f"(line {line})" if line else ""))))
    return code


def _told(result: Result) -> Iterator[tuple[int, str, str]]:
    """Line, name and object of each action; the implicit keep has no line."""
    for action in result.actions:
        yield action.line, action.name, _object(action)
    if result.implicit_keep and not any(isinstance(action, Keep) for action in result.actions):
        yield 0, "keep", ""


def _object(action: Action) -> str:
    match action:
        case Store():
            return " ".join([action.mailbox, *(action.flags or ())])
        case Keep():
            return " ".join(action.flags or ())
        case Redirect():
            return action.address
        case Reject() | Vacation():
            return " ".join(action.reason.split())[:60]
        case Notify():
            return action.method
        case _:
            return ""
