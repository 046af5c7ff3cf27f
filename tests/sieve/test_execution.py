# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of decisions: in order, once, over several scripts, and no message is lost (RFC 5228, 2.10)."""

from __future__ import annotations

import pytest

from sieve import (
    Delivery,
    MailboxError,
    Message,
    Services,
    Settings,
    SieveSyntaxError,
    compile,
    execute,
    run_sequence,
)
from sieve.actions import Action, Keep, Redirect, Store
from tests.sieve.acting import COYOTE, ENVELOPE, LUNCH, ROADRUNNER, Actuator, Memory, act, with_fields

INTO = 'require ["fileinto", "copy"];'


def test_without_a_decision_the_message_is_kept_as_it_came() -> None:
    actuator, _ = act("")
    assert [(stored.mailbox, stored.octets) for stored in actuator.stored] == [("INBOX", LUNCH)]


def test_actions_are_done_in_their_order() -> None:
    actuator, _ = act(INTO + 'fileinto "B"; fileinto "A"; keep;')
    assert actuator.mailboxes == ["B", "A", "INBOX"]


def test_a_message_is_kept_once() -> None:
    assert act(INTO + 'fileinto "INBOX"; keep;')[0].mailboxes == ["INBOX"]
    assert act("keep; keep;")[0].mailboxes == ["INBOX"]


def test_nothing_is_done_twice() -> None:
    delivery, actuator = Delivery(Message(LUNCH), ENVELOPE), Actuator()
    compile(INTO + 'fileinto :copy "A";').run(delivery)
    assert execute(delivery.result, delivery, actuator)
    assert execute(delivery.result, delivery, actuator)
    assert actuator.mailboxes == ["A", "INBOX"]
    compile(INTO + 'fileinto :copy "A"; fileinto :copy "B";').run(delivery)
    assert execute(delivery.result, delivery, actuator)
    assert actuator.mailboxes == ["A", "INBOX", "B"]


def test_what_a_mailbox_does_not_take_is_kept() -> None:
    actuator, result = act(INTO + 'fileinto "A"; fileinto "B";', actuator=Actuator(full=["A"]))
    assert actuator.mailboxes == ["INBOX", "B"]
    assert [str(error) for error in result.errors] == ["A is full"]


def test_executing_tells_of_a_failure() -> None:
    delivery = Delivery(Message(LUNCH), ENVELOPE)
    compile(INTO + 'fileinto "A";').run(delivery)
    assert not execute(delivery.result, delivery, Actuator(full=["A"]))
    assert len(delivery.result.errors) == 1


def test_what_cannot_be_sent_on_is_kept() -> None:
    class Broken(Actuator):
        def send(self, sender: object, recipients: object, message: object) -> None:
            raise MailboxError("the queue is full")

    actuator, result = act('redirect "a@x.org";', actuator=Broken())
    assert (actuator.mailboxes, len(result.errors)) == (["INBOX"], 1)


def test_after_an_error_the_message_is_kept_and_decisions_stand() -> None:
    actuator, result = act(
        INTO + 'fileinto "A"; redirect "a@x.org"; redirect "b@x.org";', settings=Settings(max_redirects=1)
    )
    assert actuator.mailboxes == ["A", "INBOX"]
    assert [str(error) for error in result.errors] == ["line 1: too many redirects (at most 1)"]


def test_actions_of_others_do_what_they_do() -> None:
    class Ring(Action):
        def perform(self, delivery: Delivery, actuator: Actuator) -> None:
            actuator.send(None, ["bell@x.org"], delivery.message.bytes())

    delivery, actuator = Delivery(Message(LUNCH)), Actuator()
    delivery.result.add(Ring(copy=True))
    assert execute(delivery.result, delivery, actuator)
    assert (actuator.sent[0].recipients, actuator.mailboxes) == (["bell@x.org"], ["INBOX"])


def test_a_keep_that_fails_is_told_once_and_tried_again() -> None:
    delivery, actuator = Delivery(Message(LUNCH), ENVELOPE), Actuator(full=["INBOX"])
    compile("keep;").run(delivery)
    assert not execute(delivery.result, delivery, actuator)
    assert [str(error) for error in delivery.result.errors] == ["INBOX is full"]
    actuator.full = []
    assert execute(delivery.result, delivery, actuator)
    assert actuator.mailboxes == ["INBOX"]


# Several scripts


def test_a_script_runs_as_long_as_the_message_is_kept() -> None:
    assert act("", INTO + 'fileinto "A";', INTO + 'fileinto "B";')[0].mailboxes == ["A"]


@pytest.mark.parametrize("before", ["keep;", "", INTO + 'fileinto "X"; keep;'])
@pytest.mark.parametrize(("after", "mailboxes"), [("discard;", []), (INTO + 'fileinto "A";', ["A"]), ("", ["INBOX"])])
def test_a_keep_waits_for_what_the_next_script_says(before: str, after: str, mailboxes: list[str]) -> None:
    stored = act(before, after)[0].mailboxes
    assert [mailbox for mailbox in stored if mailbox != "X"] == mailboxes
    assert ("X" in stored) == ("X" in before)


