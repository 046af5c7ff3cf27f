# SPDX-License-Identifier: GPL-3.0-or-later
"""The mail that brings a report (RFC 8460, 5.3), and its name as a file (RFC 8460, 5.1)."""

from __future__ import annotations

import base64
import gzip
from dataclasses import dataclass
from email.utils import formatdate

from protocols.tlsrpt.model import Report
from protocols.tlsrpt.report import to_json

MEDIA_TYPE = "application/tlsrpt+gzip"


@dataclass(frozen=True, slots=True)
class Envelope:
    """`domain` is what is reported on. `boundary` is like no other; `now` in seconds since the epoch."""

    domain: str
    to: str
    boundary: str
    now: float


def pack(report: Report) -> bytes:
    """The same octets whenever it is made."""
    return gzip.compress(to_json(report), mtime=report.end)


def file_name(report: Report, domain: str) -> str:
    """RFC 8460, 5.1."""
    unique, _, submitter = report.id.partition("@")
    return f"{submitter}!{domain}!{report.begin}!{report.end}!{unique}.json.gz"


def report_mail(report: Report, packed: bytes, envelope: Envelope) -> bytes:
    """In 7 bits, with CRLF. The id of the report is an address at the domain of its contact."""
    submitter = report.id.partition("@")[2]
    lines = [
        f"From: <{report.contact}>",
        f"To: <{envelope.to}>",
        f"Subject: Report Domain: {envelope.domain}\r\n Submitter: {submitter}\r\n Report-ID: <{report.id}>",
        f"Date: {formatdate(envelope.now)}",
        f"Message-ID: <{envelope.boundary.strip('=')}@{submitter}>",
        f"TLS-Report-Domain: {envelope.domain}",
        f"TLS-Report-Submitter: {submitter}",
        # RFC 8460, 5.3: it may be about the very policy that would hold it up (RFC 8689, 3).
        "TLS-Required: No",
        # RFC 3834, 5: nobody on holiday should answer.
        "Auto-Submitted: auto-generated",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/report; report-type="tlsrpt";\r\n boundary="{envelope.boundary}"',
        "",
        f"--{envelope.boundary}",
        "Content-Type: text/plain; charset=us-ascii",
        "",
        f"This is a report on TLS with the mail servers of {envelope.domain} from {submitter}.",
        "",
        f"--{envelope.boundary}",
        f"Content-Type: {MEDIA_TYPE}",
        f'Content-Disposition: attachment;\r\n filename="{file_name(report, envelope.domain)}"',
        "Content-Transfer-Encoding: base64",
        "",
        base64.encodebytes(packed).decode("ascii").replace("\n", "\r\n").rstrip(),
        f"--{envelope.boundary}--",
        "",
    ]
    return "\r\n".join(lines).encode("ascii")
