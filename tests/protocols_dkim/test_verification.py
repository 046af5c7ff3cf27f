# SPDX-License-Identifier: GPL-3.0-or-later
"""Signatures of dkimpy and of the RFC hold, and changed messages do not."""

from __future__ import annotations

import hashlib
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocols.dkim.canonical import BodyForm
from protocols.dkim.errors import Malformed, Unusable
from protocols.dkim.signature import parse_signature
from tests.protocols_dkim.signing import ED25519_SEED, ed25519_record, first, outcome, rsa_record, sign

MESSAGE = (
    b"From: Ann <ann@example.com>\r\nTo: bob@example.net\r\nSubject:  two   words\r\n\tand a fold \r\n"
    b"Date: Tue, 24 Nov 2026 12:00:00 +0000\r\nX-One: 1\r\nX-One: 2\r\n\r\nHello  Bob, \r\n\r\n\tbye\t\r\n\r\n\r\n"
)
FORMS = [(header, body) for header in (b"relaxed", b"simple") for body in (b"relaxed", b"simple")]


@pytest.mark.parametrize("forms", FORMS)
@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
def test_signatures_of_another_implementation_hold(forms: tuple[bytes, bytes], kind: str) -> None:
    if kind == "rsa":
        assert outcome(sign(MESSAGE, canonicalize=forms), [rsa_record()]) == ""
    else:
        how = {"privkey": ED25519_SEED, "signature_algorithm": b"ed25519-sha256"}
        assert outcome(sign(MESSAGE, canonicalize=forms, **how), [ed25519_record()]) == ""


BODY = st.lists(st.sampled_from([b"\r\n", b" ", b"\t", b"a", b"bc", b" \r\n", b"\r\n\r\n"]), max_size=30).map(b"".join)


@settings(max_examples=100, deadline=None)
@given(forms=st.sampled_from(FORMS), body=BODY)
def test_any_body_is_hashed_as_by_another_implementation(forms: tuple[bytes, bytes], body: bytes) -> None:
    message = b"From: a@example.com\r\n\r\n" + body + b"\r\n"
    assert outcome(sign(message, canonicalize=forms), [rsa_record()]) == ""


@settings(max_examples=100, deadline=None)
@given(
    relaxed=st.booleans(),
    body=BODY,
    cuts=st.lists(st.integers(0, 60), max_size=8),
    limit=st.none() | st.integers(0, 40),
)
def test_a_body_may_come_in_any_pieces(relaxed: bool, body: bytes, cuts: list[int], limit: int | None) -> None:
    def digest(pieces: list[bytes]) -> bytes:
        found = hashlib.sha256()
        form = BodyForm(found.update, relaxed=relaxed, limit=limit)
        for piece in pieces:
            form.feed(piece)
        form.finish()
        return found.digest()

    edges = [0, *sorted(min(cut, len(body)) for cut in cuts), len(body)]
    assert digest([body[a:b] for a, b in pairwise(edges)]) == digest([body])


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"Hello", b"Hullo", "body hash did not verify"),
        (b"bob@", b"bib@", "signature did not verify"),
        (b"X-One: 1\r\nX-One: 2", b"X-One: 2\r\nX-One: 1", ""),
        (b"To: ", b"From: eve@example.org\r\nTo: ", "signature did not verify"),
    ],
)
def test_what_is_signed_cannot_be_changed(old: bytes, new: bytes, reason: str) -> None:
    assert outcome(sign(MESSAGE).replace(old, new), [rsa_record()]) == reason


