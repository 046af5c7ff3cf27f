# SPDX-License-Identifier: GPL-3.0-or-later
"""Events as rows of a table, as CSV and as JSON values."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, tzinfo

from ikserver.activity.explanation import explanation
from ikserver.model.activity import Event

COLUMNS = ("time", "direction", "from", "to", "subject", "size", "status", "information")
HIDDEN = "(hidden)"

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def row(event: Event, *, zone: tzinfo | None = None, hide_subject: bool = False) -> dict[str, object]:
    """The cells of COLUMNS (LOG-06); the time in `zone`, None for that of the machine.

    `hide_subject` is for readers who may know of messages and not what they are about.
    """
    return {
        "time": shown_time(event.time, zone),
        "direction": event.direction.value,
        "from": event.header_from or event.sender,
        "to": event.recipient,
        "subject": HIDDEN if hide_subject and event.subject else event.subject,
        "size": event.size or None,
        "status": event.status.value,
        "information": explanation(event),
    }


def details(event: Event, *, hide_subject: bool = False) -> dict[str, object]:
    """Everything that is known, for programs; the time in UTC."""
    answer = event.answer
    return {
        **row(event, zone=UTC, hide_subject=hide_subject),
        "address": event.address or None,
        "sender": event.sender,
        "message_id": event.message_id,
        "id": event.message,
        "attempt": event.attempt,
        "client": event.client,
        "client_name": event.client_name,
        "tls": event.tls,
        "authentication": event.authentication,
        "score": event.score,
        "reasons": list(event.reasons),
        "list": event.listed,
        "rule": event.rule,
        "folder": event.folder,
        "target": event.target,
        "answer": answer and {"code": answer.code, "enhanced": answer.enhanced, "text": answer.text},
        "host": answer.host if answer else "",
    }


def as_csv(rows: Iterable[Mapping[str, object]]) -> str:
    """RFC 4180, with a heading. No cell is a formula for the program that opens it (LOG-10)."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([_harmless(each[column]) for column in COLUMNS] for each in rows)
    return text.getvalue()


def shown_time(milliseconds: int, zone: tzinfo | None = None) -> str:
    """ISO 8601 to the second."""
    moment = datetime.fromtimestamp(milliseconds // 1000, UTC).astimezone(zone)
    return moment.isoformat(timespec="seconds")


def _harmless(cell: object) -> object:
    """Text that a spreadsheet would compute gets an apostrophe in front: it shows what stands behind it."""
    text = cell if isinstance(cell, str) else ""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else cell
