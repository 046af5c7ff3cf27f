# SPDX-License-Identifier: GPL-3.0-or-later
"""Structured logs: one line an event, `key=value` or JSON, on standard error.

    logger.info("login", extra={"fields": {"session": "a1b2", "user": "alice@example.org"}})

The message names the event; `fields` says the rest. No field may hold a secret or a message body.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import Any, Literal, TextIO

Format = Literal["text", "json"]
_PLAIN = re.compile(r"[^\s\"=\\\x00-\x1f\x7f-\x9f]+")


class Lines(logging.Formatter):
    """A record as one line: time, level, logger, event and fields, and an exception with its traceback, if any.

    Control characters are escaped, so that what a client sends can neither break a line nor reach a terminal.
    """

    def __init__(self, form: Format) -> None:
        super().__init__()
        self._form = form

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its line end."""
        facts: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            facts["error"] = self.formatException(record.exc_info)
        if self._form == "json":
            return json.dumps(facts, default=str)
        return " ".join([f"{key}={_quoted(value)}" for key, value in facts.items()])


def _quoted(value: object) -> str:
    text = str(value)
    return text if _PLAIN.fullmatch(text) else json.dumps(text)


def start(form: Format, level: str, stream: TextIO = sys.stderr) -> None:
    """Send all logs of the process to `stream`; libraries speak only when they warn."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Lines(form))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    # To find out where a line comes from costs as much as the line, and no line says it.
    logging._srcfile = None
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging.getLogger("ikserver").setLevel(level.upper())
