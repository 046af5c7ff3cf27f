# SPDX-License-Identifier: GPL-3.0-or-later
"""Python's own imaplib and smtplib, as many a script uses them."""

from __future__ import annotations

import imaplib
import smtplib

import pytest

from tests.clients.person import Person, letter


def test_imaplib_signs_in_after_starttls(person: Person) -> None:
    person.receives(letter("hello"))
    with imaplib.IMAP4("localhost", person.ports["imap"]) as imap:
        imap.starttls(person.trust())
        imap.login(person.address, person.password)
        assert imap.select() == ("OK", [b"1"])
        assert b"Subject: hello\r\n\r\n" in (imap.fetch("1", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1][0] or ())


def test_smtplib_submits_after_starttls(person: Person) -> None:
    with smtplib.SMTP("localhost", person.ports["submission"]) as smtp:
        smtp.starttls(context=person.trust())
        smtp.login(person.address, person.password)
        assert smtp.sendmail(person.address, [person.address], letter("sent")) == {}
    assert set(person.subjects()) == {"sent"}


def test_nobody_submits_in_another_name(person: Person) -> None:
    with smtplib.SMTP_SSL("localhost", person.ports["submissions"], context=person.trust()) as smtp:
        smtp.login(person.address, person.password)
        with pytest.raises(smtplib.SMTPResponseException) as refused:
            smtp.sendmail("director@bench.test", [person.address], letter("forged"))
    assert refused.value.smtp_code == 553


def test_strangers_may_write_to_us_and_not_through_us(person: Person) -> None:
    with smtplib.SMTP("localhost", person.ports["smtp"]) as smtp:
        assert smtp.sendmail("friend@example.org", [person.address], letter("for you")) == {}
        for recipient in "somebody@example.net", "nobody-here@bench.test":
            with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
                smtp.sendmail("friend@example.org", [recipient], letter("for others"))
            assert refused.value.recipients[recipient][0] == 550


def test_lmtp_answers_for_each_recipient(person: Person) -> None:
    with smtplib.LMTP("localhost", person.ports["lmtp"]) as lmtp:
        refused = lmtp.sendmail("friend@example.org", [person.address, "nobody-here@bench.test"], letter("both"))
    assert {address: code for address, (code, _) in refused.items()} == {"nobody-here@bench.test": 550}
    assert set(person.subjects()) == {"both"}
