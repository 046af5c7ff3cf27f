# SPDX-License-Identifier: GPL-3.0-or-later
"""The body test, with the message of RFC 5173, 5.2."""

from __future__ import annotations

import pytest

from sieve import SieveSyntaxError, compile
from tests.sieve.running import decide, holds

NESTED = b"""\
From: Whomever
To: Someone
Date: Whenever
Subject: whatever
Content-Type: multipart/mixed; boundary=outer

This is a multi-part message in MIME format.

--outer
Content-Type: multipart/alternative; boundary=inner

This is a nested multi-part message in MIME format.

--inner
Content-Type: text/plain; charset="us-ascii"

Hello

--inner
Content-Type: text/html; charset="us-ascii"

<html><body>Hello</body></html>

--inner--

This is the end of the inner MIME multipart.

--outer
Content-Type: message/rfc822

From: Someone Else
Subject: hello request

Please say Hello

--outer--

This is the end of the outer MIME multipart.
""".replace(b"\n", b"\r\n")
ENCODED = b"""\
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Sch=F6ne Gr=FC=DFe
--b
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: base64

PHA+PGI+bWlzPC9iPnNpbGUmYW1wOzwvcD48IS0tIHNlY3JldCAtLT4=
--b
Content-Type: text/plain
Content-Transfer-Encoding: x-own

not for us
--b
Content-Type: audio/mp3

\xff\x00end
--b--
""".replace(b"\n", b"\r\n")


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ('body :content "multipart" :contains "MIME"', True),
        ('body :content "multipart" :contains "end of the inner"', True),
        ('body :content "multipart" :contains "end of the outer"', True),
        ('body :content "multipart" :contains "--inner"', False),
        ('body :content "multipart" :contains "Hello"', False),
        ('body :content "text/plain" :contains "Hello"', True),
        ('body :content "text/plain" :contains "Please say"', True),
        ('body :content "text/plain" :contains "<html>"', False),
        ('body :content "text/html" :contains "<html><body>Hello"', True),
        ('body :content "TEXT" :contains "<html>"', True),
        ('body :content "message/rfc822" :contains "hello request"', True),
        ('body :content "message/rfc822" :is "From: Someone Else\r\nSubject: hello request\r\n"', True),
        ('body :content "message/rfc822" :contains "Please say"', False),
        ('body :content "" :contains "<html>"', True),
        ('body :content ["audio", "text"] :contains "Please"', True),
        ('body :content ["text/", "/plain", "/", "text/plain/x", "text//plain"] :contains ""', False),
        ('body :content "application" :contains ""', False),
        ('body :content "text" :count "eq" :comparator "i;ascii-numeric" "3"', True),
        ('body :content "multipart" :count "eq" :comparator "i;ascii-numeric" "4"', True),
        ('body :raw :contains "--inner"', True),
        ('body :raw :contains "Subject: whatever"', False),
        ('body :raw :matches "This is a multi-part*"', True),
        ('body :text :contains "Hello"', True),
        ('body :text :contains ["<html>", "body"]', False),
        ('body :text :contains "MIME"', False),
        ('body :contains "Please say Hello"', True),
    ],
)
def test_the_message_of_the_rfc(test: str, expected: bool) -> None:
    assert holds(test, NESTED, "body relational comparator-i;ascii-numeric") is expected


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ('body :text :contains "Schöne Grüße"', True),
        ('body :content "text" :is "Schöne Grüße"', True),
        ('body :content "text" :contains "secret"', True),
        ('body :text :contains "missile&"', True),
        ('body :text :contains "secret"', False),
        ('body :contains "not for us"', False),
        ('body :content "text" :contains "not for us"', False),
        ('body :content "text" :is ""', True),
        ('body :raw :contains "not for us"', True),
        ('body :raw :contains "Gr=FC=DFe"', True),
        # RFC 5173, 5.2: a NUL does not end the content.
        ('body :content "audio/mp3" :is "${hex: ff 00}end"', True),
    ],
)
def test_contents_are_decoded(test: str, expected: bool) -> None:
    assert holds(test, ENCODED, "body encoded-character") is expected


@pytest.mark.parametrize(("message", "expected"), [(b"A: b\r\n", False), (b"A: b\r\n\r\n", True), (b"\r\n", True)])
@pytest.mark.parametrize("transform", [":raw", ":text", ':content "text"', ':content ""'])
def test_without_an_empty_line_there_is_no_body(message: bytes, expected: bool, transform: str) -> None:
    assert holds(f'body {transform} :is ""', message, "body") is expected


def test_wildcards_set_no_match_variables() -> None:
    # RFC 5173, 6.
    script = """
        require ["body", "variables", "fileinto"];
        if header :matches "subject" "what*" { if body :raw :matches "*MIME*" { fileinto "${1}"; } }
    """
    assert [action.mailbox for action in decide(script, NESTED).actions] == ["ever"]  # type: ignore[attr-defined]


def test_keys_may_hold_variables() -> None:
    script = 'require ["body", "variables"]; set "x" "say"; if body :contains "please ${x}" { discard; }'
    assert not decide(script, NESTED).implicit_keep


def test_one_transform_is_enough() -> None:
    with pytest.raises(SieveSyntaxError, match=":text cannot stand beside :raw"):
        compile('require "body"; if body :raw :text "x" { keep; }')
