# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.serving import Server, demo
from tests.spam.house import House, opened
from tests.support import wait


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A whole server, without mail."""
    with demo(tmp_path_factory.mktemp("demo"), "--no-samples") as server:
        yield server


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    context = opened(tmp_path)
    yield wait(context.__aenter__())
    wait(context.__aexit__(None, None, None))
