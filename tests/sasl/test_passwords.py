# SPDX-License-Identifier: GPL-3.0-or-later
"""PLAIN and LOGIN, step by step."""

from __future__ import annotations

import pytest

from protocols.sasl import Challenge, Credentials, Malformed, NotAuthorised, Step, UnknownMechanism, start


def answer(step: Step[str], response: bytes) -> Step[str]:
    assert isinstance(step, Challenge)
    return step.respond(response)


def test_plain_takes_the_message_of_the_rfc() -> None:
    # RFC 4616, 4: the first example.
    assert start("plain", b"\0tim\0tanstaaftanstaaf") == Credentials("tim", "tanstaaftanstaaf")


def test_plain_without_an_initial_response_asks_with_an_empty_challenge() -> None:
    step: Step[str] = start("PLAIN", None)
    assert isinstance(step, Challenge)
    assert step.data == b""
    assert answer(step, b"\0tim\0pw") == Credentials("tim", "pw")


def test_plain_may_name_itself_as_the_authorisation_identity() -> None:
    assert start("PLAIN", "Ann@a.test\0ann@a.test\0straße".encode()) == Credentials("ann@a.test", "straße")


def test_plain_refuses_to_act_as_another_user() -> None:
    with pytest.raises(NotAuthorised):
        start("PLAIN", b"Ursel\0Kurt\0xipj3plmq")


@pytest.mark.parametrize("message", [b"", b"tim", b"\0tim", b"\0\0pw", b"\0tim\0", b"\0tim\0pw\0", b"\0tim\0\xff"])
def test_plain_refuses_what_is_not_plain(message: bytes) -> None:
    with pytest.raises(Malformed):
        start("PLAIN", message)


def test_login_asks_for_user_and_password() -> None:
    step: Step[str] = start("LOGIN", None)
    assert isinstance(step, Challenge)
    assert step.data == b"Username:"
    step = step.respond(b"tim")
    assert isinstance(step, Challenge)
    assert step.data == b"Password:"
    assert step.respond(b"secret") == Credentials("tim", "secret")


def test_login_takes_the_user_as_initial_response() -> None:
    step: Step[str] = start("LOGIN", b"tim")
    assert answer(step, b"secret") == Credentials("tim", "secret")


def test_login_refuses_empty_answers() -> None:
    with pytest.raises(Malformed):
        start("LOGIN", b"")
    with pytest.raises(Malformed):
        answer(start("LOGIN", b"tim"), b"")


def test_other_mechanisms_are_not_offered() -> None:
    with pytest.raises(UnknownMechanism):
        start("CRAM-MD5", None)
