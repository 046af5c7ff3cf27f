# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers of people who are away (RFC 5230): what they say, and who gets one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sieve import Envelope, Settings, SieveSyntaxError, compile
from tests.sieve.acting import AWAY, COYOTE, LUNCH, ROADRUNNER, act, answer, answers, with_fields

NAMES = ["Subject", "Message-ID", "References", "In-Reply-To", "From", "Sender", "Auto-Submitted", "Precedence"]

# What it says


def test_an_answer_byte_for_byte() -> None:
    lunch = with_fields("References: <0@desert.example.org>").replace(
        b"lunch?", b"=?utf-8?q?Mittagessen_f=C3=BCr_?=\r\n =?utf-8?q?uns?="
    )
    sent = answer('require "vacation"; vacation "I\'m away.\nSee you in März!";', lunch)
    assert (sent.sender, sent.recipients) == (None, [COYOTE])
    assert sent.octets == (
        b"From: roadrunner@acme.example.com\r\n"
        b"To: coyote@desert.example.org\r\n"
        b"Subject: =?utf-8?q?Auto=3A_Mittagessen_f=C3=BCr_uns?=\r\n"
        b"In-Reply-To: <1@desert.example.org>\r\n"
        b"References: <0@desert.example.org> <1@desert.example.org>\r\n"
        b"Auto-Submitted: auto-replied\r\n"
        b"Date: Tue, 24 Nov 2026 17:00:00 +0000\r\n"
        b"Message-ID: <2a3b44b1f1ff7642d21ce7a07424baf1@acme.example.com>\r\n"
        b"MIME-Version: 1.0\r\n"
        b"Content-Type: text/plain; charset=utf-8\r\n"
        b"Content-Transfer-Encoding: quoted-printable\r\n"
        b"\r\n"
        b"I'm away.\r\n"
        b"See you in M=C3=A4rz!\r\n"
    )


def test_the_message_is_kept_all_the_same() -> None:
    assert act(AWAY)[0].mailboxes == ["INBOX"]


def test_ascii_goes_as_it_is() -> None:
    assert answer().octets.endswith(b"Content-Transfer-Encoding: 7bit\r\n\r\nI am away.\r\n")


def test_a_subject_and_an_author_of_its_own() -> None:
    sent = answer(
        'require "vacation"; vacation :subject "Gone fishing" :from "\\"Läufer, R.\\" <rr@acme.example.com>" "Hi";'
    )
    assert b"Subject: Gone fishing\r\n" in sent.octets
    assert sent.message["from"].addresses[0].display_name == "Läufer, R."
    assert sent.message["from"].addresses[0].addr_spec == "rr@acme.example.com"


def test_long_subjects_are_folded_and_cut() -> None:
    sent = answer(message=LUNCH.replace(b"lunch?", b"lunch? " * 100))
    assert sent.message["subject"] == f"Auto: {'lunch? ' * 100}"[:262].strip()
    assert all(len(line) <= 78 for line in sent.octets.split(b"\r\n"))


@pytest.mark.parametrize("template", ["Away (%$)", "Away (%{subject})"])
def test_the_operator_may_word_the_subject(template: str) -> None:
    sent = answer(settings=Settings(vacation_subject_template=template))
    assert b"Subject: Away (lunch?)\r\n" in sent.octets


def test_without_a_subject_there_is_a_fixed_one() -> None:
    # RFC 5230, 5.3
    assert answer(message=LUNCH.replace(b"Subject", b"X-Subject")).message["subject"] == "Automated reply"


def test_line_ends_in_a_subject_bring_no_fields() -> None:
    sent = answer('require "vacation"; vacation :subject "a\r\nBcc: x@example.net" "Hi";')
    assert sent.message["subject"] == "a Bcc: x@example.net"
    assert sent.message["bcc"] is None


def test_without_a_message_id_nothing_is_referred_to() -> None:
    # RFC 5230, 5.8
    sent = answer(message=LUNCH.replace(b"Message-ID", b"X-ID"))
    assert (sent.message["in-reply-to"], sent.message["references"]) == (None, None)


def test_a_single_in_reply_to_stands_for_references() -> None:
    # RFC 5322, 3.6.4
    sent = answer(message=with_fields("In-Reply-To: <0@desert.example.org>"))
    assert sent.message["references"] == "<0@desert.example.org> <1@desert.example.org>"


