# SPDX-License-Identifier: GPL-3.0-or-later
"""Text that is read in pieces is the text of the whole."""

from __future__ import annotations

from base64 import encodebytes
from collections.abc import Iterator
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from protocols.message import scan, unpack_parts
from protocols.message.charset import decoded_text, to_text
from protocols.message.htmltext import html_text, html_texts
from protocols.message.wholetext import whole_text

WORDS = st.lists(
    st.sampled_from(
        [
            "Übung",
            "straße",
            "ＡＢＣ",
            "ﬁn",
            "e\u0301",
            "日本",
            "a",
            "<",
            "&",
            "&amp;",
            "&uuml;",
            ">",
            "\u00a0",
            "\t",
            "\r\n",
        ]
    )
)
TAGS = ["<b>", "</b>", "<p class='x'>", "<!-- a > b -->", "<script>x</script >", "<"]
HTML = st.lists(st.sampled_from(["a", "b&amp;", "&", "lt;", " ", "\n", *TAGS]))


def message(kind: str, encoding: str, charset: str, octets: bytes) -> bytes:
    if encoding == "base64":
        octets = encodebytes(octets).replace(b"\n", b"\r\n")
    head = f"Content-Type: {kind}; charset={charset}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    part = head.encode() + octets
    return (
        b"Content-Type: multipart/mixed; boundary=z\r\n\r\n--z\r\n"
        + b"\r\n--z\r\n".join([part, part])
        + b"\r\n--z--\r\n"
    )


@given(
    WORDS,
    st.sampled_from(["utf-8", "utf-16", "gb18030", "unknown-8bit"]),
    st.sampled_from(["text/plain", "text/html"]),
    st.integers(8, 40),
)
def test_the_whole_text_is_what_is_kept_of_a_short_one(words: list[str], charset: str, kind: str, piece: int) -> None:
    octets = " ".join(words).encode("utf-8" if charset == "unknown-8bit" else charset)
    data = message(kind, "base64", charset, octets)
    found = scan(data)
    assert found.search.body_complete
    assert "".join(whole_text(data, unpack_parts(found.parts), piece)) == found.search.body


@given(HTML.map("".join), st.data())
def test_html_that_comes_in_pieces(source: str, data: st.DataObject) -> None:
    places = sorted(data.draw(st.lists(st.integers(0, len(source)), max_size=8)))
    pieces = [source[start:end] for start, end in pairwise([0, *places, len(source)])]
    assert "".join("".join(html_texts(pieces)).split()) == "".join(html_text(source).split())


@given(st.binary(max_size=60), st.sampled_from(["", "utf-8", "utf-7", "shift_jis", "iso-2022-jp", "utf-16"]), st.data())
def test_octets_that_come_in_pieces_are_the_same_text(octets: bytes, charset: str, data: st.DataObject) -> None:
    places = sorted(data.draw(st.lists(st.integers(0, len(octets)), max_size=8)))

    def pieces() -> Iterator[bytes]:
        return (octets[start:end] for start, end in pairwise([0, *places, len(octets)]))

    assert "".join(decoded_text(pieces, charset)) == to_text(octets, charset)
