# SPDX-License-Identifier: GPL-3.0-or-later
"""The text that SEARCH looks through."""

from __future__ import annotations

import pytest

from protocols.message import SearchText, normalise, scan
from protocols.message.charset import to_text
from protocols.message.encodedword import header_text
from protocols.message.htmltext import html_text
from tests.message.reading import mail


def search(name: str) -> SearchText:
    return scan(mail(name)).search


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("Budget", "budget"),
        ("STRASSE", normalise("Straße")),
        ("ﬁle ①", "file 1"),
        ("ﾃｽﾄ", "テスト"),
        ("cafe\u0301", "café"),
        ("one\r\n\ttwo", "one two"),
        ("One  two\x1cthree", "one two three"),
        ("non\u00a0breaking", "non breaking"),
        (" edge\n", " edge "),
        ("\r\n", " "),
        ("", ""),
    ],
)
def test_texts_are_compared_in_one_form(text: str, normal: str) -> None:
    assert normalise(text) == normal
    assert normalise(normal) == normal


@pytest.mark.parametrize(
    ("name", "subject", "body"),
    [
        ("japanese_utf8", "会議のお知らせ", "月曜日に会いましょう。"),
        ("japanese_iso_2022", "会議", "会議は三時です"),
        ("japanese_shift_jis", "", "東京の報告1"),
        ("chinese_gb2312", "项目", "项目资料"),
        ("korean_ks_c_5601", "안녕 뷁", "안녕하세요"),
        ("utf7", "old style", "hi mom ☺! \ufffd"),
        ("charset_unknown", "unknown charset", "naïve"),
        ("charset_wrong", "wrong charset", "très vite"),
        ("headers_latin1", "mañana", "hola"),
        ("subject_split_character", "café and thé✓", "cut in two."),
        ("uuencode", "uuencode", "cat"),
        ("base64_damaged", "damaged", "hello world"),
        ("encoding_unknown", "unknown encoding", "as it is"),
        ("type_broken", "broken type", "a = b"),
    ],
)
def test_charsets_and_encodings(name: str, subject: str, body: str) -> None:
    found = search(name)
    assert subject in found.subject
    assert found.body.strip() == body
    assert found.body_complete


def test_html_is_read_without_its_tags() -> None:
    assert search("alternative").body == "see you at the café by the harbour. see you at the café "


def test_people_are_found_by_name_and_address() -> None:
    found = search("addresses_odd")
    assert found.from_ == 'giant; "big" box <sales@giant.example>'
    assert found.bcc.startswith("lee, ann <ann@lake.example>, ")
    assert search("headers_8bit").from_ == "jörg groß <joerg@müller.example>".replace("ß", "ss")
    assert search("groups").to == "friends:, chris <c@a.example>, joe@where.example, last@hill.example"


def test_headers_are_one_decoded_line_a_field() -> None:
    assert search("folded").headers.split("\n") == [
        "from: ann@lake.example",
        "subject: a subject that goes on and on",
        "references: <a@lake.example> <b@lake.example>",
        "to: bo@hill.example, cy@sea.example",
    ]
    assert search("mbox_from_line").headers.split("\n") == [
        "from ann@lake.example tue mar 3 09:05:00 2026",
        "from: ann@lake.example",
        "subject: spaced",
        "no colon here",
        ": no name",
        "x-odd name: no field",
    ]


def test_the_headers_and_the_text_of_a_message_inside_are_body() -> None:
    body = search("nested_rfc822").body
    assert body.startswith("please pay this. from: shop <shop@mart.example> to: ann@lake.example subject: the bill ")
    assert body.endswith(" twelve francs.")


def test_a_delivery_report_is_readable() -> None:
    assert "final-recipient: rfc822; bo@hill.example" in search("delivery_report").body


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"plain", "plain"),
        (b"=?iso-8859-1?Q?a?=", "a"),
        (b"(=?iso-8859-1?Q?a?= b)", "(a b)"),
        (b"=?iso-8859-1?Q?a?=  \t =?iso-8859-1?Q?b?=", "ab"),
        (b"=?iso-8859-1?Q?a_b?=", "a b"),
        (b"=?iso-8859-1?Q?a?= =?iso-8859-2?Q?_b?=", "a b"),
        (b"=?US-ASCII*en?Q?Keith_Moore?=", "Keith Moore"),
        (b"=?utf-8?b?8J+R?= =?utf-8?b?jQ==?=", "👍"),
        (b"a =?utf-8?q?b?= c =?utf-8?q?d?=", "a b c d"),
        (b"=?utf-8?x?b?=", "=?utf-8?x?b?="),
        (b"=?utf-8?q?open", "=?utf-8?q?open"),
        (b"=?=?=?=?", "=?=?=?=?"),
    ],
)
def test_encoded_words(value: bytes, text: str) -> None:
    """RFC 2047, 8, and the damaged ones."""
    assert header_text(value) == text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("a<b>b</b>c", "abc"),
        ("<p>a</p><p>b</p>", " a  b "),
        ("a<!-- <p>hidden</p> -->b", "a b"),
        ("a<SCRIPT>if (a<b) {}</Script>b", "a b"),
        ("a<style>never closed", "a "),
        ("a<!-- never closed", "a "),
        ("1 < 2 > 1 &lt; 3 &amp;amp;", "1 < 2 > 1 < 3 &amp;"),
        ("&eacute;&#233;&#xE9;&nope;", "ééé&nope;"),
        ("&#xD800;&#99999999999;", "\ufffd&#99999999999;"),
        ("<" * 3, "<" * 3),
    ],
)
def test_html(source: str, text: str) -> None:
    assert html_text(source) == text


@pytest.mark.parametrize("charset", ["rot13", "zlib", "idna", "punycode", "unicode_escape", "../etc", "utf-8-moon", ""])
def test_names_that_are_no_charset_of_mail_count_as_unknown(charset: str) -> None:
    assert to_text("é".encode(), charset) == "é"
    assert to_text(b"\xe9", charset) == "é"
