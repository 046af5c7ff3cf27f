# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports as JSON (RFC 8460, 4.4): written as ours are, read as others send them."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from typing import Any

from protocols.tlsrpt.model import Applied, Failure, Kind, Report, Summary

MAX_JSON = 20_000_000
"""Octets of an unpacked report."""
MAX_TEXT = 1_000
_TYPES = {
    "application/tlsrpt+gzip",
    "application/tlsrpt+json",
    "application/gzip",
    "application/json",
    "application/octet-stream",
}


class BadReport(Exception):
    """It is not a report that can be read."""


def to_json(report: Report) -> bytes:
    """A report as it is sent, but for the packing."""
    document = {
        "organization-name": report.organisation,
        "date-range": {"start-datetime": _time(report.begin), "end-datetime": _time(report.end)},
        "contact-info": report.contact,
        "report-id": report.id,
        "policies": [_summary(summary) for summary in report.summaries],
    }
    return json.dumps(document, indent=1).encode()


def parse_report(text: bytes) -> Report:
    """Raises BadReport."""
    try:
        given = json.loads(text)
        dates = given["date-range"]
        return Report(
            organisation=_text(given["organization-name"]),
            contact=_text(given.get("contact-info")),
            id=_text(given["report-id"]),
            begin=_seconds(dates["start-datetime"]),
            end=_seconds(dates["end-datetime"]),
            summaries=tuple(_read_summary(each) for each in given["policies"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError, OverflowError) as error:
        raise BadReport(f"not a report: {error}") from error


def unpacked(data: bytes) -> bytes:
    """The JSON of a report that comes bare or by gzip (RFC 8460, 5.2). Raises BadReport."""
    if data.startswith(b"\x1f\x8b"):
        try:
            # 16 + 15: gzip with the largest window.
            data = zlib.decompressobj(31).decompress(data, MAX_JSON + 1)
        except zlib.error as error:
            raise BadReport("cannot be unpacked") from error
    if len(data) > MAX_JSON:
        raise BadReport("too large")
    return data


def reports_in(message: bytes) -> Iterator[Report]:
    """The reports that a mail brings; those that cannot be read are passed over."""
    for part in message_from_bytes(message).walk():
        if part.get_content_type() in _TYPES and isinstance(data := part.get_payload(decode=True), bytes):
            try:
                yield parse_report(unpacked(data))
            except BadReport:
                continue


def _summary(summary: Summary) -> dict[str, Any]:
    policy = summary.policy
    about: dict[str, Any] = {"policy-type": policy.kind.value, "policy-domain": policy.domain}
    if policy.text:
        about["policy-string"] = list(policy.text)
    if policy.mx:
        about["mx-host"] = list(policy.mx)
    found: dict[str, Any] = {
        "policy": about,
        "summary": {
            "total-successful-session-count": summary.successful,
            "total-failure-session-count": summary.failed,
        },
    }
    if summary.failures:
        found["failure-details"] = [_failure(failure) for failure in summary.failures]
    return found


def _failure(failure: Failure) -> dict[str, Any]:
    texts = {
        "sending-mta-ip": failure.sending,
        "receiving-mx-hostname": failure.host,
        "receiving-ip": failure.receiving,
        "failure-reason-code": failure.reason,
    }
    known = {name: text for name, text in texts.items() if text}
    return {"result-type": failure.result, **known, "failed-session-count": failure.count}


def _read_summary(given: dict[str, Any]) -> Summary:
    policy, sums = given["policy"], given.get("summary") or {}
    return Summary(
        policy=Applied(
            kind=Kind(policy["policy-type"]),
            domain=_text(policy["policy-domain"]).lower(),
            text=_texts(policy.get("policy-string")),
            mx=_texts(policy.get("mx-host")),
        ),
        successful=_count(sums.get("total-successful-session-count")),
        failed=_count(sums.get("total-failure-session-count")),
        failures=tuple(_read_failure(each) for each in given.get("failure-details") or ()),
    )


def _read_failure(given: dict[str, Any]) -> Failure:
    return Failure(
        result=_text(given["result-type"]),
        count=_count(given.get("failed-session-count")),
        sending=_text(given.get("sending-mta-ip")),
        host=_text(given.get("receiving-mx-hostname")),
        receiving=_text(given.get("receiving-ip")),
        reason=_text(given.get("failure-reason-code")),
    )


def _text(given: Any) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in str(given or "")[:MAX_TEXT])


def _texts(given: Any) -> tuple[str, ...]:
    """Some senders give one string in the place of a list of them."""
    return tuple(map(_text, [given] if isinstance(given, str) else given or ()))


def _count(given: Any) -> int:
    return max(int(given or 0), 0)


def _time(seconds: int) -> str:
    """RFC 8460, 4.4."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())
