# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from ikserver import logs


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root, ours = logging.getLogger(), logging.getLogger("ikserver")
    before = root.handlers[:], root.level, ours.level
    yield
    root.handlers[:], root.level, ours.level = before


def _line(form: logs.Format, **fields: object) -> str:
    stream = io.StringIO()
    logs.start(form, "info", stream)
    logging.getLogger("ikserver.imap").info("login", extra={"fields": fields})
    logging.getLogger("ikserver.imap").debug("detail")
    logging.getLogger("aiosmtpd").info("chatter")
    text = stream.getvalue()
    assert text.count("\n") == 1
    return text.rstrip("\n")


def test_a_line_of_text_is_key_and_value() -> None:
    line = _line("text", session="a1", user="alice@demo.test", reason="no such user", seconds=0.5)
    assert line.partition(" ")[2] == (
        'level=info logger=ikserver.imap event=login session=a1 user=alice@demo.test reason="no such user" seconds=0.5'
    )


def test_a_line_of_json_is_one_object() -> None:
    event = json.loads(_line("json", session="a1", user="日本"))
    assert (event["event"], event["session"], event["user"], event["level"]) == ("login", "a1", "日本", "info")


def test_what_a_client_sends_cannot_forge_a_line() -> None:
    assert r'user="x\nlevel=error\u001b[2J"' in _line("text", user="x\nlevel=error\x1b[2J")


def test_a_traceback_stays_on_the_line_of_its_event() -> None:
    stream = io.StringIO()
    logs.start("text", "info", stream)
    try:
        raise ValueError("broken")
    except ValueError:
        logging.getLogger("ikserver.imap").exception("failed")
    assert stream.getvalue().count("\n") == 1
    assert "ValueError: broken" in stream.getvalue()
