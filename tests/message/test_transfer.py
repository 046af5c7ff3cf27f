# SPDX-License-Identifier: GPL-3.0-or-later
"""Transfer encodings undone, for BINARY and for search."""

from __future__ import annotations

import pytest

from protocols.message import UnknownEncoding, decode


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
