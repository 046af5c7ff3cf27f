# SPDX-License-Identifier: GPL-3.0-or-later
"""The mail that brings a report, or tells that it is too large to come (RFC 7489, 7.2.1.1 and 7.2.2)."""

from __future__ import annotations

import base64
import gzip
import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import formatdate

from protocols.dmarc.feedback import Feedback, Reporter
from protocols.dmarc.writing import to_xml

_NOT_PLAIN = re.compile(r"[^A-Za-z0-9.!#$%&'*+/=?^_`{|}~ -]")


@dataclass(frozen=True, slots=True)
class Envelope:
    """`id` and `boundary` are like no others; `now` in seconds since the epoch."""

    to: str
    id: str
    boundary: str
    now: float


def report_mail(feedback: Feedback, packed: bytes, envelope: Envelope) -> bytes:
    """In 7 bits, with CRLF. `packed` is what `pack` makes of the report."""
    kind = f'multipart/mixed; boundary="{envelope.boundary}"'
    file = f'filename="{feedback.file_name}"'
    lines = [
        *_head(feedback, f"Report Domain: {feedback.domain}", envelope, kind),
        f"--{envelope.boundary}",
        "Content-Type: text/plain; charset=us-ascii",
        "",
        f"This is a DMARC aggregate report on {feedback.domain} from {feedback.reporter.host}.",
        f"It counts {feedback.messages} messages.",
        "",
        f"--{envelope.boundary}",
        f'Content-Type: application/gzip;\r\n name="{feedback.file_name}"',
        f"Content-Disposition: attachment;\r\n {file}",
        "Content-Transfer-Encoding: base64",
        "",
        base64.encodebytes(packed).decode("ascii").replace("\n", "\r\n").rstrip(),
        f"--{envelope.boundary}--",
        "",
    ]
    return "\r\n".join(lines).encode("ascii")


def pack(feedback: Feedback) -> bytes:
    """The same octets whenever it is made."""
    return gzip.compress(to_xml(feedback), mtime=feedback.end)


def error_mail(feedback: Feedback, size: int, uris: Sequence[str], envelope: Envelope) -> bytes:
    """Tells that a report of `size` octets was larger than all of `uris` take."""
    lines = [
        *_head(feedback, f"Report Domain: {feedback.domain}", envelope, "text/plain; charset=us-ascii"),
        f"Report-Date: {formatdate(envelope.now)}",
        f"Report-Domain: {feedback.domain}",
        f"Report-ID: {feedback.id}",
        f"Report-Size: {size}",
        f"Submitter: {feedback.reporter.host}",
        f"Submitting-URI: {','.join(uris)}",
        "",
    ]
    return "\r\n".join(lines).encode("ascii")


def _head(feedback: Feedback, subject: str, envelope: Envelope, kind: str) -> list[str]:
    reporter = feedback.reporter
    return [
        f"From: {_display(reporter)}<{reporter.email}>",
        f"To: <{envelope.to}>",
        f"Subject: {subject}\r\n Submitter: {reporter.host}\r\n Report-ID: <{feedback.id}>",
        f"Date: {formatdate(envelope.now)}",
        f"Message-ID: <{envelope.id}@{reporter.host}>",
        # RFC 3834, 5: nobody on holiday should answer.
        "Auto-Submitted: auto-generated",
        "MIME-Version: 1.0",
        f"Content-Type: {kind}",
        "",
    ]


def _display(reporter: Reporter) -> str:
    """The organisation as a quoted string, if it is plain enough for one; the report itself has it whole."""
    plain = reporter.organisation and not _NOT_PLAIN.search(reporter.organisation)
    return f'"{reporter.organisation}" ' if plain else ""
