# SPDX-License-Identifier: GPL-3.0-or-later
"""Events as people see them: sentences, cells, CSV, periods, the story of a message."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from ikserver.activity.explanation import SENTENCES, explanation, sentence
from ikserver.activity.period import begins, ends
from ikserver.activity.table import HIDDEN, as_csv, details, row
from ikserver.activity.trail import told
from ikserver.model.activity import Answer, Direction, Event, Status
from tests.activity.conftest import ALICE, NOW, STRANGER, event

PARIS = ZoneInfo("Europe/Paris")
REFUSED = Answer(550, "5.1.1", "No such user", "mx.far.test")


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("status", Status)
def test_every_status_has_a_sentence_in_both_directions(direction: Direction, status: Status) -> None:
    """LOG-08."""
    assert sentence(event(direction=direction, status=status)).endswith(".")
    assert set(SENTENCES[direction]) == set(Status)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (event(), ""),
        (event(direction=Direction.SENT, status=Status.SENT), ""),
        (
            event(status=Status.REJECTED, answer=Answer(550, "5.7.1", "Relay denied")),
            "It was refused, so its sender has it back. The answer was: 550 5.7.1 Relay denied",
        ),
        (
            event(direction=Direction.SENT, status=Status.BOUNCED, answer=REFUSED),
            "It could not be delivered. The sender was told. mx.far.test said: 550 5.1.1 No such user",
        ),
        (
            event(status=Status.SPAM, folder="Junk", score=7.25, reasons=("BAYES", "LINKS"), listed="blocked"),
            "It looks like spam (score 7.2: BAYES, LINKS) and is in the folder Junk. The sender is blocked.",
        ),
        (
            event(status=Status.FILED, folder="Bills", rule="invoices"),
            "The rule “invoices” put it into the folder Bills.",
        ),
        (
            event(status=Status.QUEUED, answer=Answer(text="disk full")),
            "It was accepted, but the mailbox cannot be written now. It is tried again soon. The reason: disk full",
        ),
    ],
)
def test_an_explanation_says_what_the_status_does_not(told: Event, expected: str) -> None:
    """LOG-07: a plain delivery has none."""
    assert explanation(told) == expected


def test_a_subject_is_hidden_from_those_who_may_not_know_it() -> None:
    secret = event(subject="Salary")
    assert row(secret, hide_subject=True)["subject"] == HIDDEN
    assert "Salary" not in str(details(secret, hide_subject=True))
    assert row(event(), hide_subject=True)["subject"] == ""


def test_the_words_of_others_move_no_cursor() -> None:
    told = event(status=Status.DEFERRED, answer=Answer(451, "4.3.0", "\x1b[2Jwait\r\n", "mx.far.test"))
    assert sentence(told).endswith("mx.far.test said: 451 4.3.0  [2Jwait  ")


@pytest.mark.parametrize("subject", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "＝1", "\r=1"])
def test_no_cell_of_the_csv_is_a_formula(subject: str) -> None:
    """LOG-10."""
    rows = list(csv.reader(io.StringIO(as_csv([row(event(subject=subject, size=5), zone=UTC)]))))
    assert rows == [
        ["time", "direction", "from", "to", "subject", "size", "status", "information"],
        ["2026-11-24T12:00:00+00:00", "received", STRANGER, ALICE, f"'{subject}", "5", "received", ""],
    ]


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-11-24", "2026-11-23T23:00:00+00:00", "2026-11-24T22:59:59.999+00:00"),
        ("2026-11-24T13:05", "2026-11-24T12:05:00+00:00", "2026-11-24T12:05:59.999+00:00"),
        ("2026-11-24 13:05:30Z", "2026-11-24T13:05:30+00:00", "2026-11-24T13:05:30.999+00:00"),
        # The day on which the clock is put forward has 23 hours, the one on which it is put back 25.
        ("2026-03-29", "2026-03-28T23:00:00+00:00", "2026-03-29T21:59:59.999+00:00"),
        ("2026-10-25", "2026-10-24T22:00:00+00:00", "2026-10-25T22:59:59.999+00:00"),
        # 02:30 comes twice that night: the period holds both.
        ("2026-10-25T02:30", "2026-10-25T00:30:00+00:00", "2026-10-25T01:30:59.999+00:00"),
    ],
)
def test_a_period_holds_the_whole_of_what_its_ends_name(text: str, first: str, last: str) -> None:
    """LOG-05."""
    assert begins(text, PARIS) == _milliseconds(first)
    assert ends(text, PARIS) == _milliseconds(last)


def _milliseconds(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


@pytest.mark.parametrize("text", ["", "today", "2026-13-01", "2026-11-24T25:00", "24/11/2026"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        begins(text)


def test_the_trail_of_a_message_is_a_story() -> None:
    """A message that Alice redirects, and that the next server does not want."""
    first = event(
        message="00aa",
        message_id="<1@far.test>",
        subject="Hello",
        sender="bounces@far.test",
        header_from=STRANGER,
        client="192.0.2.7",
    )
    redirected = first._replace(status=Status.REDIRECTED, target="a@else.test")
    sent = first._replace(direction=Direction.SENT, status=Status.QUEUED, recipient="a@else.test")
    steps = [redirected, sent, sent.then(Status.BOUNCED, NOW + 5000, REFUSED)]
    assert list(told(steps, UTC)) == [
        "<1@far.test> (here 00aa)",
        "  Subject: Hello",
        "  From: carol@far.test (envelope <bounces@far.test>)",
        "  Came from: 192.0.2.7, without TLS",
        "  2026-11-24T12:00:00+00:00  redirected for alice@example.org: It was sent on to a@else.test.",
        "  2026-11-24T12:00:00+00:00  queued to a@else.test (log of alice@example.org): It waits to be sent.",
        "  2026-11-24T12:00:05+00:00  bounced to a@else.test (log of alice@example.org): It could not be delivered."
        " The sender was told. mx.far.test said: 550 5.1.1 No such user",
    ]
