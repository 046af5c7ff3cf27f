# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages that were here before (RFC 7352)."""

from __future__ import annotations

import pytest

from sieve import Delivery, Message, Services, Settings, SieveSyntaxError, compile
from tests.sieve.running import decide
from tests.sieve.test_include import Library

MAIL = b"Message-ID: <1@example.org>\r\nX-Event-ID: 42\r\nX-Ticket-ID: 42\r\nX-Empty:\r\nSubject: ALERT: disk\r\n\r\n"


class Tracker:
    """What was seen in deliveries before; `asked` is what this one asks."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self.asked: list[tuple[str, int, bool]] = []

    def seen(self, key: str, seconds: int, last: bool) -> bool:
        self.asked.append((key, seconds, last))
        return key in self._known

    def succeed(self) -> None:
        """The delivery has ended well, so that what was asked is remembered (RFC 7352, 3)."""
        self._known |= {key for key, _, _ in self.asked}
        self.asked.clear()


def is_seen(tracker: Tracker | None, test: str, message: bytes = MAIL, **settings: int) -> bool:
    script = f'require ["duplicate", "variables"]; if {test} {{ discard; }}'
    services, limits = Services(duplicates=tracker), Settings(**settings)  # type: ignore[arg-type]
    return not decide(script, message, services=services, settings=limits).implicit_keep


def again(first: str, second: str, message: bytes = MAIL, other: bytes = MAIL) -> bool:
    """Does the second test, in a later delivery, know what the first one saw?"""
    tracker = Tracker()
    assert not is_seen(tracker, first, message)
    tracker.succeed()
    return is_seen(tracker, second, other)


MATCHED = 'allof (header :matches "message-id" "*", duplicate :uniqueid "${0}")'


@pytest.mark.parametrize("first", ["duplicate", 'duplicate :header "message-id"', MATCHED])
@pytest.mark.parametrize("second", ["duplicate", 'duplicate :header "Message-ID"', MATCHED])
def test_an_identifier_is_the_same_wherever_it_is_from(first: str, second: str) -> None:
    # RFC 7352, 3.2
    assert again(first, second)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ('duplicate :header "X-Event-ID"', 'duplicate :header "X-Ticket-ID"', True),
        ('duplicate :header "X-Event-ID" :handle "a"', 'duplicate :header "X-Ticket-ID" :handle "a"', True),
        ('duplicate :header "X-Event-ID" :handle "a"', 'duplicate :header "X-Ticket-ID" :handle "b"', False),
        ('duplicate :header "X-Event-ID" :handle "a"', 'duplicate :header "X-Ticket-ID"', False),
        ('duplicate :header "X-Event-ID"', 'duplicate :header "X-Ticket-ID" :handle ""', False),
        ('duplicate :uniqueid "a"', 'duplicate :uniqueid "A"', False),
        ('duplicate :uniqueid "a" :handle "b"', 'duplicate :uniqueid "b" :handle "a"', False),
    ],
)
def test_handles_keep_tests_apart(first: str, second: str, expected: bool) -> None:
    assert again(first, second) is expected


def test_a_folded_field_is_the_same_as_one_on_a_line() -> None:
    # RFC 7352, 3.1: unfolded, decoded, without white space around it, and the first of several.
    folded = b"Subject: =?utf-8?q?B=C3=B6?=\r\n  x \r\nSubject: other\r\n\r\n"
    assert again('duplicate :header "subject"', 'duplicate :uniqueid "Bö  x"', folded)


@pytest.mark.parametrize(
    "test",
    [
        'duplicate :header "X-Nothing"',
        'duplicate :header "not a name:"',
        'duplicate :header "X-Empty"',
        "duplicate :seconds 0",
    ],
)
def test_without_an_identifier_or_time_nothing_is_asked(test: str) -> None:
    tracker = Tracker()
    assert not is_seen(tracker, test)
    assert tracker.asked == []


def test_without_the_service_nothing_is_a_duplicate() -> None:
    assert not is_seen(None, "duplicate")


@pytest.mark.parametrize(
    ("arguments", "seconds", "last"),
    [("", 700, False), (":seconds 60", 60, False), (":last :seconds 900", 800, True), (":seconds 10K", 800, False)],
)
def test_how_long_it_is_remembered(arguments: str, seconds: int, last: bool) -> None:
    # RFC 7352, 3.3: more than the most is silently the most.
    tracker = Tracker()
    is_seen(tracker, f"duplicate {arguments}", duplicate_default_seconds=700, duplicate_max_seconds=800)
    assert [asked[1:] for asked in tracker.asked] == [(seconds, last)]


def test_the_same_test_has_the_same_answer_in_one_run() -> None:
    # RFC 7352, 3: in scripts that are included, too.
    class Hasty(Tracker):
        def seen(self, key: str, seconds: int, last: bool) -> bool:
            known = super().seen(key, seconds, last)
            self.succeed()
            return known

    main = 'require ["duplicate", "include"]; if duplicate { discard; } include "inner"; if duplicate { discard; }'
    library = Library({"inner": 'require "duplicate"; if duplicate { discard; }'})
    services = Services(scripts=library, duplicates=Hasty())
    assert compile(main).run(Delivery(Message(MAIL), services=services)).actions == []


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ('if duplicate :header "a" :uniqueid "b" { stop; }', ":uniqueid cannot stand beside :header"),
        ('if duplicate :seconds "a" { stop; }', ":seconds is a number"),
        ('if duplicate "a" { stop; }', "duplicate has no argument here"),
        ("duplicate;", "there is no command 'duplicate'"),
    ],
)
def test_what_is_wrong_is_known_before_the_script_runs(script: str, message: str) -> None:
    with pytest.raises(SieveSyntaxError, match=message):
        compile(f'require "duplicate"; {script}')


def test_it_is_not_for_scripts_of_mailboxes() -> None:
    # RFC 7352, 3.4
    with pytest.raises(SieveSyntaxError, match="cannot go together with imapsieve"):
        compile('require ["duplicate", "imapsieve"]; if duplicate { stop; }')
