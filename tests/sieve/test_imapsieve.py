# SPDX-License-Identifier: GPL-3.0-or-later
"""Scripts for events in mailboxes, with the examples of RFC 6785."""

from __future__ import annotations

import pytest

from sieve import Command, Delivery, Envelope, Extension, Message, Registry, SieveRuntimeError, compile, execute
from sieve.actions import Redirect
from sieve.run import Arguments, Run
from tests.sieve.acting import COYOTE, ROADRUNNER, Actuator
from tests.sieve.running import MESSAGE

COPIED = {"imap.cause": "COPY", "imap.mailbox": "ActionItems"}
FLAGGED = {**COPIED, "imap.cause": "FLAG", "imap.changedflags": "\\Flagged"}


def at(environment: dict[str, str], *flags: str) -> Delivery:
    return Delivery(Message(MESSAGE, flags), Envelope(COYOTE, ROADRUNNER), environment)


def test_a_copy_of_a_new_message_is_sent() -> None:
    # RFC 6785, 5, example 1; 3.4: it is the owner who sends it.
    script = compile("""
        require ["copy", "environment", "imapsieve"];
        if anyof (environment :is "imap.cause" "APPEND", environment :is "imap.cause" "COPY") {
            if environment :is "imap.mailbox" "ActionItems" { redirect :copy "actionitems@example.com"; }
        }
    """)
    delivery, actuator = at(COPIED), Actuator()
    result = script.run(delivery)
    execute(result, delivery, actuator)
    assert [type(action) for action in result.actions] == [Redirect]
    assert result.implicit_keep
    assert [(sent.sender, sent.recipients) for sent in actuator.sent] == [(ROADRUNNER, ["actionitems@example.com"])]


@pytest.mark.parametrize(
    ("delivery", "told"),
    [
        (at(FLAGGED, "\\Flagged"), True),
        (at(FLAGGED), False),
        (at({**FLAGGED, "imap.changedflags": "\\Seen"}, "\\Flagged"), False),
        (at(COPIED, "\\Flagged"), False),
        (at({}, "\\Flagged"), False),
    ],
)
def test_a_flag_that_is_set_is_told(delivery: Delivery, told: bool) -> None:
    # RFC 6785, 5, example 2
    script = compile("""
        require ["enotify", "imap4flags", "variables", "environment", "imapsieve"];
        if environment :matches "imap.mailbox" "*" { set "mailbox" "${1}"; }
        if allof (hasflag "\\\\Flagged", environment :contains "imap.changedflags" "\\\\Flagged") {
            notify :message "Important message in ${mailbox}" "mailto:tim@example.com";
        }
    """)
    assert [action.message_text for action in script.run(delivery).actions] == (  # type: ignore[attr-defined]
        ["Important message in ActionItems"] if told else []
    )


@pytest.mark.parametrize("item", ["imap.user", "imap.email", "imap.cause", "imap.mailbox", "imap.changedflags"])
def test_when_mail_is_delivered_the_items_of_events_are_empty(item: str) -> None:
    # RFC 6785, 4.2 to 4.5
    script = compile(f'require ["environment", "imapsieve"]; if environment :is "{item}" "" {{ discard; }}')
    assert not script.run(at({})).implicit_keep


@pytest.mark.parametrize(("item", "value"), [("location", "MS"), ("phase", "post")])
def test_where_and_when_it_runs(item: str, value: str) -> None:
    # RFC 6785, 4.1
    script = compile(f'require "environment"; if environment "{item}" "{value}" {{ discard; }}')
    assert not script.run(at(COPIED)).implicit_keep
    assert script.run(at({})).implicit_keep


@pytest.mark.parametrize(
    ("extension", "command"),
    [
        ("reject", 'reject "no";'),
        ("ereject", 'ereject "no";'),
        ("vacation", 'vacation "away";'),
        ("vacation-seconds", 'vacation :seconds 60 "away";'),
        ("vacation", "keep;"),
    ],
)
def test_answers_to_new_mail_are_an_error(extension: str, command: str) -> None:
    # RFC 6785, 3.11: even when they are only required.
    script = compile(f'require "{extension}"; {command}')
    with pytest.raises(SieveRuntimeError, match="is for mail that arrives"):
        script.run(at(COPIED))
    assert script.run(at({})).actions


def test_an_answer_is_an_error_too_where_the_event_comes_late() -> None:
    def copied(run: Run, arguments: Arguments) -> None:
        run.delivery.environment = COPIED

    registry = Registry.default()
    registry.add(Extension("test", [Command("copied", run=copied)]))
    script = compile('require ["vacation", "test"];\ncopied;\nvacation "away";', registry)
    with pytest.raises(SieveRuntimeError, match="line 3: vacation is for mail that arrives"):
        script.run(at({}))


def test_there_is_no_envelope() -> None:
    # RFC 6785, 4.6
    script = compile('require "envelope"; if envelope "from" "coyote@desert.example.org" { discard; }')
    with pytest.raises(SieveRuntimeError, match="no envelope"):
        script.run(at(FLAGGED))
    assert not script.run(at({})).implicit_keep
