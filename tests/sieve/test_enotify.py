# SPDX-License-Identifier: GPL-3.0-or-later
"""Notifications (RFC 5435) by mail (RFC 5436)."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest

from sieve import Delivery, Envelope, Message, Services, Settings, SieveRuntimeError, SieveSyntaxError, compile
from sieve.actions import Notify, Store
from tests.sieve.acting import COYOTE, LUNCH, ROADRUNNER, Sent, act, with_fields
from tests.sieve.running import holds

KNITTING = b"""\
Return-Path: <knitting-bounces@example.com>
Received: from mail.example.com by mail.example.org
  for <recipient@example.org>; Wed, 7 Dec 2005 05:08:02 -0500
Message-ID: <1234567.89ABCDEF@example.com>
Date: Wed, 07 Dec 2005 10:59:19 +0100
Precedence: list
List-Id: Knitting Mailing List <knitting.example.com>
From: "Jeff Smith" <jeff@hobbies.example.com>
To: "Knitting Mailing List" <knitting@example.com>
Subject: [Knitting] A new sweater

I just finished a great new sweater!
""".replace(b"\n", b"\r\n")
"""RFC 5436, 3."""


def notices(script: str, message: bytes = LUNCH, **delivery: Any) -> list[Sent]:
    actuator, result = act(f'require ["enotify", "variables"]; {script}', message=message, **delivery)
    assert not result.errors
    assert actuator.mailboxes == ["INBOX"]
    return actuator.sent


def notice(script: str, message: bytes = LUNCH, **delivery: Any) -> Sent:
    (sent,) = notices(script, message, **delivery)
    return sent


def test_the_example_of_the_rfc() -> None:
    # RFC 5436, 3
    sent = notice(
        """if header :contains "list-id" "knitting.example.com" {
            if header :matches "Subject" "[*] *" {
                notify :message "From ${1} list: ${2}" :importance "3"
                    "mailto:0123456789@sms.example.net?to=backup@example.com";
            }
        }""",
        KNITTING,
        envelope=Envelope("knitting-bounces@example.com", "recipient@example.org"),
    )
    assert sent.recipients == ["0123456789@sms.example.net", "backup@example.com"]
    header, _, body = sent.octets.partition(b"\r\n\r\n")
    message_id = sent.message["message-id"].encode()
    assert header.split(b"\r\n") == [
        b'Auto-Submitted: auto-notified; owner-email="recipient@example.org"',
        b"From: recipient@example.org",
        b"To: 0123456789@sms.example.net, backup@example.com",
        b"Subject: From Knitting list: A new sweater",
        b"Importance: low",
        b"X-Priority: 5 (Lowest)",
        b"Date: Tue, 24 Nov 2026 17:00:00 +0000",
        b"Message-ID: " + message_id,
        b"MIME-Version: 1.0",
        b"Content-Type: text/plain; charset=utf-8",
        b"Content-Transfer-Encoding: 7bit",
    ]
    assert message_id.endswith(b"@example.org>")
    assert body == b'From: "Jeff Smith" <jeff@hobbies.example.com>\r\nSubject: [Knitting] A new sweater\r\n'


@pytest.mark.parametrize(
    ("arguments", "subject"),
    [
        (':message "hällo" "mailto:a@x.org?subject=no"', "hällo"),
        ('"mailto:a@x.org?subject=Fr%C3%B6p%20received"', "Fröp received"),
        ('"mailto:a@x.org"', "lunch?"),
    ],
)
def test_the_subject_is_of_the_action_or_the_uri_or_the_message(arguments: str, subject: str) -> None:
    assert notice(f"notify {arguments};").message["subject"] == subject


def test_a_uri_has_fields_and_a_body() -> None:
    sent = notice('notify "mailto:a@x.org?cc=b@x.org&body=You%20have%0D%0Amail&x-pager=42&reply-to=c@x.org";')
    assert (sent.message["cc"], sent.message["x-pager"], sent.message["reply-to"]) == ("b@x.org", "42", "c@x.org")
    assert sent.octets.endswith(b"\r\n\r\nYou have\r\nmail\r\n")


@pytest.mark.parametrize(
    "field",
    ["from", "auto-submitted", "received", "message-id", "date", "bcc", "sender", "content-type", "dkim-signature"],
)
def test_a_uri_does_not_choose_what_is_unsafe(field: str) -> None:
    # RFC 5436, 2.7
    assert b"evil" not in notice(f'notify "mailto:a@x.org?{field}=evil@x.org";').octets


def test_a_field_of_a_uri_is_one_field() -> None:
    sent = notice('notify "mailto:a@x.org?x-a=1%0D%0ABcc:%20evil@x.org";')
    assert sent.message["bcc"] is None


@pytest.mark.parametrize(
    ("uri", "recipients"),
    [
        ("mailto:a@x.org,b@x.org", ["a@x.org", "b@x.org"]),
        ("mailto:a@x.org%2c%20b@x.org?to=c@x.org&cc=d@x.org", ["a@x.org", "b@x.org", "c@x.org", "d@x.org"]),
        ("MAILTO:%22a%20b%22@x.org", ['"a b"@x.org']),
        ("mailto:Bird%20%3Ca@x.org%3E", ["a@x.org"]),
        ("mailto:a@x.org?to=A@X.org&cc=a@x.org", ["a@x.org"]),
    ],
)
def test_recipients(uri: str, recipients: list[str]) -> None:
    assert notice(f'notify "{uri}";').recipients == recipients


def test_a_uri_without_recipients_notifies_nobody() -> None:
    assert not notices('notify "mailto:";')
    (warning,) = compile('require "enotify"; notify "mailto:";').warnings
    assert warning.message == "nobody is notified: the URI has no address"


@pytest.mark.parametrize("value", ["auto-replied", "auto-generated", "auto-notified; owner-email=x"])
def test_messages_of_machines_notify_nobody(value: str) -> None:
    assert not notices('notify "mailto:a@x.org";', with_fields(f"Auto-Submitted: {value}"))
    assert notices('notify "mailto:a@x.org";', with_fields("Auto-Submitted: No"))


@pytest.mark.parametrize(
    ("sender", "arguments", "wish", "expected"),
    [
        (COYOTE, "", None, ROADRUNNER),
        (COYOTE, ':from "Bird <rr@acme.example.com>"', None, "rr@acme.example.com"),
        (None, ':from "rr@acme.example.com"', None, None),
        (None, "", "recipient", None),
        (COYOTE, ':from "rr@acme.example.com"', "sender", COYOTE),
        (COYOTE, ':from "rr@acme.example.com"', "recipient", ROADRUNNER),
        (COYOTE, "", "user_email", "user@acme.example.com"),
        (COYOTE, "", "postmaster", "postmaster@acme.example.com"),
    ],
)
def test_the_envelope_sender(sender: str | None, arguments: str, wish: str | None, expected: str | None) -> None:
    settings = Settings(notify_envelope_from=wish, user_email="user@acme.example.com")
    sent = notice(f'notify {arguments} "mailto:a@x.org";', envelope=Envelope(sender, ROADRUNNER), settings=settings)
    assert sent.sender == expected


def test_an_author_who_is_not_the_owner_is_ignored_where_that_is_not_allowed() -> None:
    # RFC 5435, 3.3
    settings = Settings(may_write_as=frozenset({ROADRUNNER}))
    sent = notice('notify :from "boss@acme.example.com" "mailto:a@x.org";', settings=settings)
    assert (sent.message["from"], sent.sender) == (ROADRUNNER, ROADRUNNER)


def test_nobody_is_told_the_same_twice() -> None:
    uris = ("mailto:a@x.org,b@x.org", "mailto:a@x.org", "mailto:c@x.org?cc=B@x.org")
    first, second = notices("".join(f'notify "{uri}";' for uri in uris))
    assert (first.recipients, second.recipients) == (["a@x.org", "b@x.org"], ["c@x.org"])
    assert second.message["cc"] is None
    assert len(notices('notify :message "1" "mailto:a@x.org"; notify :message "2" "mailto:a@x.org";')) == 2


def test_there_are_only_so_many_notifications() -> None:
    # RFC 5435, 8
    script = "".join(f'notify "mailto:{name}@x.org";' for name in "abc")
    actuator, result = act(f'require "enotify"; {script}', settings=Settings(notify_max_notifications=2))
    assert [str(error) for error in result.errors] == ["line 1: too many notifications (at most 2)"]
    assert len(actuator.sent) == 2
    (warning,) = compile(f'require "enotify"; {script}', settings=Settings(notify_max_notifications=2)).warnings
    assert warning.message == "too many notifications for one message (at most 2)"


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ('"a@x.org"', "is no URI"),
        ('"mailto:nobody"', "no list of addresses"),
        ('"mailto:a@x.org?subject=x y"', "characters in it"),
        ('"mailto:a@x.org?subject"', "names no header field"),
        ('"mailto:a@x.org?sub%20ject=x"', "names no header field"),
        (f'"mailto:{",".join(f"a{number}@x.org" for number in range(9))}"', "at most 8 recipients"),
        (f'"mailto:a@x.org?{"&".join(f"x-{number}=1" for number in range(17))}"', "at most 16 header fields"),
        (':from "nobody" "mailto:a@x.org"', "'nobody' is no address"),
        (':from "a@x.org, b@x.org" "mailto:a@x.org"', "is no address"),
        (':importance "4" "mailto:a@x.org"', "an importance is"),
        (':options ["tag=value", "=value"] "mailto:a@x.org"', "'=value' is no option"),
        (':options "-tag=value" "mailto:a@x.org"', "is no option"),
        (':options "tag=val\nue" "mailto:a@x.org"', "is no option"),
    ],
)
def test_what_is_wrong_is_told_before_and_fails_where_it_is_known_only_then(arguments: str, problem: str) -> None:
    with pytest.raises(SieveSyntaxError, match=problem):
        compile(f'require "enotify"; notify {arguments};')
    late = re.sub(r'"([^"]*)"', r'"${none}\1"', arguments)
    with pytest.raises(SieveRuntimeError):
        compile(f'require ["enotify", "variables"]; notify {late};').run(Delivery(Message(LUNCH)))


def test_an_owner_with_quotes_is_quoted_again() -> None:
    sent = notice('notify "mailto:a@x.org";', envelope=Envelope(COYOTE, '"road runner"@acme.example.com'))
    assert sent.octets.startswith(
        b'Auto-Submitted: auto-notified; owner-email="\\"road runner\\"@acme.example.com"\r\n'
        b'From: "road runner"@acme.example.com\r\n'
    )


BOSS = """
if header :contains "from" "boss@example.org" {
    notify :importance "1" :message "This is probably very important" "mailto:alm@example.com";
    # Don't send any further notifications
    stop;
}
if header :contains "to" "sievemailinglist@example.org" {
    # :matches is used to get the value of the Subject header
    if header :matches "Subject" "*" { set "subject" "${1}"; }
    # :matches is used to get the value of the From header
    if header :matches "From" "*" { set "from" "${1}"; }
    notify :importance "3" :message "[SIEVE] ${from}: ${subject}" "mailto:alm@example.com";
    fileinto "INBOX.sieve";
}"""
"""RFC 5435, 3.7, the first example."""


def test_notifications_of_some_messages() -> None:
    script = f'require ["enotify", "fileinto", "variables"]; {BOSS}'
    (sent,) = act(script, message=LUNCH.replace(b"coyote@desert.example.org", b"boss@example.org"))[0].sent
    assert (sent.message["subject"], sent.message["importance"]) == ("This is probably very important", "high")
    of_list = LUNCH.replace(b"roadrunner@acme.example.com", b"sievemailinglist@example.org")
    actuator, _ = act(script, message=of_list)
    assert actuator.sent[0].message["subject"] == "[SIEVE] Wile E. Coyote <coyote@desert.example.org>: lunch?"
    assert actuator.mailboxes == ["INBOX.sieve"]
    assert not act(script)[0].sent


def test_a_notification_tells_the_envelope_sender() -> None:
    # RFC 5435, 3.7, the second example
    script = """require ["enotify", "fileinto", "variables", "envelope"];
    if header :matches "from" "*@*.example.org*" {
        # :matches is used to get the MAIL FROM address
        if envelope :all :matches "from" "*" { set "env_from" " [really: ${1}]"; }
        # :matches is used to get the value of the Subject header
        if header :matches "Subject" "*" { set "subject" "${1}"; }
        # :matches is used to get the address from the From header
        if address :matches :all "from" "*" { set "from_addr" "${1}"; }
        notify :message "${from_addr}${env_from}: ${subject}" "mailto:alm@example.com";
    }"""
    (sent,) = act(script, envelope=Envelope("wile@acme.example.com", ROADRUNNER))[0].sent
    assert sent.message["subject"] == f"{COYOTE} [really: wile@acme.example.com]: lunch?"


# Other methods


def test_a_method_that_nobody_offers_is_an_error() -> None:
    # RFC 5435, 3.2
    with pytest.raises(SieveRuntimeError, match="no way of notifying by 'tel:"):
        compile('require "enotify"; notify "tel:+14085551212";').run(Delivery(Message(LUNCH)))


def test_the_method_of_a_message_is_chosen() -> None:
    # RFC 5435, 3.7, the third example
    script = """require ["enotify", "variables"];
    set "notif_method" "xmpp:tim@example.com?message;subject=SIEVE;body=You%20got%20mail";
    if header :contains "subject" "Your dog" { set "notif_method" "tel:+14085551212"; }
    if header :contains "to" "sievemailinglist@example.org" { set "notif_method" ""; }
    if not string :is "${notif_method}" "" { notify "${notif_method}"; }"""
    told: list[str] = []

    def tell(action: Notify, delivery: Delivery) -> None:
        told.append(action.method)

    services = Services(notify={"xmpp": tell, "tel": tell})
    act(script, services=services)
    act(script, message=LUNCH.replace(b"lunch?", b"Your dog"), services=services)
    act(script, message=LUNCH.replace(b"To: ", b"To: sievemailinglist@example.org, "), services=services)
    assert told == ["xmpp:tim@example.com?message;subject=SIEVE;body=You%20got%20mail", "tel:+14085551212"]


@pytest.mark.parametrize("as_object", [False, True])
def test_a_method_that_somebody_offers_is_carried_out(as_object: bool) -> None:
    told: list[tuple[str, str | None]] = []
    methods = {"tel": lambda action, delivery: told.append((action.method, action.message_text))}
    notify: Any = SimpleNamespace(methods=methods) if as_object else methods
    services = Services(notify=notify)
    assert holds('valid_notify_method "tel:+14085551212"', require="enotify", services=services)
    act('require "enotify"; notify :message "BOSS" "tel:+14085551212";', services=services)
    assert told == [("tel:+14085551212", "BOSS")]


def test_valid_methods() -> None:
    # RFC 5435, 4
    assert holds('valid_notify_method ["mailto:", "mailto:a@x.org"]', require="enotify")
    assert not holds('valid_notify_method ["mailto:", "http://gw.example.net/notify?test"]', require="enotify")
    assert not holds('valid_notify_method "mailto:nobody"', require="enotify")


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ('"mailto:a@x.org" "Online" "maybe"', True),
        ('"mailto:a@x.org" "online" ["yes", "no"]', False),
        ('"mailto:" "fcc" "yes"', True),
        (':matches "mailto:" "FCC" "y*"', True),
        ('"mailto:a@x.org" "colour" "maybe"', False),
        ('"mailto:nobody" "online" "maybe"', False),
        ('"xmpp:tim@example.com?message;subject=SIEVE" "Online" "yes"', False),
    ],
)
def test_capabilities_of_methods(test: str, expected: bool) -> None:
    # RFC 5435, 5 and RFC 8580, 6.1
    assert holds(f"notify_method_capability {test}", require="enotify fcc") is expected


# Encoding for URIs


def encoded(value: str, size: int = 4096) -> str:
    script = f'require ["enotify", "variables", "fileinto"]; set :encodeurl "a" "{value}"; fileinto "${{a}}";'
    result = compile(script).run(Delivery(Message(LUNCH), settings=Settings(variables_max_size=size)))
    (store,) = result.actions
    assert isinstance(store, Store)
    return store.mailbox


def test_the_modifier_encodeurl() -> None:
    # RFC 5435, 6
    assert encoded("Safe body&evil=evilbody") == "Safe%20body%26evil%3Devilbody"
    assert encoded("a-._~ü\\\\") == "a-._~%C3%BC%5C"


@pytest.mark.parametrize(("size", "kept"), [(13, "0%C3%BC%C3%BC"), (12, "0%C3%BC"), (9, "0%C3%BC"), (6, "0"), (1, "0")])
def test_what_is_too_long_ends_with_a_whole_character(size: int, kept: str) -> None:
    assert encoded("0üü", size) == kept
