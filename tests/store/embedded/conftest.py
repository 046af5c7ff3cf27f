# SPDX-License-Identifier: GPL-3.0-or-later
"""A store whose files the tests may look into."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from ikserver.changes import Changes
from ikserver.model.ids import AccountId
from ikserver.store.embedded import EmbeddedMailStore, open_mail_store
from tests.support import wait

ANN = AccountId(1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EmbeddedMailStore]:
    store = open_mail_store(tmp_path, Changes())
    yield store
    wait(store.close())


@pytest.fixture
def database(store: EmbeddedMailStore, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """The database of Ann's mail, from outside."""
    wait(store.mail(ANN))
    connection = sqlite3.connect(tmp_path / "mail" / "1" / "mail.sqlite", isolation_level=None)
    yield connection
    connection.close()
