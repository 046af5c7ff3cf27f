# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages made to hurt, and messages that are simply large."""

from __future__ import annotations

import mmap
import tracemalloc
from pathlib import Path

import pytest

from protocols.message import scan, section, unpack_parts
from protocols.message.address import MAX_ADDRESSES
from protocols.message.boundary import MAX_CANDIDATES
from protocols.message.structure import MAX_DEPTH, MAX_PARTS
from protocols.message.text import MAX_TEXT
from protocols.message.wholetext import whole_text
from tests.message.reading import read_list


def nested_multiparts(levels: int) -> bytes:
    opening = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(levels))
    return opening + b"\r\ndeep\r\n" + b"".join(b"--b%d--\r\n" % n for n in reversed(range(levels)))


def test_below_a_hundred_levels_there_is_one_opaque_leaf() -> None:
    for data in (nested_multiparts(500), b"Content-Type: message/rfc822\r\n\r\n" * 500):
        found = scan(data)
        parts = unpack_parts(found.parts)
        assert len(parts) == MAX_DEPTH + 1
        assert parts[-1].kind == "application/octet-stream"
        assert b'"application" "octet-stream"' in found.structure


def test_parts_beyond_ten_thousand_are_one_leaf() -> None:
    data = b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\n\r\na\r\n" * (MAX_PARTS + 500) + b"--x--\r\n"
    parts = unpack_parts(scan(data).parts)
    assert len(parts) == MAX_PARTS + 1
    assert parts[-1].end == len(data)
    assert data[parts[-1].body : parts[-1].end].count(b"--x\r\n") == 500


def test_lines_that_only_start_like_a_delimiter_are_looked_at_for_a_while() -> None:
    head = b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\n"
    for false, parts in ((10, 3), (MAX_CANDIDATES, 2)):
        found = scan(head + b"--xy\r\n" * false + b"--x\r\n\r\nlast\r\n--x--\r\n")
        assert len(unpack_parts(found.parts)) == parts


def test_many_addresses_are_cut_and_groups_still_closed() -> None:
    for field, count in ((b"a,", MAX_ADDRESSES), (b"a@b,", MAX_ADDRESSES), (b"a:", MAX_ADDRESSES + 1)):
        envelope = read_list(scan(b"To: " + field * 60_000 + b"\r\n\r\n").envelope)
        assert isinstance(envelope[5], list)
        assert MAX_ADDRESSES <= len(envelope[5]) <= count + 1


IN_A_HEADER = [*rb"""( ) < > " \ : ; @ <@ [ =? =?a?q? =?a?q?b?= a*0= '""".split(), b" ", b"a ", b"\t\r\n ", b"\r"]
IN_A_BODY = [
    *rb"""< <a <!-- <script <script></ </b & &# &amp; --x""".split(),
    b" ",
    b" \t",
    b"=\n",
    b"\n--",
    b"\n--x\n",
]


@pytest.mark.parametrize("piece", IN_A_HEADER)
def test_no_header_takes_more_than_linear_time(piece: bytes) -> None:
    """Any of these takes minutes where a pattern gives back what it took."""
    repeated = piece * (200_000 // len(piece))
    for field in (b"From: ", b"Subject: ", b"Date: ", b"Content-Type: text/plain;", b"Content-Disposition: ", b""):
        assert scan(field + repeated + b"\r\nMessage-ID: <last>\r\n").envelope.endswith(b' "<last>")')


@pytest.mark.parametrize("piece", IN_A_BODY)
def test_no_body_takes_more_than_linear_time(piece: bytes) -> None:
    body = piece * (400_000 // len(piece))
    quoted = b"Content-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    multipart = b"Content-Type: multipart/mixed; boundary=x\r\n\r\n"
    for head in (quoted, multipart):
        found = scan(head + body)
        assert section.text(unpack_parts(found.parts), "") == (len(head), found.size)


def test_text_beyond_the_cap_is_left_out_and_said_so() -> None:
    head = b"Content-Type: text/plain\r\n\r\n"
    assert scan(head + b"x" * MAX_TEXT).search.body_complete
    long = scan(head + b"x" * (MAX_TEXT + 1)).search
    assert (len(long.body), long.body_complete) == (MAX_TEXT, False)


def test_the_whole_text_can_be_had() -> None:
    data = b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + "Übersicht ".encode() * (MAX_TEXT // 5)
    found = scan(data)
    assert not found.search.body_complete
    text = "".join(whole_text(data, unpack_parts(found.parts)))
    assert text == "übersicht " * (MAX_TEXT // 5)
    assert text.startswith(found.search.body)


def test_a_header_without_end_is_read_at_its_start() -> None:
    found = scan(b"Subject: start\r\n" + b"X-Filler: and so on\r\n" * 100_000 + b"To: bo@hill.example\r\n")
    assert found.envelope == b'(NIL "start" NIL NIL NIL NIL NIL NIL NIL NIL)'
    assert section.text(unpack_parts(found.parts), "") == (found.size, found.size)


def test_fifty_megabytes_on_disk_take_ten_in_memory(tmp_path: Path) -> None:
    line = b"QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0\r\n"
    thousands = 50 * 1024 * 1024 // (1000 * len(line))
    path = tmp_path / "large.eml"
    with path.open("wb") as written:
        written.write(b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nsee below\r\n--x\r\n")
        written.write(b"Content-Type: text/csv\r\nContent-Transfer-Encoding: base64\r\n\r\n")
        written.writelines([line * 1000] * thousands)
        written.write(b"\r\n--x--\r\n")
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        tracemalloc.start()
        found = scan(data)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert b'"base64" %d %d NIL' % (thousands * 1000 * len(line), thousands * 1000) in found.structure
    assert not found.search.body_complete
    assert peak < 10 * 1024 * 1024
