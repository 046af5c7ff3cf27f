# SPDX-License-Identifier: GPL-3.0-or-later
"""An aggregate report as XML (RFC 7489, C)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.sax.saxutils import escape

from protocols.dmarc.feedback import Feedback, Seen, SignatureSeen

_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_xml(feedback: Feedback) -> bytes:
    """The whole document."""
    return "\n".join(_lines(feedback)).encode()


def _lines(feedback: Feedback) -> Iterator[str]:
    reporter, record = feedback.reporter, feedback.record
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield "<feedback>"
    yield "<version>1.0</version>"
    yield "<report_metadata>"
    yield _element("org_name", reporter.organisation) + _element("email", reporter.email)
    yield _element("report_id", feedback.id)
    # RFC 7489, C has the seconds at both ends in UTC.
    yield _around("date_range", _element("begin", feedback.begin) + _element("end", feedback.end))
    if feedback.error:
        yield _element("error", feedback.error)
    yield "</report_metadata>"
    yield "<policy_published>"
    yield _element("domain", feedback.domain)
    yield _element("adkim", "s" if record.strict_dkim else "r") + _element("aspf", "s" if record.strict_spf else "r")
    yield _element("p", record.policy.value) + _element("sp", record.subdomains.value)
    yield _element("pct", record.percent) + _element("fo", record.failures)
    yield "</policy_published>"
    for seen, count in feedback.rows:
        yield from _record(seen, count)
    yield "</feedback>\n"


def _record(seen: Seen, count: int) -> Iterator[str]:
    yield "<record>"
    yield _around("row", _element("source_ip", seen.source) + _element("count", count) + _evaluated(seen))
    yield _around("identifiers", _element("envelope_from", seen.envelope) + _element("header_from", seen.author))
    spf = seen.spf_seen
    told = _element("domain", spf.domain) + _element("scope", spf.scope) + _element("result", spf.result)
    yield _around("auth_results", "".join(map(_signature, seen.signatures)) + _around("spf", told))
    yield "</record>"


def _evaluated(seen: Seen) -> str:
    results = _element("dkim", _passed(seen.dkim)) + _element("spf", _passed(seen.spf))
    reason = _around("reason", _element("type", seen.override.value)) if seen.override else ""
    return _around("policy_evaluated", _element("disposition", seen.disposition.value) + results + reason)


def _signature(one: SignatureSeen) -> str:
    named = _element("domain", one.domain) + _element("selector", one.selector)
    return _around("dkim", named + _element("result", one.result))


def _passed(passed: bool) -> str:
    return "pass" if passed else "fail"


def _element(name: str, value: object) -> str:
    """Strangers choose some of the texts: what XML cannot hold is left out."""
    return _around(name, escape(_NOT_XML.sub("", str(value))))


def _around(name: str, content: str) -> str:
    return f"<{name}>{content}</{name}>"
