# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a stranger sends is examined, and nothing of it raises anything."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from ikserver.delivery.authentication.policy import Published, author_domains, decide
from ikserver.delivery.authentication.signatures import Keys, claims, judge
from ikserver.dns.api import DnsFailure
from protocols.dkim.verification import Message
from protocols.dmarc import Passed, parse_record
from protocols.message.header import fields
from tests.protocols_dkim.signing import ed25519_record, rsa_record, sign

NAMES = [b"From", b"DKIM-Signature", b"ARC-Seal", b"ARC-Message-Signature", b"ARC-Authentication-Results", b"X"]
TAGS = st.tuples(
    st.sampled_from(["v", "a", "b", "bh", "c", "d", "h", "i", "l", "q", "s", "t", "x", "cv", "", "é"]),
    st.sampled_from(["=", " = ", "", "=="]),
    st.sampled_from(
        ["1", "rsa-sha256", "ed25519-sha256", "QUJD", "relaxed/simple", "a.test", "from:to", "a@b.a.test", "9" * 80]
    )
    | st.text(max_size=5),
).map("".join)
VALUE = st.lists(TAGS, max_size=9).map("; ".join) | st.text(max_size=20) | st.just("i=1; a.test; dmarc=pass")
FIELD = st.tuples(st.sampled_from(NAMES), VALUE).map(lambda f: f[0] + b": " + f[1].encode("utf-8", "replace") + b"\r\n")
RECORDS = st.sampled_from([[], [rsa_record()], [ed25519_record()], [b"v=DKIM1; p="], DnsFailure("x")]) | st.lists(
    st.binary(max_size=20), max_size=2
)


@settings(max_examples=100, deadline=None)
@given(header=st.lists(FIELD, max_size=9).map(b"".join), body=st.binary(max_size=50), records=RECORDS)
def test_any_claim_has_a_result(header: bytes, body: bytes, records: list[bytes] | DnsFailure) -> None:
    found = fields(header)
    claimed = claims(found, 1000)
    known = Keys(dict.fromkeys(claimed.key_names, records))
    signatures, _ = judge(claimed, known, Message(found, body, 0, len(body)), {"a.test"})
    assert len(signatures) == min(5, sum(name == b"dkim-signature" for name, _ in found))


SIGNED = sign(b"From: ann@example.com\r\nSubject: hello\r\n\r\nHello.\r\n")


@settings(max_examples=100, deadline=None)
@given(at=st.integers(0, len(SIGNED) - 1), octet=st.integers(0, 255))
def test_one_other_octet_never_raises(at: int, octet: int) -> None:
    changed = SIGNED[:at] + bytes([octet]) + SIGNED[at + 1 :]
    header, _, body = changed.partition(b"\r\n\r\n")
    found = fields(header + b"\r\n")
    claimed = claims(found, 1000)
    known = Keys({key: [rsa_record()] for key in claimed.key_names})
    judge(claimed, known, Message(found, body, 0, len(body)), ())


@settings(max_examples=100, deadline=None)
@given(value=st.binary(max_size=60), text=st.binary(max_size=60))
def test_any_author_and_any_record_lead_to_a_decision(value: bytes, text: bytes) -> None:
    domains = author_domains([(b"from", b"From: " + value + b"\r\n"), (b"from", b"From: a@b.test\r\n")])
    record = parse_record(b"v=DMARC1; " + text)
    policies = [Published(domain, record) for domain in domains]
    decide(policies, Passed("b.test", []), Passed("", []), 0)
