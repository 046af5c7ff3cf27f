# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports of abuse (RFC 5965), as an extension that is somebody else's."""

from __future__ import annotations

import pytest

from sieve import SieveRuntimeError, SieveSyntaxError, compile
from tests.sieve.acting import LUNCH, ROADRUNNER, Actuator, act

REPORT = 'require "vnd.dovecot.report"; report "abuse" "This spam slipped through." "spam-report@example.org";'


def reported(script: str, message: bytes = LUNCH) -> Actuator:
    return act(script, message=message)[0]


def test_a_report_and_the_message_in_it() -> None:
    actuator = reported(REPORT)
    (sent,) = actuator.sent
    assert (sent.sender, sent.recipients) == (None, ["spam-report@example.org"])
    assert (sent.message["Subject"], sent.message["Auto-Submitted"]) == ("Report: lunch?", "auto-generated")
    assert sent.message.get_param("report-type") == "feedback-report"
    text, feedback, original = sent.message.iter_parts()
    assert text.get_content() == "This spam slipped through.\r\n"
    assert feedback.get_content_type() == "message/feedback-report"
    assert b"Feedback-Type: abuse\r\n" in sent.octets
    assert b"Original-Mail-From: <coyote@desert.example.org>\r\n" in sent.octets
    assert original.get_content_type() == "message/rfc822"
    assert LUNCH in sent.octets
    # The message itself is kept.
    assert actuator.mailboxes == ["INBOX"]


def test_a_report_of_the_header_alone() -> None:
    (sent,) = reported(REPORT.replace("; report ", "; report :headers_only ")).sent
    assert [part.get_content_type() for part in sent.message.iter_parts()][2] == "text/rfc822-headers"
    assert b"Subject: lunch?\r\n" in sent.octets
    assert b"At noon?" not in sent.octets


def test_one_report_for_each_kind_and_address() -> None:
    more = """
        report "ABUSE" "Again." "Spam-Report@example.org";
        report "fraud" "Something else." "spam-report@example.org";
    """
    texts = [next(iter(sent.message.iter_parts())).get_content() for sent in reported(REPORT + more).sent]
    assert texts == ["This spam slipped through.\r\n", "Something else.\r\n"]


def test_the_owner_gets_no_report() -> None:
    with pytest.raises(SieveRuntimeError, match="cannot go to the owner"):
        raise act(REPORT.replace("spam-report@example.org", ROADRUNNER))[1].errors[0]


@pytest.mark.parametrize(
    ("script", "message"),
    [
        (REPORT.replace('"abuse"', '"a b"'), "'a b' is no kind of feedback"),
        (REPORT.replace('"spam-report@example.org"', '"nobody"'), "'nobody' is no address"),
        (REPORT.replace('"abuse"', ""), "report needs a string"),
        (REPORT.replace("; report ", "; report :frop "), "report has no argument :frop"),
    ],
)
def test_what_is_wrong_is_known_before_the_script_runs(script: str, message: str) -> None:
    with pytest.raises(SieveSyntaxError, match=message):
        compile(script)