def test_of_a_long_thread_the_first_and_the_last_are_named() -> None:
    before = [f"<{number}@desert.example.org>" for number in range(100, 200)]
    found = answer(message=with_fields(f"References: {' '.join(before)}")).message["references"].split()
    assert found == [before[0], *before[-20:], "<1@desert.example.org>"]


def test_a_mime_entity_is_taken_as_it_is() -> None:
    # RFC 5230, 4.4
    sent = answer(
        """require "vacation"; vacation :mime text:
Content-Type: multipart/alternative; boundary=foo
Subject: not from here

--foo

I'm at the beach relaxing.  Mmmm, surf...

--foo
Content-Type: text/html; charset=us-ascii

<HTML><BODY><P>I'm at the beach.</P></BODY></HTML>

--foo--
.
;"""
    )
    assert [part.get_content_type() for part in sent.message.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    assert sent.message["subject"] == "Auto: lunch?"


def test_a_mime_entity_has_an_ascii_header() -> None:
    # RFC 5230, 5
    with pytest.raises(SieveSyntaxError, match="header of a MIME entity is ASCII"):
        compile('require "vacation"; vacation :mime "Content-Type: text/plain; name=ä\n\nHi";')


@pytest.mark.parametrize("wrong", ["", "nobody", "Läufer, R. <rr@acme.example.com>", "a@x.org b@x.org"])
def test_an_author_is_a_list_of_addresses(wrong: str) -> None:
    # RFC 5230, 4.3
    with pytest.raises(SieveSyntaxError, match="no list of addresses"):
        compile(f'require "vacation"; vacation :from "{wrong}" "Hi";')


def test_an_author_who_is_not_the_owner_is_ignored_where_that_is_not_allowed() -> None:
    settings = Settings(may_write_as=frozenset({ROADRUNNER}))
    sent = answer('require "vacation"; vacation :from "boss@acme.example.com" "Hi";', settings=settings)
    assert sent.message["from"] == ROADRUNNER


def test_the_answer_comes_from_the_address_that_was_written_to() -> None:
    script = 'require "vacation"; vacation :addresses ["rr@acme.example.com"] "Hi";'
    sent = answer(script, LUNCH.replace(b"To: roadrunner@", b"To: rr@"))
    assert sent.message["from"] == "rr@acme.example.com"


def test_the_operator_may_choose_the_envelope_sender() -> None:
    assert answer(settings=Settings(vacation_send_from_recipient=True)).sender == ROADRUNNER


def test_the_operator_may_prefer_the_address_of_the_header() -> None:
    message = LUNCH.replace(b"coyote@desert", b"coyote@office")
    assert answer(message=message).message["to"] == COYOTE
    settings = Settings(vacation_to_header_ignore_envelope=True)
    sent = answer(message=message, settings=settings)
    assert (sent.message["to"], sent.recipients) == ("coyote@office.example.org", [COYOTE])


def test_the_language_of_the_answer_is_chosen_by_that_of_the_message() -> None:
    # RFC 5230, 7
    script = """require "vacation";
    if header :contains ["accept-language", "content-language"] "en" {
        vacation "I am away this week.";
    } else {
        vacation "Estoy ausente esta semana.";
    }"""
    assert b"I am away" in answer(script, with_fields("Accept-Language: en-GB, en")).octets
    assert b"Estoy ausente" in answer(script, with_fields("Accept-Language: es")).octets


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(NAMES), st.binary(max_size=120)), max_size=6))
def test_any_message_can_be_answered_or_not(fields: list[tuple[str, bytes]]) -> None:
    message = b"".join(b"%b: %b\r\n" % (name.encode(), value) for name, value in fields) + b"\r\n"
    given_settings = Settings(vacation_check_recipient=False, vacation_to_header_ignore_envelope=True)
    for sent in answers(AWAY, message, settings=given_settings):
        header = sent.octets.partition(b"\r\n\r\n")[0]
        assert header.isascii()
        assert sum(line.startswith(b"Subject:") for line in header.split(b"\r\n")) == 1
        assert sent.message["auto-submitted"] == "auto-replied"


# Who gets one


