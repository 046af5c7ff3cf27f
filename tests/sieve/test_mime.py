# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the parts of a message are, and what they say they are (RFC 2045, RFC 2046, RFC 2231)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sieve import mime
from sieve.mime import Part, parse
from sieve.parameters import disposition, media_type, parameters


def tree(part: Part) -> object:
    """Types and what leaves hold."""
    return (part.kind.type, [tree(child) for child in part.children]) if part.children else (part.kind.type, part.raw)


def message(body: str, kind: str = 'multipart/mixed; boundary="b"') -> Part:
    return parse(f"Content-Type: {kind}\n\n{body}".encode().replace(b"\n", b"\r\n"))


def test_a_message_that_says_nothing_is_plain_text() -> None:
    assert tree(parse(b"Subject: x\r\n\r\nbody\r\n")) == ("text/plain", "body\r\n")


def test_the_line_end_before_a_delimiter_belongs_to_it() -> None:
    part = message("before\n--b\n\none\n--b\nContent-Type: text/html\n\n<p>\n\n--b--\nafter")
    assert tree(part) == ("multipart/mixed", [("text/plain", "one"), ("text/html", "<p>\r\n")])
    assert part.around == ["before", "after"]


def test_parts_lie_where_they_are() -> None:
    part = message("--b\nX: 1\n\none\n--b--\n")
    child = part.children[0]
    assert part.source[child.start : child.end] == b"X: 1\r\n\r\none"
    assert (child.path, part.at((0,)), part.at((1,))) == ((0,), child, None)


def test_without_its_last_delimiter_a_multipart_ends_with_the_message() -> None:
    assert tree(message("--b\n\none\n--b\n\ntwo\n")) == (
        "multipart/mixed",
        [("text/plain", "one"), ("text/plain", "two\r\n")],
    )


def test_a_line_that_only_begins_like_a_delimiter_is_text() -> None:
    assert tree(message("--b\n\n--bc\n --b\n--b  \n\n--b--\n")) == (
        "multipart/mixed",
        [("text/plain", "--bc\r\n --b"), ("text/plain", "")],
    )


def test_what_is_in_a_digest_is_messages() -> None:
    part = message("--b\n\nSubject: inside\n\ntext\n--b--\n", "multipart/digest; boundary=b")
    assert tree(part) == ("multipart/digest", [("message/rfc822", [("text/plain", "text")])])
    assert part.children[0].children[0].header.values("subject") == ["inside"]


def test_an_inner_multipart_ends_with_its_part() -> None:
    inner = "--b\nContent-Type: multipart/x; boundary=i\n\n--i\n\none\n--b\n\ntwo\n--b--\n"
    assert tree(message(inner)) == (
        "multipart/mixed",
        [("multipart/x", [("text/plain", "one")]), ("text/plain", "two")],
    )


