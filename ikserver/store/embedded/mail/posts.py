# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail that leaves an account waits here, written in the transaction that decides it, until the queue has it."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Iterable, Sequence

from ikserver.model.mail import Body, SpooledFile
from ikserver.model.scripts import Post, WaitingPost
from ikserver.model.tls import TlsWish
from ikserver.store.embedded.activity_rows import decode, encode
from ikserver.store.embedded.mail.bodies import BlobFiles
from ikserver.store.embedded.mail.kept import Kept


def put(db: sqlite3.Connection, posts: Iterable[Kept[Post]]) -> None:
    """Within a transaction."""
    rows = [(secrets.token_bytes(16), _encode(kept.message), kept.size, kept.content, kept.file) for kept in posts]
    db.executemany("INSERT INTO posts (key, post, size, content, file) VALUES (?, ?, ?, ?, ?)", rows)


def waiting(db: sqlite3.Connection, files: BlobFiles, limit: int) -> Sequence[WaitingPost]:
    """The oldest ones."""
    rows = db.execute("SELECT id, key, post, size, content, file FROM posts ORDER BY id LIMIT ?", (limit,))
    return [
        WaitingPost(number, key, _decode(post, SpooledFile(files.path(file), size) if file else content))
        for number, key, post, size, content, file in rows
    ]


def forget(db: sqlite3.Connection, number: int) -> Sequence[str]:
    """Returns the files that are to be discarded after the commit."""
    rows = db.execute("DELETE FROM posts WHERE id = ? RETURNING file", (number,)).fetchall()
    return [file for (file,) in rows if file is not None]


def _encode(post: Post) -> str:
    """Without its body. New fields of a post come last: older text lacks them."""
    sender, recipients, _, event, author, smtputf8, tls, *wishes = post
    told = None if event is None else encode(event)
    return json.dumps([sender, recipients, told, author, smtputf8, tls.value, *wishes])


def _decode(text: str, body: Body) -> Post:
    sender, recipients, event, author, smtputf8, tls, *wishes = json.loads(text)
    told = None if event is None else decode(event)
    return Post(sender, tuple(recipients), body, told, author, smtputf8, TlsWish(tls), *wishes)
