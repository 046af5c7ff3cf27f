# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.app.serving import Server, demo


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A whole server, without mail."""
    with demo(tmp_path_factory.mktemp("demo"), "--no-samples") as server:
        yield server
