# SPDX-License-Identifier: GPL-3.0-or-later
"""Trace fields, and what a header lacks."""

from __future__ import annotations

from protocols.smtp.received import (
    Hop,
    came_by,
    comes_back,
    completion,
    delivered_to,
    header_of,
    hops,
    received,
    return_path,
)

DATE = "Tue, 24 Nov 2026 12:00:00 +0000"


def hop(hello: str = "far.test", peer: str = "192.0.2.1", recipient: str = "") -> bytes:
    return received(Hop(hello, peer, "mail.example.org", "ESMTPS", "id7", recipient, 1795521600))


def test_received_tells_the_way() -> None:
    assert hop(recipient="a@example.org") == (
        b"Received: from far.test ([192.0.2.1])\r\n\tby mail.example.org with ESMTPS id id7\r\n"
        b"\tfor <a@example.org>;\r\n\t" + DATE.encode() + b"\r\n"
    )
    assert b"for <" not in hop()
    assert b"([IPv6:2001:db8::1])" in hop(peer="2001:db8::1")
    assert return_path("") == b"Return-Path: <>\r\n"


def test_a_hello_cannot_write_fields_or_comments() -> None:
    assert hop(hello="a)\r\nX: b(\xff\\").startswith(b"Received: from a???X:?b??? ([192.0.2.1])\r\n")


def test_hops_are_counted_in_the_header_only() -> None:
    message = b"Received: a\r\nRECEIVED: b\r\nSubject: Received: no\r\n\r\nReceived: c\r\n"
    assert header_of(message) == b"Received: a\r\nRECEIVED: b\r\nSubject: Received: no\r\n"
    assert hops(header_of(message)) == 2
    assert header_of(b"\r\nReceived: body\r\n") == b""


def test_what_a_submission_lacks_is_added_and_nothing_else() -> None:
    whole = b"Message-ID: <a@b>\r\ndate: now\r\n\r\nx\r\n"
    assert completion(whole, "mail.example.org", 0) == b""
    dateless = completion(b"Message-Id: <a@b>\r\n\r\nDate: in the body\r\n", "mail.example.org", 1795521600)
    assert dateless == b"Date: " + DATE.encode() + b"\r\n"
    idless = completion(b"Date: now\r\n\r\n", "mail.example.org", 0)
    assert idless.startswith(b"Message-ID: <")
    assert idless.endswith(b"@mail.example.org>\r\n")


def test_a_message_without_a_header_gets_one_and_its_empty_line() -> None:
    assert completion(b"Only words here\r\n", "mail.example.org", 0).endswith(b">\r\n\r\n")
    assert completion(b"", "mail.example.org", 0).endswith(b">\r\n\r\n")
    assert not completion(b"\r\nbody\r\n", "mail.example.org", 0).endswith(b">\r\n\r\n")


def test_an_address_that_redirects_knows_its_mail_again() -> None:
    mail = delivered_to("Alice@Example.org") + b"Received: by x\r\n"
    assert mail.startswith(b"Delivered-To: alice@example.org\r\n")
    assert came_by(mail, "alice@example.org")
    assert came_by(b"Subject: x\r\ndelivered-TO:\talice@example.org \r\n", "alice@example.org")
    assert not came_by(mail, "lice@example.org")
    assert not came_by(b"Subject: x\r\n\tDelivered-To: alice@example.org\r\n", "alice@example.org")


def test_mail_comes_back_when_the_field_on_top_is_there_twice() -> None:
    mail = delivered_to("alice@example.org") + b"Received: by x\r\n"
    assert not comes_back(mail)
    assert not comes_back(delivered_to("bob@example.org") + mail)
    assert comes_back(delivered_to("alice@example.org") + delivered_to("bob@example.org") + mail)
    assert not comes_back(b"Subject: x\r\n" + mail + mail)


def test_the_field_is_ascii() -> None:
    assert delivered_to("grüße@example.org") == b"Delivered-To: gr\\xfc\\xdfe@example.org\r\n"
    assert came_by(delivered_to("grüße@example.org"), "grüße@example.org")
