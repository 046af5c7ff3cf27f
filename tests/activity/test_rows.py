# SPDX-License-Identifier: GPL-3.0-or-later
"""Events keep what they say, whichever ikserver wrote them down."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from ikserver.model.activity import Answer, Event, Status, Wanted
from ikserver.store.api.activity import Activity
from ikserver.store.embedded.activity_rows import decode, encode
from ikserver.store.embedded.server_file import FILE_NAME
from tests.activity.conftest import ALICE, event
from tests.support import on_loop

OLDER = (
    '{"time":1795521600000,"direction":"received","status":"received","address":"alice@example.org",'
    '"recipient":"alice@example.org","message":"0000000000000000","sender":"carol@far.test",'
    '"message_id":"<0@far.test>","reasons":["A","B"],"answer":[550,"5.1.1","gone","mx.far.test"]}'
)
"""As it was written before the text was an array."""


def judged() -> Event:
    return event(reasons=("A", "B"), answer=Answer(550, "5.1.1", "gone", "mx.far.test"))


def test_what_is_decoded_is_what_was_encoded() -> None:
    for one in (event(), judged(), event(subject="Grüße\n", score=-1.5, tls=True, status=Status.SPAM)):
        found = decode(encode(one))
        assert found == one
        assert isinstance(found.answer, Answer | None)


def test_an_object_is_read_as_before() -> None:
    assert decode(OLDER) == judged()


def test_fields_that_an_older_ikserver_did_not_know_are_missing_at_the_end() -> None:
    first_seven = encode(event()).split(",")[:7]
    assert decode(f"{','.join(first_seven)}]") == event(sender="", message_id="")


@on_loop
async def test_an_event_is_disowned_in_either_form(tmp_path: Path, activity: Activity) -> None:
    await activity.record([event(1), event(2)])
    with sqlite3.connect(tmp_path / FILE_NAME) as database:
        database.execute("UPDATE activity SET event = ? WHERE message = ?", (OLDER, f"{1:016x}"))
    await activity.disown(ALICE)
    page = await activity.search(Wanted())
    assert [one.address for one in page.events] == ["", ""]
    assert [one.recipient for one in page.events] == [ALICE, ALICE]
