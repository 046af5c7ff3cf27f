# SPDX-License-Identifier: GPL-3.0-or-later
"""What a client changes: APPEND into a mailbox, STORE, COPY, MOVE and EXPUNGE."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from bench.figures import Figures, best_ms, seconds

from .connection import Connection, Target

ROUNDS = 3


def append(target: Target, messages: Sequence[bytes], figures: Figures) -> None:
    """APPEND to INBOX, waiting for each OK: on one connection, then on eight of eight accounts; the best round."""
    one, eight = target.connect(), [target.connect(number) for number in range(8)]
    took = min(seconds(lambda: one.append("INBOX", messages)) for _ in range(ROUNDS))
    figures.record("append_1", per_s=len(messages) / took)

    def all_eight() -> None:
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(lambda connection: connection.append("INBOX", messages), eight))

    figures.record("append_8", per_s=8 * len(messages) / min(seconds(all_eight) for _ in range(ROUNDS)))


def fill(connection: Connection, mailbox: str, messages: Sequence[bytes], figures: Figures) -> None:
    """Create the mailbox and APPEND all messages, fifty in flight."""
    connection.run(f"CREATE {mailbox}")
    took = seconds(lambda: connection.append(mailbox, messages, batch=50))
    figures.record("fill", per_s=len(messages) / took, MB=sum(map(len, messages)) / 1e6)


def change(connection: Connection, mailbox: str, count: int, figures: Figures) -> None:
    """Flag every message, then copy, move and expunge `count` of them. The mailbox is `count` * 2 larger or more."""
    connection.run(f"SELECT {mailbox}")
    signs = itertools.cycle("+-")
    took = best_ms(lambda: connection.run(f"STORE 1:* {next(signs)}FLAGS.SILENT (\\Flagged)"))
    figures.record("store_all", ms=took)
    connection.run(f"CREATE {mailbox}copy")
    for verb in "COPY", "MOVE":
        took = seconds(partial(connection.run, f"{verb} 1:{count} {mailbox}copy"))
        figures.record(verb.lower(), per_s=count / took)
    connection.run(f"STORE 1:{count} +FLAGS.SILENT (\\Deleted)")
    figures.record("expunge", per_s=count / seconds(lambda: connection.run("EXPUNGE")))
