# SPDX-License-Identifier: GPL-3.0-or-later
"""Refusing messages (RFC 5429): in the dialogue of SMTP, or by a letter to whoever sent them."""

from __future__ import annotations

from email.message import MIMEPart
from typing import cast

import pytest

from sieve import Delivery, Envelope, Message, Result, SieveRuntimeError, SieveSyntaxError, compile
from sieve.actions import Keep, Reject
from tests.sieve.acting import COYOTE, LUNCH, ROADRUNNER, Actuator, Sent, act, with_fields

REJECT = """require ["reject"];
if header :contains "from" "coyote@desert.example.org" {
    reject text:
I am not taking mail from you, and I don't
want your birdseed, either!
.
    ;
}"""
"""RFC 5429, 2.2.1."""
REASON = "I am not taking mail from you, and I don't\r\nwant your birdseed, either!\r\n"
SPECIAL = "Kein Vogelfutter, bitte – wirklich."


def letter(script: str, message: bytes = LUNCH, **envelope: str | None) -> Sent:
    """What goes back when the dialogue is over."""
    environment = {"host": "mx.acme.example.com"}
    whence = Envelope(COYOTE, ROADRUNNER, **envelope)
    actuator, result = act(script, message=message, envelope=whence, environment=environment)
    assert not actuator.stored
    assert not result.implicit_keep
    (sent,) = actuator.sent
    return sent


def groups(report: MIMEPart) -> list[MIMEPart]:
    """The groups of fields of a report, in their order."""
    return cast(list[MIMEPart], report.get_payload())


def test_in_the_dialogue_the_reason_is_said() -> None:
    for command in ("reject", "ereject"):
        actuator, _ = act(REJECT.replace("reject", command), actuator=Actuator(in_dialogue=True))
        assert (actuator.refused, actuator.sent, actuator.stored) == ([REASON], [], [])


def test_a_message_that_is_too_big() -> None:
    # RFC 5429, 2.2
    script = """require ["reject"];
    if size :over 100K {
        reject text:
Your message is too big.  If you want to send me a big attachment,
put it on a public web site and send me a URL.
.
        ;
    }"""
    big = act(script, message=LUNCH + b"x" * 110_000, actuator=Actuator(in_dialogue=True))[0]
    assert "too big" in big.refused[0]
    assert act(script)[0].mailboxes == ["INBOX"]


def test_an_ereject_gives_up_a_reason_that_is_not_ascii() -> None:
    # RFC 5429, 2.1.1
    actuator, _ = act(f'require "ereject"; ereject "{SPECIAL}";', actuator=Actuator(in_dialogue=True))
    assert actuator.refused == ["The recipient's mail filter refuses this message."]
    assert not actuator.sent


def test_a_reject_does_not() -> None:
    # RFC 5429, 2.2
    actuator, _ = act(f'require "reject"; reject "{SPECIAL}";', actuator=Actuator(in_dialogue=True))
    assert not actuator.refused
    assert SPECIAL in next(actuator.sent[0].message.iter_parts()).get_content()


def test_a_letter_about_a_reject_is_a_disposition_notification() -> None:
    # RFC 5429, 2.2.1
    sent = letter(REJECT)
    assert (sent.sender, sent.recipients) == (None, [COYOTE])
    message = sent.message
    assert message.get_content_type() == "multipart/report"
    assert message.get_param("report-type") == "disposition-notification"
    assert (message["to"], message["auto-submitted"]) == (COYOTE, "auto-replied")
    text, report, original = message.iter_parts()
    assert text.get_content() == (
        "Your message was refused by the recipient's mail filtering program.\r\n"
        "The reason given was as follows:\r\n\r\n" + REASON
    )
    assert report.get_content_type() == "message/disposition-notification"
    (fields,) = groups(report)
    assert fields["disposition"] == "automatic-action/MDN-sent-automatically; deleted"
    assert fields["final-recipient"] == f"rfc822; {ROADRUNNER}"
    assert fields["original-message-id"] == "<1@desert.example.org>"
    assert original.get_content_type() == "message/rfc822"


def test_a_letter_about_an_ereject_is_a_delivery_report() -> None:
    # RFC 5429, 2.1.2
    sent = letter(f'require "ereject"; ereject "{SPECIAL}";', orcpt="rfc822;bird+2Bx@acme.example.com", envid="X+2B1")
    assert sent.message.get_param("report-type") == "delivery-status"
    text, report, original = sent.message.iter_parts()
    assert SPECIAL in text.get_content()
    about, recipient = groups(report)
    assert (about["reporting-mta"], about["original-envelope-id"]) == ("dns; mx.acme.example.com", "X+1")
    assert (recipient["action"], recipient["status"]) == ("failed", "5.7.1")
    assert recipient["final-recipient"] == f"rfc822; {ROADRUNNER}"
    assert recipient["original-recipient"] == "rfc822;bird+x@acme.example.com"
    assert original.get_content_type() == "message/rfc822"


