# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports of abuse (vnd.dovecot.report, of Pigeonhole): an action of its own, as anybody's extension may have one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from sieve.actions import Action
from sieve.addresses import is_address
from sieve.answerable import owners
from sieve.bound import Bound
from sieve.compiler import Compiler
from sieve.composing import Entity, Mailbox, folded, message, multipart, people, plain, readable, unstructured, wire
from sieve.delivery import Delivery
from sieve.header import split
from sieve.registry import STRING, Arg, Command, Extension, Tag
from sieve.run import Arguments, Run
from sieve.services import Actuator

_TOKEN = re.compile(r"[!#$%&'*+.0-9A-Z^_`a-z{|}~-]+")


@dataclass(frozen=True, slots=True)
class Report(Action):
    """One goes to each address for each kind of feedback; the first counts."""

    name: ClassVar[str] = "report"

    feedback: str = ""
    text: str = ""
    address: str = ""
    headers_only: bool = False

    @property
    def cancels(self) -> bool:
        return False

    def same(self, other: Action) -> bool:
        if not isinstance(other, Report):
            return False
        return (other.feedback.lower(), other.address.lower()) == (self.feedback.lower(), self.address.lower())

    def perform(self, delivery: Delivery, actuator: Actuator) -> None:
        """From the null sender: nobody answers to it."""
        actuator.send(None, [self.address], composed(self, delivery))


def composed(report: Report, delivery: Delivery) -> bytes:
    """The letter (RFC 5965, 2)."""
    owner = next(iter(owners(delivery)), "")
    domain = owner.rpartition("@")[2] or "localhost"
    reported = report.message or delivery.message
    subject = next(iter(reported.headers("subject")), "")
    header = [
        people("From", [Mailbox("Mail filter", owner or f"postmaster@{domain}")]),
        people("To", [Mailbox("", report.address)]),
        unstructured("Subject", f"Report: {readable(subject)[:256]}".removesuffix(": ")),
        # RFC 3834, 5: so that no two robots talk to each other.
        "Auto-Submitted: auto-generated",
    ]
    octets = reported.bytes()
    original = (
        _entity("text/rfc822-headers", split(octets)[0]) if report.headers_only else _entity("message/rfc822", octets)
    )
    parts = [plain(report.text), _feedback(report, delivery), original]
    body = multipart("report; report-type=feedback-report", parts)
    return message(header, body, delivery.services.clock.now(), domain)


def _feedback(report: Report, delivery: Delivery) -> Entity:
    """RFC 5965, 3.1 and 3.2."""
    lines = [
        f"Feedback-Type: {report.feedback}",
        "User-Agent: ikserver-sieve/1",
        "Version: 1",
        f"Original-Mail-From: <{readable(delivery.envelope.sender or '')}>",
    ]
    return _entity("message/feedback-report", wire("\n".join(map(folded, lines))))


def _entity(kind: str, octets: bytes) -> Entity:
    encoding = [] if octets.isascii() else ["Content-Transfer-Encoding: 8bit"]
    return Entity([f"Content-Type: {kind}", *encoding], octets)


def report(run: Run, arguments: Arguments) -> None:
    """Never to the owner of the script: what comes back would be reported again."""
    feedback, address = arguments["feedback"], arguments["address"]
    if problem := _problem(feedback, address):
        raise run.error(problem)
    if address.lower() in map(str.lower, owners(run.delivery)):
        raise run.error("a report cannot go to the owner of the script")
    headers_only, copy = bool(arguments["headers_only"]), run.delivery.message.copy()
    run.add(Report(feedback, arguments["text"], address, headers_only, line=run.line, message=copy))


def _problem(feedback: str | None, address: str | None) -> str | None:
    if feedback is not None and not _TOKEN.fullmatch(feedback):
        return f"{feedback!r} is no kind of feedback: it is one word"
    return None if address is None or is_address(address) else f"{address!r} is no address"


def check_report(bound: Bound, compiler: Compiler) -> None:
    if problem := _problem(bound.literal("feedback"), bound.literal("address")):
        compiler.problem(bound, problem)


EXTENSIONS = [
    Extension(
        "vnd.dovecot.report",
        commands=[
            Command(
                "report",
                [Arg("feedback", STRING), Arg("text", STRING), Arg("address", STRING)],
                [Tag("headers_only")],
                check=check_report,
                run=report,
            )
        ],
    )
]
