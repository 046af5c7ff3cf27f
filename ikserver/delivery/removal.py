# SPDX-License-Identifier: GPL-3.0-or-later
"""A message that is not taken leaves no file behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import Executor
from contextlib import asynccontextmanager

from ikserver.model.mail import Body, SpooledFile


@asynccontextmanager
async def removed_on_failure(body: Body, threads: Executor) -> AsyncIterator[None]:
    """The body's file, if it has one, goes when the block raises."""
    try:
        yield
    except BaseException:
        if isinstance(body, SpooledFile):
            await asyncio.get_running_loop().run_in_executor(threads, body.path.unlink, True)
        raise