@pytest.mark.parametrize("message", [LUNCH + b"x" * 70_000, LUNCH])
def test_of_long_messages_and_on_wish_only_the_header_goes_back(message: bytes) -> None:
    sent = letter(REJECT, message, ret=None if len(message) > 70_000 else "HDRS")
    _, _, original = sent.message.iter_parts()
    assert original.get_content_type() == "text/rfc822-headers"
    assert b"At noon?" not in sent.octets


def test_octets_of_the_message_go_back_as_they_came() -> None:
    assert LUNCH + b"\xe4\r\n" in letter(REJECT, LUNCH + b"\xe4\r\n").octets


def test_letters_tell_that_they_have_octets() -> None:
    sent = letter(REJECT, LUNCH + b"\xe4\r\n")
    assert sent.message["content-transfer-encoding"] == "8bit"


@pytest.mark.parametrize("command", ["reject", "ereject"])
@pytest.mark.parametrize(("sender", "field"), [(None, "X: 1"), ("", "X: 1"), (COYOTE, "X-Spam-Flag: YES")])
def test_the_null_sender_and_senders_of_spam_get_no_letter(command: str, sender: str | None, field: str) -> None:
    script = REJECT.replace("reject", command)
    actuator, result = act(script, message=with_fields(field), envelope=Envelope(sender, ROADRUNNER))
    assert (actuator.sent, actuator.stored, result.errors) == ([], [], [])
    assert result.trace[-1].what == "rejected without a letter"


@pytest.mark.parametrize(("notify", "letters"), [("NEVER", 0), ("SUCCESS,DELAY", 0), ("SUCCESS,FAILURE", 1), (None, 1)])
def test_delivery_reports_are_sent_to_those_who_want_them(notify: str | None, letters: int) -> None:
    # RFC 3461, 4.1
    envelope = Envelope(COYOTE, ROADRUNNER, notify=notify)
    assert len(act('require "ereject"; ereject "a";', envelope=envelope)[0].sent) == letters
    assert len(act('require "reject"; reject "a";', envelope=envelope)[0].sent) == 1


def decided(script: str) -> Result:
    return compile(script).run(Delivery(Message(LUNCH)))


def test_the_actions_have_their_names() -> None:
    assert [action.name for action in decided('require "reject"; reject "a";').actions] == ["reject"]
    assert [action.name for action in decided('require "ereject"; ereject "a";').actions] == ["ereject"]


@pytest.mark.parametrize(
    "actions",
    [
        'reject "a"; reject "b";',
        'reject "a"; ereject "b";',
        'reject "a"; keep;',
        'keep; ereject "a";',
        'fileinto "A"; reject "a";',
        'reject "a"; redirect :copy "a@x.org";',
        'vacation "a"; ereject "a";',
    ],
)
def test_who_refuses_a_message_does_not_deliver_it(actions: str) -> None:
    # RFC 5429, 2.4
    delivery = Delivery(Message(LUNCH))
    with pytest.raises(SieveRuntimeError):
        compile(f'require ["reject", "ereject", "fileinto", "copy", "vacation"]; {actions}').run(delivery)
    assert len(delivery.result.actions) == 1
    assert delivery.result.implicit_keep


def test_a_rejected_message_may_be_discarded() -> None:
    assert [action.name for action in decided('require "reject"; reject "a"; discard;').actions] == [
        "reject",
        "discard",
    ]


def test_a_message_that_is_kept_after_an_error_is_not_refused() -> None:
    # RFC 5228, 2.10.6
    actuator, result = act('require "reject"; reject "a"; keep;', actuator=Actuator(in_dialogue=True))
    assert (actuator.mailboxes, actuator.refused, actuator.sent) == (["INBOX"], [], [])
    assert [type(action) for action in result.actions] == [Reject]
    assert len(result.errors) == 1


def test_there_is_no_copy_of_a_rejection() -> None:
    # RFC 8580, 7
    with pytest.raises(SieveSyntaxError, match="reject has no argument :fcc"):
        compile('require ["reject", "fcc"]; reject :fcc "Sent" "a";')


def test_what_a_later_script_rejects_is_dropped_when_it_was_delivered() -> None:
    actuator, result = act('require ["fileinto", "copy"]; fileinto :copy "A";', REJECT)
    assert (actuator.mailboxes, actuator.sent, result.errors) == (["A", "INBOX"], [], [])


def test_a_later_script_may_reject_what_would_only_have_been_kept() -> None:
    actuator, result = act("keep;", REJECT, actuator=Actuator(in_dialogue=True))
    assert (actuator.stored, actuator.refused) == ([], [REASON])
    assert not any(isinstance(action, Keep) for action in result.actions)