def test_a_length_leaves_the_rest_unsigned() -> None:
    message = sign(MESSAGE, length=True)
    assert outcome(message + b"Buy!\r\n", [rsa_record()]) == ""
    assert first(message).limit is not None


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ([], "no key for signature"),
        ([rsa_record(), rsa_record()], "several keys for one selector"),
        ([b"v=DKIM1; p="], "key revoked"),
        ([rsa_record().replace(b"DKIM1", b"DKIM2")], "key of another version"),
        ([b"k=rsa; v=DKIM1; p=" + rsa_record()[18:]], "key of another version"),
        ([rsa_record() + b"; h=sha1"], "key for other hash algorithms"),
        ([rsa_record() + b"; s=tlsrpt"], "key for another service"),
        ([rsa_record().replace(b"k=rsa", b"k=dsa")], "key of unknown type"),
        ([b"v=DKIM1; p=AAAA"], "key cannot be read"),
        ([b"v=DKIM1; p=*"], "p= is not base64"),
        ([ed25519_record()], "the key is for another algorithm"),
        ([b"a record about something else"], "key: not a list of tags"),
    ],
)
def test_a_key_that_does_not_serve_says_why(record: list[bytes], reason: str) -> None:
    with pytest.raises(Unusable, match=reason):
        outcome(sign(MESSAGE), record)


def test_a_key_may_be_without_version_and_name_its_services() -> None:
    assert outcome(sign(MESSAGE), [rsa_record().replace(b"v=DKIM1; ", b"") + b"; s=email:other; h=sha1:sha256"]) == ""
    assert outcome(sign(MESSAGE), [rsa_record() + b"; s=*; t=s"]) == ""


def test_a_strict_key_holds_for_the_domain_itself_only() -> None:
    below = sign(MESSAGE, identity=b"ann@sub.example.com")
    assert outcome(below, [rsa_record()]) == ""
    with pytest.raises(Unusable, match="i= is not the domain"):
        outcome(below, [rsa_record() + b"; t=y:s"])


GOOD = {
    "v": "1", "a": "rsa-sha256", "d": "example.com", "s": "one", "h": "from:to", "bh": "AAAA", "b": "AAAA"
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"v": "2"}, "unknown version"),
        ({"v": None}, "v= is missing"),
        ({"a": "rsa-sha1"}, "algorithm rsa-sha1 is not accepted"),
        ({"a": None}, "a= is missing"),
        ({"b": "A B"}, "b= is not base64"),
        ({"d": "nowhere"}, "d= is not a domain"),
        ({"d": "ex;ample.com"}, "not a list of tags"),
        ({"s": "../x"}, "s= is not a selector"),
        ({"h": "to"}, "From is not signed"),
        ({"c": "nofws"}, "unknown canonicalization"),
        ({"q": "dns/other"}, "no way to the key is known"),
        ({"i": "ann@example.org"}, "i= is not within d="),
        ({"i": "ann@notexample.com"}, "i= is not within d="),
        ({"l": "-1"}, "l= is not a number"),
        ({"x": "999"}, "signature expired"),
        ({"t": "2000", "x": "1500"}, "x= is before t="),
        ({"t": "soon"}, "t= is not a number"),
    ],
)
def test_a_signature_that_cannot_hold_says_why(change: dict[str, str | None], reason: str) -> None:
    text = "; ".join(f"{name}={value}" for name, value in (GOOD | change).items() if value is not None)
    with pytest.raises(Unusable, match=reason):
        parse_signature(b"DKIM-Signature: " + text.encode() + b"\r\n", 1000)


def test_a_tag_that_is_there_twice_spoils_the_list() -> None:
    text = "; ".join(f"{name}={value}" for name, value in GOOD.items())
    with pytest.raises(Malformed, match="d= is there twice"):
        parse_signature(f"DKIM-Signature: {text}; d=example.org\r\n".encode(), 1000)


RFC_8463 = b"""\
DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :
 subject : date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
 Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=test; t=1528637909; h=from : to : subject :
 date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3
 DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz
 dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game.  Are you hungry yet?

Joe.
""".replace(b"\n", b"\r\n")


def test_the_example_of_the_rfc_for_ed25519_holds() -> None:
    """RFC 8463, A.2 and A.3."""
    key = b"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    assert outcome(RFC_8463, [key]) == ""