def test_a_keep_comes_last() -> None:
    actuator, result = act("keep;", INTO + 'fileinto :copy "A";')
    assert actuator.mailboxes == ["A", "INBOX"]
    assert [type(action) for action in result.actions] == [Store, Keep]


def test_an_error_ends_the_sequence() -> None:
    actuator, result = act(
        "keep;", 'redirect :copy "a@x.org";'.join(['require "copy";', ""]), settings=Settings(max_redirects=0)
    )
    assert (actuator.mailboxes, len(result.errors)) == (["INBOX"], 1)


def test_a_second_answer_of_a_later_script_is_dropped() -> None:
    actuator, result = act('require "vacation"; vacation "a";', 'require "vacation"; vacation "b";')
    assert (len(actuator.sent), result.errors) == (1, [])
    assert b"\r\n\r\na\r\n" in actuator.sent[0].octets


def test_scripts_share_one_result() -> None:
    delivery = Delivery(Message(LUNCH), ENVELOPE)
    assert run_sequence([compile("keep;")], delivery, Actuator()) is delivery.result


# Redirects


def test_a_redirected_message_has_a_trace_and_its_sender() -> None:
    (sent,) = act('redirect "a@x.org";')[0].sent
    assert (sent.sender, sent.recipients) == (COYOTE, ["a@x.org"])
    assert sent.octets == b"X-Sieve-Redirected-From: roadrunner@acme.example.com\r\n" + LUNCH


@pytest.mark.parametrize("sender", [None, ""])
def test_the_null_sender_stays_null(sender: str | None) -> None:
    settings = Settings(redirect_envelope_from="recipient")
    (sent,) = act('redirect "a@x.org";', envelope=type(ENVELOPE)(sender, ROADRUNNER), settings=settings)[0].sent
    assert sent.sender is None


@pytest.mark.parametrize(
    ("wish", "sender"),
    [
        ("sender", COYOTE),
        ("recipient", ROADRUNNER),
        ("orig_recipient", "bird@acme.example.com"),
        ("user_email", "user@acme.example.com"),
        ("<bounces@acme.example.com>", "bounces@acme.example.com"),
    ],
)
def test_the_operator_may_choose_the_sender(wish: str, sender: str) -> None:
    envelope = type(ENVELOPE)(COYOTE, ROADRUNNER, "bird@acme.example.com")
    settings = Settings(redirect_envelope_from=wish, user_email="user@acme.example.com")
    assert act('redirect "a@x.org";', envelope=envelope, settings=settings)[0].sent[0].sender == sender


@pytest.mark.parametrize(
    "fields",
    [
        ["X-Sieve-Redirected-From: RoadRunner@acme.example.com"],
        ["Received: from a by b; Tue, 24 Nov 2026 12:00:00 +0000"] * 101,
        ["X-Spam-Flag: YES"],
    ],
)
def test_what_would_loop_and_spam_is_kept_instead(fields: list[str]) -> None:
    actuator, result = act('redirect "a@x.org";', message=with_fields(*fields))
    assert (actuator.sent, actuator.mailboxes) == ([], ["INBOX"])
    assert result.trace[-1].what.startswith("not redirected: ")


def test_somebody_elses_trace_does_not_matter() -> None:
    message = with_fields("X-Sieve-Redirected-From: coyote@desert.example.org")
    assert act('redirect "a@x.org";', message=message)[0].sent


def test_the_same_message_is_sent_to_the_same_address_once_a_day() -> None:
    memory = Memory()
    services = Services(duplicates=memory)
    assert act('redirect "a@x.org";', services=services)[0].sent
    again, _ = act('redirect "A@X.org";', services=services)
    assert (again.sent, again.stored) == ([], [])
    assert act('redirect "b@x.org";', services=services)[0].sent
    assert {seconds for _, seconds in memory.asked} == {86_400}


def test_a_message_without_an_identifier_is_always_sent() -> None:
    services = Services(duplicates=Memory())
    for _ in range(2):
        assert act('redirect "a@x.org";', message=LUNCH.replace(b"Message-ID", b"X-ID"), services=services)[0].sent


def test_the_same_address_gets_one_copy() -> None:
    actuator, result = act('redirect "a@x.org"; redirect "A@x.org";')
    assert (len(actuator.sent), len(result.actions)) == (1, 1)
    assert isinstance(result.actions[0], Redirect)


@pytest.mark.parametrize(
    "address", ['"a\r\nb"@x.org', "a@[x\r\nRCPT TO:<c@x.org>]", "a\x01@x.org", "${hex:ff}@x.org", f"{'a' * 250}@x.org"]
)
def test_an_address_is_on_one_line_and_of_a_length(address: str) -> None:
    quoted = address.replace('"', '\\"')
    with pytest.raises(SieveSyntaxError, match="is no address"):
        compile(f'require "encoded-character"; redirect "{quoted}";')
