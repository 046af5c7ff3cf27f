# SPDX-License-Identifier: GPL-3.0-or-later
"""The back ends under test. A second one is added to `params` and has to pass everything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ikserver.changes import Changes
from ikserver.model.changes import Hint
from ikserver.model.ids import AccountId
from ikserver.store.api.mail import Mail, MailStore
from ikserver.store.embedded import open_mail_store
from tests.support import wait

ANN = AccountId(1)


@dataclass
class Clock:
    """Time that passes when the test says so."""

    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Workers:
    """Stores on the same data, as the processes of one server have them."""

    root: Path
    clock: Clock = field(default_factory=Clock)
    stores: list[MailStore] = field(default_factory=list)
    hints: list[Hint] = field(default_factory=list)

    def start(self) -> MailStore:
        """One more worker; what it publishes for Ann is noted in `hints`."""
        changes = Changes()
        changes.subscribe(ANN, self.hints.append)
        self.stores.append(open_mail_store(self.root, changes, clock=self.clock))
        return self.stores[-1]

    def stop(self) -> None:
        for store in self.stores:
            wait(store.close())


@pytest.fixture(params=["embedded"])
def workers(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Workers]:
    workers = Workers(tmp_path)
    yield workers
    workers.stop()


@pytest.fixture
def store(workers: Workers) -> Iterator[MailStore]:
    """The only worker; whatever a test does, nothing may be broken afterwards."""
    store = workers.start()
    yield store
    for account in wait(store.accounts()):
        assert wait(store.check(account)) == []


@pytest.fixture
def mail(store: MailStore) -> Mail:
    return wait(store.mail(ANN))
