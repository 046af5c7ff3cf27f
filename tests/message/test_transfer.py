# SPDX-License-Identifier: GPL-3.0-or-later
"""Transfer encodings undone, for BINARY and for search."""

from __future__ import annotations

from base64 import b64encode
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.message import UnknownEncoding, decode, decoder
from protocols.message.decoding import LONGEST_LINE


@pytest.mark.parametrize(
    ("encoding", "sent", "meant"),
    [
        ("7bit", b"a=3D\r\n", b"a=3D\r\n"),
        ("binary", b"\0\xff", b"\0\xff"),
        ("quoted-printable", b"caf=C3=A9 =3D\r\nsoft=\r\n line", b"caf\xc3\xa9 =\r\nsoft line"),
        ("quoted-printable", b"end \t\r\nsoft= \r\nline  \n", b"end\r\nsoftline\n"),
        ("quoted-printable", b"=ZZ =c3", b"=ZZ \xc3"),
        ("base64", b"SGVs\r\nbG8=\r\n", b"Hello"),
        ("base64", b"SGVsbG8g!d29ybGQ", b"Hello world"),
        ("base64", b"SGVsbG8=garbage", b"Hello"),
        ("base64", b"A", b""),
        ("base64", b"", b""),
        ("x-uuencode", b"begin 644 cat.txt\r\n#0V%T\r\n`\r\nend\r\n", b"Cat"),
        ("x-uuencode", b"#0V%T\n", b"Cat"),
        ("x-uuencode", b"begin 644 c\n#0V%T\n\n#\xff\xff\xff\nend\n", b"Cat"),
    ],
)
def test_encodings(encoding: str, sent: bytes, meant: bytes) -> None:
    assert decode(sent, encoding) == meant


def test_an_unknown_encoding_is_refused() -> None:
    """RFC 3516, 4.3."""
    with pytest.raises(UnknownEncoding):
        decode(b"x", "x-moon")


_LINES = st.lists(st.text("MAC=3D`#0V%T !\t+/é", max_size=30)).map("\r\n".join)


@given(st.sampled_from(["7bit", "quoted-printable", "x-uuencode"]), _LINES.map(str.encode), st.data())
def test_a_part_that_comes_in_pieces_is_decoded_as_the_whole(encoding: str, sent: bytes, data: st.DataObject) -> None:
    assert b"".join(decoded_pieces(encoding, cut(sent, data))) == decode(sent, encoding)


@given(st.binary(max_size=200), st.integers(1, 20), st.sampled_from(["", "!", "\r\n\r\n", " \0"]), st.data())
def test_base64_in_pieces_is_decoded_as_the_whole(meant: bytes, width: int, noise: str, data: st.DataObject) -> None:
    digits = b64encode(meant).decode()
    sent = "".join(digits[at : at + width] + noise for at in range(0, len(digits), width)).encode() + b"\r\n"
    assert b"".join(decoded_pieces("base64", cut(sent, data))) == meant == decode(sent, "base64")
    assert b"".join(decoded_pieces("base64", cut(sent + b"=", data))) == meant, "padding ends the data"


@pytest.mark.parametrize("line", [b"x" * 3_000_000, b"=41" * 1_000_000])
def test_a_line_without_end_is_not_kept_as_a_whole(line: bytes) -> None:
    pieces = decoded_pieces("quoted-printable", [line[at : at + 1000] for at in range(0, len(line), 1000)])
    assert max(map(len, pieces)) < 2 * LONGEST_LINE
    assert b"".join(pieces) == decode(line, "quoted-printable")


def decoded_pieces(encoding: str, pieces: list[bytes]) -> list[bytes]:
    undone = decoder(encoding)
    return [*map(undone.feed, pieces), undone.finish()]


def cut(octets: bytes, data: st.DataObject) -> list[bytes]:
    """The octets in pieces, some of them empty."""
    places = sorted(data.draw(st.lists(st.integers(0, len(octets)), max_size=12)))
    return [octets[start:end] for start, end in pairwise([0, *places, len(octets)])]
