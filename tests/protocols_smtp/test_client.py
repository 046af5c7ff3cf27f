# SPDX-License-Identifier: GPL-3.0-or-later
"""What a client makes of answers, and how it stuffs a body."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocols.smtp.client import BadAnswer, dotted, extensions, parse_answer
from protocols.smtp.dots import Unstuffer


def test_an_answer_of_one_line() -> None:
    answer = parse_answer([b"550 5.1.1 No such user\r\n"])
    assert (answer.code, answer.status, str(answer)) == (550, "5.1.1", "550 5.1.1 No such user")


def test_an_answer_of_several_lines() -> None:
    answer = parse_answer([b"450-4.2.1 Busy,\r\n", b"450 4.2.1 come back\r\n"])
    assert str(answer) == "450 4.2.1 Busy, come back"


def test_words_of_others_are_short_and_move_no_cursor() -> None:
    answer = parse_answer([b"550-5.7.1 \x1b[2Jgone\tfor good\r\n", b"550 5.7.1 " + b"x" * 5000 + b"\r\n"])
    assert str(answer).startswith("550 5.7.1 ?[2Jgone?for good xxx")
    assert len(str(answer)) == 1001


@pytest.mark.parametrize(
    ("line", "status"), [(b"550 No", "5.0.0"), (b"451", "4.0.0"), (b"450 5.1.1 No", "4.0.0"), (b"250 2.0.0", "2.0.0")]
)
def test_an_answer_has_a_status_of_its_class(line: bytes, status: str) -> None:
    assert parse_answer([line]).status == status


@pytest.mark.parametrize("lines", [[b"what"], [b"250x"], [b"99 no"], [b"250-a", b"550 b"], [b"650 no"]])
def test_what_is_no_answer(lines: list[bytes]) -> None:
    with pytest.raises(BadAnswer):
        parse_answer(lines)


def test_what_a_server_offers() -> None:
    offered = extensions(parse_answer([b"250-mx.test hello", b"250-SIZE 5000", b"250-auth plain Login", b"250 dsn"]))
    assert (offered.max_size, set(offered.mechanisms), "DSN" in offered, "8BITMIME" in offered) == (
        5000,
        {"PLAIN", "LOGIN"},
        True,
        False,
    )


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from([b"a", b".", b"\r\n", b".\r\n", b"..", b"\r\n."]), max_size=12), st.integers(1, 5))
def test_a_body_is_the_same_on_the_other_side_wherever_it_is_cut(words: list[bytes], step: int) -> None:
    body = b"".join(words)
    chunks = [body[i : i + step] for i in range(0, len(body), step)]
    wire = b"".join(dotted(chunks))
    received, rest = Unstuffer().feed(wire)
    assert rest == b""
    assert received == (body if not body or body.endswith(b"\r\n") else body + b"\r\n")
