# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports on what became of a message (RFC 3464), inside multipart/report (RFC 6522, 3)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from enum import Enum

_HEX = re.compile(r"\+([0-9A-F]{2})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_WIDTH = 76


class Action(Enum):
    """RFC 3464, 2.3.3; `RELAYED`: to a server that sends no reports itself."""

    FAILED = "failed"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    RELAYED = "relayed"


@dataclass(frozen=True, slots=True)
class RecipientReport:
    """One recipient. `orcpt` as it was given (RFC 3461, 4.2); `remote` said `diagnostic`, or we did when it is "".

    `retry_until` is when a delayed message is given up, in seconds since the epoch, 0 without a meaning.
    """

    address: str
    orcpt: str
    status: str
    diagnostic: str
    remote: str
    attempted: float
    retry_until: float = 0


@dataclass(frozen=True, slots=True)
class Report:
    """What is told to `to`. `original` is the message, or its header only when not `whole`; `envid` as it was given.

    `boundary` must not occur in the original; `id` is for Message-ID. `hold` is how its sender asked for a later
    release (RFC 4865, 5.1.2), "" for at once.
    """

    host: str
    to: str
    action: Action
    recipients: Sequence[RecipientReport]
    arrived: float
    envid: str
    original: bytes
    whole: bool
    id: str
    boundary: str
    now: float
    hold: str = ""

    @property
    def subject(self) -> str:
        return _SUBJECTS[self.action]

    @property
    def author(self) -> str:
        return f"postmaster@{self.host}"

    @property
    def message_id(self) -> str:
        return f"<{self.id}@{self.host}>"


def xtext(value: str) -> str:
    """The text behind xtext (RFC 3461, 4)."""
    return _HEX.sub(lambda found: chr(int(found[1], 16)), value)


def render(report: Report) -> bytes:
    """The whole message."""
    parts = [_header(report), _part(report, "text/plain; charset=utf-8", _text(report).encode())]
    kind = "global-delivery-status" if _is_global(report) else "delivery-status"
    parts.append(_part(report, f"message/{kind}", _status(report)))
    parts.append(_part(report, _original_type(report), report.original))
    return b"".join([*parts, f"--{report.boundary}--\r\n".encode()])


_SUBJECTS = {
    Action.FAILED: "Undelivered mail returned to sender",
    Action.DELAYED: "Mail is delayed, still trying",
    Action.DELIVERED: "Mail was delivered",
    Action.RELAYED: "Mail was passed on",
}
_TEXTS = {
    Action.FAILED: "Your message could not be delivered to:",
    Action.DELAYED: "Your message could not be delivered yet. It is tried again, so there is no need to send it again:",
    Action.DELIVERED: "Your message was delivered to:",
    Action.RELAYED: "Your message was passed on to a server that sends no reports on what becomes of it, for:",
}


def _header(report: Report) -> bytes:
    lines = [
        f"From: Mail delivery at {report.host} <{report.author}>",
        f"To: <{report.to}>",
        f"Subject: {report.subject}",
        f"Date: {_date(report.now)}",
        f"Message-ID: {report.message_id}",
        # RFC 3834, 5: nobody answers this by a machine.
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary="{report.boundary}"',
    ]
    if not report.original.isascii() or not _status(report).isascii():
        lines.append("Content-Transfer-Encoding: 8bit")
    return "\r\n".join([*lines, "", ""]).encode()


def _text(report: Report) -> str:
    lines = [f"This is the mail server {report.host}.", "", _TEXTS[report.action], ""]
    for recipient in report.recipients:
        lines.append(f"  {recipient.address}")
        if report.action in (Action.FAILED, Action.DELAYED):
            who = f"{recipient.remote} said: " if recipient.remote else ""
            lines.append(f"    {who}{_clean(recipient.diagnostic)}")
        if recipient.retry_until:
            lines.append(f"    It is given up on {_date(recipient.retry_until)}.")
    end = "The message itself follows." if report.whole else "The header of the message follows."
    return "\r\n".join([*lines, "", end, ""])


def _status(report: Report) -> bytes:
    """RFC 3464, 2.2 and 2.3: fields of the message, and a group of fields a recipient."""
    lines = [f"Reporting-MTA: dns; {report.host}", f"Arrival-Date: {_date(report.arrived)}"]
    if report.envid:
        lines.insert(0, f"Original-Envelope-Id: {_clean(xtext(report.envid))}")
    if report.hold:
        lines.append(f"Future-Release-Request: {report.hold}")
    for recipient in report.recipients:
        lines += ["", *_recipient_status(report, recipient)]
    return "\r\n".join([*map(_folded, lines), ""]).encode()


def _recipient_status(report: Report, recipient: RecipientReport) -> list[str]:
    lines = []
    if recipient.orcpt:
        kind, _, address = recipient.orcpt.partition(";")
        lines.append(f"Original-Recipient: {kind};{_clean(xtext(address))}")
    # RFC 6533, 3: an address in another script has a type of its own.
    kind = "rfc822" if recipient.address.isascii() else "utf-8"
    lines += [
        f"Final-Recipient: {kind};{recipient.address}",
        f"Action: {report.action.value}",
        f"Status: {recipient.status}",
    ]
    if recipient.remote:
        lines += [f"Remote-MTA: dns; {recipient.remote}", f"Diagnostic-Code: smtp; {_clean(recipient.diagnostic)}"]
    lines.append(f"Last-Attempt-Date: {_date(recipient.attempted)}")
    if recipient.retry_until:
        lines.append(f"Will-Retry-Until: {_date(recipient.retry_until)}")
    return lines


def _original_type(report: Report) -> str:
    if report.whole:
        return "message/rfc822"
    return "text/rfc822-headers" if report.original.isascii() else "message/global-headers"


def _is_global(report: Report) -> bool:
    return not _status(report).isascii()


def _part(report: Report, kind: str, content: bytes) -> bytes:
    encoding = "" if content.isascii() else "Content-Transfer-Encoding: 8bit\r\n"
    end = b"" if content.endswith(b"\r\n") else b"\r\n"
    return f"--{report.boundary}\r\nContent-Type: {kind}\r\n{encoding}\r\n".encode() + content + end + b"\r\n"


def _folded(line: str) -> str:
    """RFC 5322, 2.2.3: long fields go on in the next line, at a space."""
    rows = []
    while len(line) > _WIDTH and (cut := line.rfind(" ", 1, _WIDTH)) > 0 and line[:cut].strip():
        rows.append(line[:cut])
        line = line[cut:]
    return "\r\n".join([*rows, line])


def _clean(text: str) -> str:
    return _CONTROL.sub(" ", text)


def _date(seconds: float) -> str:
    return format_datetime(datetime.fromtimestamp(int(seconds), UTC))
