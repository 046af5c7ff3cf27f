# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for every message, whatever its octets are."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from protocols.message import Scan, normalise, scan, section, select_fields, unpack_parts
from tests.message.reading import MAILS, Value, read_list

OUR_MAILS = [path.read_bytes() for path in sorted(MAILS.glob("*.eml"))]

FRAGMENTS = [
    *(b'\r\n \n \t : ; , " \\ ( ) < > @ . = ? -- --x --x-- [ ] & \0 \xff \xe3\x81'.split(b" ")),
    b"\r\n",
    b"\n",
    b" ",
    b"\r\n\r\n",
    b"From: ",
    b"To: ",
    b"Subject: ",
    b"Date: 3 Mar 2026 10:00 +0100\r\n",
    b"Content-Type: multipart/mixed; boundary=x\r\n",
    b"Content-Type: message/rfc822\r\n",
    b"Content-Type: text/html; charset=utf-7\r\n",
    b"Content-Disposition: ",
    b"Content-Transfer-Encoding: base64\r\n",
    b"Content-Transfer-Encoding: quoted-printable\r\n",
    b"Content-Transfer-Encoding: x-uuencode\r\n",
    b"=?utf-8?q?",
    b"?=",
    b"=?iso-2022-jp?b?GyRC?=",
    b"\r\n--x\r\n",
    b"\r\n--x--\r\n",
    b"<!--",
    b"<script>",
    b"&#xD800;",
    b"a*0*=utf-8''%41; ",
]

invented = st.lists(st.sampled_from(FRAGMENTS) | st.binary(max_size=8), max_size=60).map(b"".join)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """One of our mails with a piece of another, or of anything, put in the place of some of its own."""
    whole = draw(st.sampled_from(OUR_MAILS))
    start = draw(st.integers(0, len(whole)))
    end = draw(st.integers(start, min(start + 200, len(whole))))
    other = draw(st.sampled_from(OUR_MAILS))
    cut = draw(st.integers(0, len(other)))
    patch = draw(st.binary(max_size=20) | st.sampled_from(FRAGMENTS) | st.just(other[cut : cut + 200]))
    return whole[:start] + patch + whole[end:]


@settings(max_examples=100)
@given(st.binary(max_size=300) | invented | damaged())
def test_every_message_has_an_envelope_and_a_structure(data: bytes) -> None:
    found = scan(data)
    assert found.size == len(data)
    check_envelope(read_list(found.envelope))
    check_body(read_list(found.structure), extended=True)
    check_body(read_list(found.body), extended=False)
    check_parts(data, found)
    check_text(found)


def check_envelope(envelope: Value) -> None:
    """RFC 9051, 9: envelope."""
    assert isinstance(envelope, list)
    assert len(envelope) == 10
    for place, value in enumerate(envelope):
        if 2 <= place <= 7:
            assert value is None or (isinstance(value, list) and value)
            check_addresses(value or [])
        else:
            assert value is None or isinstance(value, bytes)


def check_addresses(addresses: Value) -> None:
    assert isinstance(addresses, list)
    depth = 0
    for address in addresses:
        assert isinstance(address, list)
        name, route, mailbox, host = address
        assert route is None
        assert name is None or isinstance(name, bytes)
        if host is None:
            depth += -1 if mailbox is None else 1
        else:
            assert isinstance(host, bytes)
            assert host
            assert isinstance(mailbox, bytes)
            assert mailbox
        assert depth in (0, 1)
    assert depth == 0


def check_body(body: Value, *, extended: bool) -> None:
    """RFC 9051, 9: body."""
    assert isinstance(body, list)
    inner = [value for value in body if isinstance(value, list)]
    if body and isinstance(body[0], list):
        parts = [value for value in body[: body.index(next(v for v in body if isinstance(v, bytes)))]]
        for part in parts:
            check_body(part, extended=extended)
        assert len(body) == len(parts) + (5 if extended else 1)
        return
    main, sub, _, content_id, description, encoding, size, *rest = body
    assert isinstance(main, bytes)
    assert isinstance(sub, bytes)
    assert isinstance(encoding, bytes)
    assert isinstance(size, int)
    assert content_id is None or isinstance(content_id, bytes)
    assert description is None or isinstance(description, bytes)
    specific = rest[:-4] if extended else rest
    if main.lower() == b"message" and sub.lower() in (b"rfc822", b"global"):
        check_envelope(specific[0])
        check_body(specific[1], extended=extended)
        assert isinstance(specific[2], int)
    else:
        assert len(specific) == (1 if main.lower() == b"text" else 0)
    assert not extended or len(inner) <= 5


def check_parts(data: bytes, found: Scan) -> None:
    """Parts lie inside what holds them, in order, and sections find them."""
    parts = unpack_parts(found.parts)
    numbers = [part.number for part in parts]
    assert len(set(numbers)) == len(numbers)
    assert (parts[0].number, parts[0].header, parts[0].end) == ("", 0, len(data))
    for part in parts:
        assert part.header <= part.body <= part.end
        holder = section.find(parts, part.number.rstrip(".").rpartition(".")[0]) or parts[0]
        assert holder.header <= part.header
        assert part.end <= holder.end
    for before, after in pairwise(parts):
        assert before.header <= after.header
    assert section.whole(parts, "") == (0, len(data))
    assert section.whole(parts, "1") is not None
    head, text = section.header(parts, ""), section.text(parts, "")
    assert head is not None
    assert text is not None
    assert (head[0], head[1], text[1]) == (0, text[0], len(data))
    everything = select_fields(data[: head[1]], [], negate=True)
    assert everything.rstrip(b"\r\n") == data[: head[1]].rstrip(b"\r\n")


def check_text(found: Scan) -> None:
    search = found.search
    for text in (search.subject, search.from_, search.to, search.cc, search.bcc, search.body):
        assert normalise(text) == text
        text.encode()
    search.headers.encode()


@settings(max_examples=100)
@given(st.text(max_size=200), st.text(max_size=10))
def test_what_is_in_a_text_is_found_in_its_normal_form(text: str, needle: str) -> None:
    assert normalise(text) == normalise(normalise(text))
    assert normalise(needle) in normalise(f"{text} {needle} {text}")