def test_nothing_is_looked_for_in_what_is_encoded() -> None:
    part = parse(b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nU3ViamVjdDogeA==")
    assert (part.children, part.content) == ((), b"Subject: x")


def test_a_multipart_without_a_boundary_is_plain_text() -> None:
    assert tree(message("body", "multipart/mixed")) == ("text/plain", "body")


@pytest.mark.parametrize(
    ("fields", "octets", "content"),
    [
        (b"", b"plain", "plain"),
        (b"Content-Type: text/plain; charset=utf-8\r\n", "Zü".encode(), "Zü"),
        (b"Content-Type: text/plain; charset=iso-8859-1\r\n", b"Z\xfc", "Zü"),
        (b"", "Zü".encode(), "Zü"),
        (b"Content-Type: text/plain; charset=nobody-knows\r\n", b"Z\xfc", "Z\udcfc"),
        (b"Content-Type: text/plain; charset=utf-8\r\n", b"Z\xfc", "Z\udcfc"),
        (b"Content-Transfer-Encoding: quoted-printable\r\n", b"a=3Db  \r\nc=\r\nd", "a=b\r\ncd"),
        (b"Content-Transfer-Encoding: base64\r\nContent-Type: text/plain; charset=utf-16le\r\n", b"WgD8AA", "Zü"),
        (b"Content-Transfer-Encoding: BASE64 ;\r\n", b"YW55\r\nIGNh!bg==", "any can"),
        (b"Content-Transfer-Encoding: x-own\r\n", b"what", ""),
    ],
)
def test_contents_are_decoded(fields: bytes, octets: bytes, content: str) -> None:
    assert parse(fields + b"\r\n" + octets).text == content


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("text/plain", {}),
        ("text/plain; charset=utf-8", {"charset": "utf-8"}),
        ('a/b; NAME = "x;y\\"z" ; b=c', {"name": 'x;y"z', "b": "c"}),
        ("a/b; a=1; A=2", {"a": "1"}),
        ("a/b; charset=us-ascii (plain text)", {"charset": "us-ascii"}),
        ('a/b; name="=?utf-8?q?Z=C3=BC?="', {"name": "Zü"}),
        # RFC 2231, 3: pieces, in whatever order.
        ('a/b; URL*1="cs.utk.edu"; URL*0="ftp://"', {"url": "ftp://cs.utk.edu"}),
        # RFC 2231, 4.
        (
            "application/x-stuff; title*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A",
            {"title": "This is ***fun***"},
        ),
        # RFC 2231, 4.1.
        (
            "application/x-stuff; title*0*=us-ascii'en'This%20is%20even%20more%20; "
            'title*1*=%2A%2A%2Afun%2A%2A%2A%20; title*2="isn\'t it!"',
            {"title": "This is even more ***fun*** isn't it!"},
        ),
        ("a/b; n*0*=iso-8859-1''%FC; n*1*=%FC", {"n": "üü"}),
        ("a/b; n=plain; n*=utf-8''%C3%BC", {"n": "ü"}),
        ("a/b; n*=%FC%", {"n": "\udcfc%"}),
        ("a/b; n*1=lost", {}),
        ("a/b; =x; ;;; y; z=", {"z": ""}),
    ],
)
def test_parameters_are_put_together_and_decoded(value: str, found: dict[str, str]) -> None:
    assert parameters(value) == found


def test_types_and_dispositions_are_read_as_far_as_they_are_right() -> None:
    assert media_type("Text / HTML (nice); charset=x") == ("text", "html")
    assert [media_type(value) for value in ("text", "text/", "a/b/c", "")] == [None] * 4
    assert disposition("Attachment; filename=x") == "attachment"
    assert [disposition(value) for value in ("two words", "", ";")] == [None] * 3


def test_what_lies_too_deep_is_not_looked_into() -> None:
    nested = "".join(f"--b{n}\nContent-Type: multipart/x; boundary=b{n + 1}\n\n" for n in range(mime.MAX_DEPTH + 10))
    part = parse(f"Content-Type: multipart/x; boundary=b0\n\n{nested}".encode())
    assert max(len(one.path) for one in part.every) == mime.MAX_DEPTH


def test_parts_beyond_the_limit_are_one() -> None:
    part = parse(b"Content-Type: multipart/x; boundary=b\n\n" + b"--b\n\n" * (mime.MAX_PARTS + 10))
    assert len(part.every) == mime.MAX_PARTS
    assert part.children[-1].raw.count("--b") == 11


def test_headers_beyond_the_limit_are_not_read() -> None:
    field = b"X: " + b"x" * (mime.MAX_HEADERS // 2)
    part = parse(b"Content-Type: multipart/x; boundary=b\n\n" + b"".join(b"--b\n%b\n\n\n" % field for _ in range(4)))
    assert [len(child.header.fields) for child in part.children] == [1, 1, 0, 0]


WORDS = st.sampled_from(
    ["--b", "--b--", "\n", "\r\n", "Content-Type: multipart/mixed; boundary=b", "Content-Type: message/rfc822", "text"]
)


@given(st.lists(WORDS, max_size=40))
@settings(max_examples=100)
def test_any_text_has_parts_that_lie_inside_each_other(words: list[str]) -> None:
    source = ("Content-Type: multipart/mixed; boundary=b\n\n" + "".join(words)).encode()
    for part in parse(source).every:
        assert 0 <= part.start <= part.read <= part.body <= part.end <= len(source)
        assert all(part.body <= child.start <= child.end <= part.end for child in part.children)
