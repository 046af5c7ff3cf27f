# SPDX-License-Identifier: GPL-3.0-or-later
"""What the server says, as octets (RFC 5804, 4)."""

from __future__ import annotations

from protocols.managesieve.responses import capabilities, coded, listing, literal, status, string


def test_a_string_is_quoted_where_that_is_possible() -> None:
    assert string('clever"script\\') == rb'"clever\"script\\"'
    assert string("été") == '"été"'.encode()
    assert string("two\r\nlines") == b"{10}\r\ntwo\r\nlines"
    assert string("a" * 1024) == b'"%b"' % (b"a" * 1024)
    assert string("a" * 1025) == b"{1025}\r\n%b" % (b"a" * 1025)


def test_a_status_has_a_code_and_a_text_or_neither() -> None:
    assert status("OK") == b"OK\r\n"
    assert status("NO", "There is no script by that name", "NONEXISTENT") == (
        b'NO (NONEXISTENT) "There is no script by that name"\r\n'
    )


def test_a_text_of_several_lines_is_a_literal() -> None:
    assert status("NO", "line 1: a\nline 2: b") == b"NO {20}\r\nline 1: a\r\nline 2: b\r\n"


def test_a_tag_comes_back_whatever_is_in_it() -> None:
    assert status("OK", "Done", coded("TAG", b"STARTTLS-SYNC-42")) == b'OK (TAG "STARTTLS-SYNC-42") "Done"\r\n'
    assert status("OK", "", coded("TAG", b"\xff\n")) == b"OK (TAG {2}\r\n\xff\n)\r\n"


def test_capabilities_have_a_value_or_none() -> None:
    assert capabilities([("SASL", ""), ("STARTTLS", None)]) == b'"SASL" ""\r\n"STARTTLS"\r\n'


def test_the_active_script_is_marked() -> None:
    assert listing([("summer_script", False), ("main_script", True)]) == (
        b'"summer_script"\r\n"main_script" ACTIVE\r\n'
    )


def test_a_script_is_a_literal_octet_for_octet() -> None:
    assert literal(b"#a\n\xff") == b"{4}\r\n#a\n\xff"
