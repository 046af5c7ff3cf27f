# SPDX-License-Identifier: GPL-3.0-or-later
"""Who still refers to a body. Runs inside a transaction.

A body that loses its last message is only noted as dropped: sessions that still show the message may read it for a
while (RFC 2180, 4.1.2), and the transaction of EXPUNGE stays short. The sweeper removes it later.
"""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections import Counter

from ikserver.store.embedded.mail.columns import pack, uid_array


def share(db: sqlite3.Connection, bodies: array[int]) -> None:
    """One message more refers to each of `bodies`."""
    db.executemany(
        "INSERT INTO shared VALUES (?, 1) ON CONFLICT (body) DO UPDATE SET extra = extra + 1",
        [(body,) for body in bodies],
    )


def release(db: sqlite3.Connection, bodies: array[int], now: float) -> None:
    """One message less refers to each of `bodies`; a body may be named twice."""
    wanted = "SELECT body, extra FROM shared WHERE body IN (SELECT value FROM json_each(?))"
    extras = dict(db.execute(wanted, (json.dumps(bodies.tolist()),)))
    less = Counter(body for body in bodies if body in extras)
    left = {body: extras[body] - times for body, times in less.items()}
    db.executemany("UPDATE shared SET extra = ? WHERE body = ?", [(n, body) for body, n in left.items() if n > 0])
    db.executemany("DELETE FROM shared WHERE body = ?", [(body,) for body, n in left.items() if n <= 0])
    dropped = uid_array(body for body in dict.fromkeys(bodies) if left.get(body, -1) < 0)
    if dropped:
        db.execute("INSERT INTO dropped (time, bodies) VALUES (?, ?)", (int(now), pack(dropped)))
