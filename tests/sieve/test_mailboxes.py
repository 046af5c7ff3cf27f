# SPDX-License-Identifier: GPL-3.0-or-later
"""Mailboxes by name, use, identifier and annotation, with the examples of RFC 5490, RFC 8579 and RFC 9042."""

from __future__ import annotations

import pytest

from sieve import Delivery, Message, Services, SieveRuntimeError, SieveSyntaxError, compile, execute
from sieve.actions import Store
from tests.sieve.acting import Actuator, Stored
from tests.sieve.running import MESSAGE, decide, holds

PARTNERS, MISSING = "F6352ae03-b7f5-463c-896f-d8b48ee3", "Fnosuch"
REQUIRE = "fileinto mailbox mboxmetadata servermetadata special-use mailboxid variables relational"


class Mailboxes:
    """Two mailboxes are for junk; nothing may be stored in one of the others."""

    def __init__(self) -> None:
        self.names = ["INBOX", "Partners", "Junk", "Old junk"]
        self.uses = {"\\Junk": "Junk", "\\Archive": "Read only"}
        self.ids = {PARTNERS: "Partners", "Fclosed": "Read only"}
        self.entries = {
            ("INBOX", "/private/vendor/vendor.isode/auto-replies"): "on",
            ("INBOX", "/shared/comment"): "",
            ("Old junk", "/private/specialuse"): "\\Trash \\Junk",
            (None, "/private/vendor/vendor.isode/notification-uri"): "mailto:a@example.org",
        }

    def exists(self, name: str) -> bool:
        return name in self.names

    def special_use(self, flag: str) -> str | None:
        return self.uses.get(flag)

    def by_id(self, id: str) -> str | None:
        return self.ids.get(id)

    def metadata(self, mailbox: str | None, entry: str) -> str | None:
        return self.entries.get((mailbox, entry))


SERVICES = Services(mailboxes=Mailboxes())
TESTS = [
    ('mailboxexists "Partners"', True),
    ('mailboxexists ["Partners", "INBOX"]', True),
    ('mailboxexists ["Partners", "Nowhere"]', False),
    ('mailboxexists "Read only"', False),
    ('mailboxexists ""', False),
    ('metadata :is "INBOX" "/private/vendor/vendor.isode/auto-replies" "ON"', True),
    ('metadata :comparator "i;octet" "INBOX" "/private/vendor/vendor.isode/auto-replies" "ON"', False),
    ('metadata :contains "INBOX" "/shared/comment" ""', True),
    ('metadata :contains "Partners" "/shared/comment" ""', False),
    ('metadata :count "eq" "INBOX" "/shared/comment" "1"', True),
    ('metadata :count "eq" "Partners" "/shared/comment" "0"', False),
    ('metadataexists "INBOX" "/shared/comment"', True),
    ('metadataexists "INBOX" ["/shared/comment", "/shared/nothing"]', False),
    ('metadataexists "Nowhere" "/shared/comment"', False),
    ('servermetadata :matches "/private/vendor/vendor.isode/notification-uri" "mailto:*"', True),
    ('servermetadata "/shared/comment" ""', False),
    ('servermetadataexists "/private/vendor/vendor.isode/notification-uri"', True),
    ('servermetadataexists ["/private/vendor/vendor.isode/notification-uri", "/shared/comment"]', False),
    ('specialuse_exists "\\\\Junk"', True),
    ('specialuse_exists ["\\\\Junk", "\\\\Sent"]', False),
    ('specialuse_exists "\\\\Archive"', False),
    ('specialuse_exists "Junk" "\\\\Junk"', True),
    ('specialuse_exists "Old junk" "\\\\junk"', False),
    ('specialuse_exists "Old junk" "\\\\Junk"', True),
    ('specialuse_exists "INBOX" "\\\\Junk"', False),
    ('specialuse_exists "Nowhere" "\\\\Junk"', False),
    ('specialuse_exists "no use"', False),
    (f'mailboxidexists "{PARTNERS}"', True),
    (f'mailboxidexists ["{PARTNERS}", "{MISSING}"]', False),
    ('mailboxidexists "Fclosed"', False),
]


@pytest.mark.parametrize(("test", "expected"), TESTS)
def test_what_is_there(test: str, expected: bool) -> None:
    assert holds(test, require=REQUIRE, services=SERVICES) is expected


@pytest.mark.parametrize("test", [test for test, _ in TESTS])
def test_nothing_is_there_without_the_service(test: str) -> None:
    assert not holds(test, require=REQUIRE)


def test_a_value_of_an_annotation_can_be_kept() -> None:
    # RFC 5490, 4.1
    script = (
        'require ["servermetadata", "variables", "fileinto"];'
        ' if servermetadata :matches "/private/vendor/vendor.isode/notification-uri" "mailto:*" { fileinto "${1}"; }'
    )
    [action] = decide(script, services=SERVICES).actions
    assert isinstance(action, Store)
    assert action.mailbox == "a@example.org"


