# SPDX-License-Identifier: GPL-3.0-or-later
"""An activity log on a real database, and events to put into it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ikserver.model.activity import Direction, Event, Status
from ikserver.store.api.activity import Activity
from ikserver.store.embedded.activity import open_activity
from tests.support import wait

NOW = 1_795_521_600_000
ALICE, BOB = "alice@example.org", "bob@example.org"
STRANGER = "carol@far.test"


def event(number: int = 0, **fields: Any) -> Event:
    """The n-th message to Alice, n seconds after NOW, unless `fields` say otherwise."""
    received = Event(
        NOW + 1000 * number,
        Direction.RECEIVED,
        Status.RECEIVED,
        ALICE,
        ALICE,
        f"{number:016x}",
        sender=STRANGER,
        message_id=f"<{number}@far.test>",
    )
    return received._replace(**fields)


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as threads:
        yield threads


@pytest.fixture
def activity(tmp_path: Path, threads: ThreadPoolExecutor) -> Iterator[Activity]:
    activity = open_activity(tmp_path, threads)
    yield activity
    wait(activity.close())
