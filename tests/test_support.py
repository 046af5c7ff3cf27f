# SPDX-License-Identifier: GPL-3.0-or-later
import asyncio
from pathlib import Path

import pytest

from tests.support import on_loop, wait


@pytest.fixture
def answer() -> int:
    async def ask() -> int:
        await asyncio.sleep(0)
        return 42

    return wait(ask())


@on_loop
async def test_coroutines_run_on_the_loop_and_get_fixtures(tmp_path: Path, answer: int) -> None:
    await asyncio.sleep(0.001)
    assert (tmp_path.is_dir(), answer) == (True, 42)


@on_loop
async def test_a_failing_coroutine_fails() -> None:
    @on_loop
    async def fails() -> None:
        await asyncio.sleep(0)
        raise ValueError("as it should")

    with pytest.raises(ValueError, match="as it should"):
        await fails().asFuture(asyncio.get_running_loop())