@pytest.mark.parametrize(
    "entry", ["comment", "/comment", "/public/comment", "/shared", "/shared//x", "/shared/x/", "/shared/*", "/shared/ü"]
)
def test_a_wrong_name_of_an_annotation_is_warned_of_and_names_nothing(entry: str) -> None:
    # RFC 5464, 4.1
    script = compile(f'require "servermetadata"; if servermetadataexists "{entry}" {{ discard; }}')
    assert [problem.message for problem in script.warnings] == [
        f"{entry!r} is no name of an annotation: /private/… or /shared/…"
    ]
    assert script.run(Delivery(Message(MESSAGE), services=SERVICES)).implicit_keep


@pytest.mark.parametrize(
    ("arguments", "mailbox", "created"),
    [
        ('"Partners"', "Partners", False),
        (':create "Nowhere"', "Nowhere", True),
        (':specialuse "\\\\Junk" "Partners"', "Junk", False),
        (':specialuse "\\\\Junk" "Old junk"', "Old junk", False),
        (':specialuse "\\\\Sent" "Partners"', "Partners", False),
        (f':mailboxid "{PARTNERS}" "INBOX.harassment"', "Partners", False),
        (f':mailboxid "{MISSING}" :create "INBOX.no-such-folder"', "INBOX.no-such-folder", True),
        ('"Grüße/日本語"', "Grüße/日本語", False),
    ],
)
def test_fileinto_finds_its_mailbox(arguments: str, mailbox: str, created: bool) -> None:
    assert [(one.mailbox, one.create) for one in stored(f"fileinto {arguments};")] == [(mailbox, created)]


def test_two_uses_with_the_same_default_are_two_mailboxes() -> None:
    script = 'fileinto :specialuse "\\\\Junk" "Partners"; fileinto :specialuse "\\\\Sent" "Partners";'
    assert [one.mailbox for one in stored(script)] == ["Junk", "Partners"]


def test_the_same_mailbox_gets_a_message_once_however_it_is_asked_for() -> None:
    # RFC 5228, 2.10.3
    script = (
        f'fileinto "Junk"; fileinto :specialuse "\\\\Junk" "x"; fileinto :mailboxid "{PARTNERS}" "Junk"; keep; keep;'
    )
    assert [one.mailbox for one in stored(script)] == ["Junk", "Partners", "INBOX"]


def test_the_inbox_gets_a_message_once() -> None:
    assert [one.mailbox for one in stored('keep; fileinto "inbox";')] == ["INBOX"]
    assert [one.mailbox for one in stored('fileinto "INBOX"; keep;')] == ["INBOX"]


def stored(script: str) -> list[Stored]:
    names = ", ".join(f'"{name}"' for name in REQUIRE.split())
    delivery, actuator = Delivery(Message(MESSAGE), services=SERVICES), Actuator()
    execute(compile(f"require [{names}]; {script}").run(delivery), delivery, actuator)
    return actuator.stored


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ('fileinto :create :specialuse "\\\\Junk" :mailboxid "F1" "x";', ":mailboxid cannot stand beside :specialuse"),
        ('fileinto :mailboxid "x";', "needs a string: mailbox"),
        ("if mailboxexists { keep; }", "needs a string list: mailboxes"),
        ('if metadata "INBOX" "/shared/comment" { keep; }', "needs a string list: keys"),
        ("if specialuse_exists { keep; }", "needs a string list: uses"),
    ],
)
def test_what_is_wrong_is_told_when_the_script_is_compiled(script: str, message: str) -> None:
    names = ", ".join(f'"{name}"' for name in REQUIRE.split())
    with pytest.raises(SieveSyntaxError, match=message):
        compile(f"require [{names}]; {script}")


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ('fileinto "";', "a mailbox has a name"),
        ('fileinto "a\tb";', "no control characters"),
        ('fileinto "${hex:ff}";', "text in UTF-8"),
        (f'fileinto "{"x" * 1001}";', "at most 1000 characters"),
        ('fileinto :specialuse "Junk" "x";', "'Junk' is no special use"),
        ('fileinto :specialuse "\\\\" "x";', "is no special use"),
    ],
)
def test_names_that_no_mailbox_has_are_warned_of_and_are_an_error_when_they_are_used(script: str, message: str) -> None:
    compiled = compile(f'require ["fileinto", "special-use", "encoded-character"]; {script}')
    assert [message in problem.message for problem in compiled.warnings] == [True]
    with pytest.raises(SieveRuntimeError, match=message):
        compiled.run(Delivery(Message(MESSAGE)))
