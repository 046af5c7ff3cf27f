# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail that an older ikserver kept opens in this one. fixtures/version-N.sql are dumps that version N left behind."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from ikserver.changes import Changes
from ikserver.model.ids import BodyId
from ikserver.model.mail import FLAGGED, SEEN, Usage
from ikserver.model.search import Contains, Field
from ikserver.store.embedded import open_mail_store
from tests.store.embedded.conftest import ANN
from tests.store.mails import octets
from tests.support import on_loop

FIXTURES = Path(__file__).parents[1] / "fixtures"


@pytest.fixture(params=[1, 2, 3])
def version(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture
def data(version: int, tmp_path: Path) -> Path:
    folder = tmp_path / "mail" / str(ANN)
    folder.mkdir(parents=True)
    database = sqlite3.connect(folder / "mail.sqlite")
    database.executescript((FIXTURES / f"version-{version}.sql").read_text())
    database.close()
    return tmp_path


@on_loop
async def test_mail_of_an_older_version_is_all_there(version: int, data: Path) -> None:
    store = open_mail_store(data, Changes())
    mail = await store.mail(ANN)
    inbox, archive = await mail.open("INBOX"), await mail.open("Archive/2026")
    assert list(inbox.columns.uids) == [1, 2]
    assert [inbox.flags(flagset) for flagset in inbox.columns.flagsets] == [{SEEN}, {FLAGGED, "$Label"}]
    assert [await mail.read(BodyId(body)) for body in archive.columns.bodies] == [
        octets("grüße aus 東京"),
        octets("fourth"),
    ]
    assert list(await mail.search(archive, Contains(Field.SUBJECT, "GRÜSSE"))) == [0]
    assert list(inbox.columns.saved) == ([0, 0] if version == 1 else [1_800_000_000] * 2), "kept since version 2"
    assert "Archive/2026" in await mail.subscriptions()
    size = sum(map(len, map(octets, ["first", "grüße aus 東京", "grüße aus 東京", "fourth"])))
    assert await mail.usage() == Usage(size, 4, 10_000_000, 1_000)
    assert list((await mail.changes(inbox.mailbox.id, inbox.mailbox.highest_modseq)).changed) == []
    await store.sweep()
    assert await store.check(ANN) == []
    await store.close()