@pytest.mark.parametrize(
    "sender",
    [
        None,
        "",
        "MAILER-DAEMON@desert.example.org",
        "owner-birds@lists.example.org",
        "birds-request@lists.example.org",
        "birds-bounces@lists.example.org",
        "birds-bounces+roadrunner=acme.example.com@lists.example.org",
        "LISTSERV@lists.example.org",
        "majordomo@lists.example.org",
        "noreply@shop.example.org",
        "no-reply@shop.example.org",
        ROADRUNNER,
        "RoadRunner+birds@ACME.example.com",
    ],
)
def test_these_senders_get_no_answer(sender: str | None) -> None:
    assert not answers(envelope=Envelope(sender, ROADRUNNER))


@pytest.mark.parametrize("sender", ["postmaster@desert.example.org", "owners@example.org", "bouncer@example.org"])
def test_these_senders_are_people(sender: str) -> None:
    assert answer(envelope=Envelope(sender, ROADRUNNER)).recipients == [sender]


@pytest.mark.parametrize(
    "field",
    [
        "List-Id: Birds <birds.lists.example.org>",
        "List-Help: <mailto:h@lists.example.org>",
        "List-Subscribe: <mailto:s@lists.example.org>",
        "List-Unsubscribe: <mailto:u@lists.example.org>",
        "List-Post: NO",
        "List-Owner: <mailto:o@lists.example.org>",
        "List-Archive: <https://lists.example.org>",
        "Precedence: bulk",
        "Precedence: LIST",
        "Precedence: junk",
        "Auto-Submitted: auto-replied",
        "Auto-Submitted: auto-generated (by cron); owner-email=x@example.org",
        "X-Auto-Response-Suppress: DR, OOF, AutoReply",
        "X-Auto-Response-Suppress: All",
        "X-Spam-Flag: YES",
    ],
)
def test_these_messages_get_no_answer(field: str) -> None:
    assert not answers(message=with_fields(field))


@pytest.mark.parametrize(
    "field", ["Auto-Submitted: no", "Auto-Submitted: (really) No", "Precedence: urgent", "X-Spam-Flag: NO"]
)
def test_these_messages_are_of_people(field: str) -> None:
    assert answers(message=with_fields(field))


@pytest.mark.parametrize("name", ["To", "Cc", "Bcc", "Resent-To", "Resent-Cc", "Resent-Bcc"])
def test_the_owner_must_be_named(name: str) -> None:
    # RFC 5230, 4.5
    hidden = LUNCH.replace(b"To: roadrunner@acme.example.com", b"To: undisclosed-recipients:;")
    assert not answers(message=hidden)
    assert answers(message=f"{name}: Birds: RoadRunner@Acme.example.com;\r\n".encode() + hidden)


def test_an_encoded_word_names_no_address() -> None:
    hidden = b"To: =?utf-8?q?roadrunner=40acme.example.com=2C?= Somebody <else@far.example>\r\n"
    assert answers(message=LUNCH.replace(b"To: roadrunner@acme.example.com\r\n", hidden)) == []


def test_details_are_the_owners_own() -> None:
    assert answers(message=LUNCH.replace(b"roadrunner@", b"roadrunner+food@"))
    assert answers(envelope=Envelope(COYOTE, "roadrunner+food@acme.example.com"))


def test_addresses_that_a_script_names_are_the_owners() -> None:
    elsewhere = LUNCH.replace(b"roadrunner@acme.example.com", b"bird@landru.example.edu")
    assert not answers(message=elsewhere)
    # RFC 5230, 4.8
    script = """require "vacation";
    vacation :days 23 :addresses ["tjs@example.edu", "bird@landru.example.edu"]
    "I'm away until October 19.
    If it's an emergency, call 911, I guess." ;"""
    assert answers(script, elsewhere)


def test_the_operator_may_know_more_addresses() -> None:
    elsewhere = LUNCH.replace(b"roadrunner@acme.example.com", b"bird@acme.example.com")
    assert answers(message=elsewhere, settings=Settings(user_email="bird@acme.example.com"))
    assert answers(message=elsewhere, settings=Settings(vacation_check_recipient=False))
    envelope = Envelope(COYOTE, ROADRUNNER, "bird@acme.example.com")
    assert not answers(message=elsewhere, envelope=envelope)
    assert answers(message=elsewhere, envelope=envelope, settings=Settings(vacation_use_original_recipient=True))


def test_the_trace_tells_why_there_is_no_answer() -> None:
    _, result = act(AWAY, message=with_fields("Precedence: bulk"))
    assert [traced.what for traced in result.trace] == ["vacation", "not answered: it went to many"]
