# SPDX-License-Identifier: GPL-3.0-or-later
"""The words by which messages are known, and the header fields that tell the verdict."""

from __future__ import annotations

from zlib import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ikserver.model.spam import Verdict
from ikserver.spam.headers import disowned, fields
from ikserver.spam.tokens import MAX_TOKENS, numbers, tokens
from protocols.message import scan, with_fields

LETTER = (
    b"Received: from far.test\r\nFrom: Eve <eve@far.test>\r\nSubject: Cheap pills\r\nX-Mailer: Bulk 2\r\n"
    b"Authentication-Results: mail.example.org; spf=fail smtp.mailfrom=far.test; dmarc=none\r\n"
    b"Content-Type: text/html; charset=utf-8\r\n\r\n"
    b'<a href="https://Shop.far.test/x?y">Buy \xe4\xbb\x8a\xe6\x97\xa5\xe3\x81\xaf</a>\r\n'
)


def test_a_message_is_known_by_its_words_senders_links_and_results() -> None:
    found = tokens(LETTER, scan(LETTER))
    wanted = {"buy", "subject:cheap", "subject:pills", "from@far.test", "from:eve", "link:shop.far.test", "spf=fail"}
    assert wanted | {"dmarc=none", "has:x-mailer", "x-mailer=bulk 2", "今日", "日は"} <= found
    assert not [token for token in found if "received" in token]


@pytest.mark.parametrize(
    ("encoding", "content"),
    [
        ("base64", "aHR0cHM6Ly9oaWRkZW4udGVzdC94"),
        ("quoted-printable", "http=3A//hid=\r\nden.test"),
    ],
)
def test_links_are_found_in_encoded_parts(encoding: str, content: str) -> None:
    head = f"Content-Type: text/html\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    letter = f"{head}{content}\r\n".encode()
    assert "link:hidden.test" in tokens(letter, scan(letter))


def test_a_message_without_words_has_no_numbers() -> None:
    letter = b"Received: from far.test\r\n\r\n"
    assert list(numbers(tokens(letter, scan(letter)))) == []


def test_what_we_write_into_a_message_is_not_learned() -> None:
    verdict = fields(Verdict(6.0, 5.0, True, ("WORDS_90",)))
    assert tokens(verdict + LETTER, with_fields(scan(LETTER), True, verdict)) == tokens(LETTER, scan(LETTER))


def test_a_header_without_end_does_not_make_words_without_end() -> None:
    letter = b"".join(b"X-%d: y\r\n" % number for number in range(20_000)) + b"\r\n"
    assert len(tokens(letter, scan(letter))) == MAX_TOKENS


@given(st.text(st.characters(max_codepoint=127), max_size=300))
@settings(max_examples=100, deadline=None)
def test_words_of_ascii_are_the_same_beside_other_letters(text: str) -> None:
    plain, accented = (f"Subject: x\r\n\r\n{text}{end}".encode() for end in ("\r\n", "\r\n\xe9\r\n"))
    assert tokens(plain, scan(plain)) == tokens(accented, scan(accented))


@given(st.binary(max_size=400))
@settings(max_examples=100, deadline=None)
def test_any_octets_have_words(octets: bytes) -> None:
    found = tokens(octets, scan(octets))
    assert len(found) <= MAX_TOKENS
    assert list(numbers(found)) == [crc32(token.encode("utf-8", "replace")) for token in found]


def test_the_verdict_is_told_in_the_words_of_spamassassin() -> None:
    assert fields(Verdict(6.25, 5.0, True, ("WORDS_91", "cheap"))) == (
        b"X-Spam-Flag: YES\r\nX-Spam-Score: 6.2\r\n"
        b"X-Spam-Status: Yes, score=6.2 required=5.0\r\n\ttests=WORDS_91,\r\n\tcheap\r\n"
    )
    assert fields(Verdict(0.0, 5.0, False)) == (
        b"X-Spam-Score: 0.0\r\nX-Spam-Status: No, score=0.0 required=5.0\r\n\ttests=none\r\n"
    )


@pytest.mark.parametrize(
    ("header", "after"),
    [
        (b"X-Spam-Flag: YES\r\nTo: x\r\n", b"X-Orig-Flag: YES\r\nTo: x\r\n"),
        (b"To: x\r\nx-SPAM-status : No\r\n\r\n", b"To: x\r\nX-Orig-status : No\r\n\r\n"),
        (b"Subject: a\r\n X-Spam-Flag: YES\r\n", b"Subject: a\r\n X-Spam-Flag: YES\r\n"),
        (b"X-Spam- is no field\r\n", b"X-Spam- is no field\r\n"),
    ],
)
def test_verdicts_of_others_get_another_name_that_is_as_long(header: bytes, after: bytes) -> None:
    assert disowned(header) == after
    assert len(after) == len(header)
