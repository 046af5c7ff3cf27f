# SPDX-License-Identifier: GPL-3.0-or-later
"""What a client reads of one large mailbox: SELECT, FETCH and SEARCH, cold and warm."""

from __future__ import annotations

from functools import partial

from bench.figures import Figures, best_ms, seconds

from .connection import Connection

HEADERS = "BODY.PEEK[HEADER.FIELDS (From To Cc Subject Date Message-ID References Content-Type)]"
READS = {
    "fetch_flags": "FETCH 1:* (FLAGS)",
    "fetch_fast": "FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE)",
    "fetch_envelope": "FETCH 1:* (ENVELOPE)",
    "fetch_bodystructure": "FETCH 1:* (BODYSTRUCTURE)",
    "fetch_headers": f"UID FETCH 1:* (UID RFC822.SIZE FLAGS {HEADERS})",
    "fetch_500_bodies": "FETCH 1:500 (BODY.PEEK[])",
    "search_subject": "SEARCH SUBJECT project",
    "search_text_rare": "SEARCH TEXT needle1000",
    "search_body": "SEARCH BODY harbour",
    "search_unseen_since": "SEARCH UNSEEN SINCE 10-Nov-2026",
    "sort_date": "SORT (REVERSE DATE) UTF-8 ALL",
    "thread_references": "THREAD REFERENCES UTF-8 ALL",
}


def warm(connection: Connection, mailbox: str, figures: Figures) -> None:
    """Time SELECT of the mailbox and then every read that the server offers, again and again."""

    def select_again() -> None:
        connection.run("SELECT INBOX")
        connection.run(f"SELECT {mailbox}")

    figures.record("select", ms=best_ms(select_again))
    for name, command in READS.items():
        if offers(connection, command.split()[0]):
            figures.record(name, ms=best_ms(partial(connection.run, command)))


def cold(connection: Connection, mailbox: str, name: str, figures: Figures) -> None:
    """Time one read, or `select`, once. The server has just been started."""
    took = seconds(lambda: connection.run(f"SELECT {mailbox}"))
    if name != "select":
        if not offers(connection, READS[name].split()[0]):
            return
        took = seconds(lambda: connection.run(READS[name]))
    figures.record(name, cold_ms=took * 1e3)


def offers(connection: Connection, verb: str) -> bool:
    """Tell whether the server has this verb: SORT and THREAD are extensions with a capability (RFC 5256, 1)."""
    return verb not in ("SORT", "THREAD") or any(name.startswith(verb) for name in connection.capabilities)
