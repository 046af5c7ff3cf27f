# SPDX-License-Identifier: GPL-3.0-or-later
"""What many tests need: coroutines of ours under pytest-twisted, and the way to ../shared."""

from __future__ import annotations

import asyncio
import functools
import shutil
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.defer import Deferred

T = TypeVar("T")
TEST_SECONDS = 120.0
SHARED = Path(__file__).parents[2] / "shared"
SHARED_REASON = "needs ../shared, which a public clone does not have"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason=SHARED_REASON)


def needs_program(name: str, package: str) -> pytest.MarkDecorator:
    """Skip the test where `name` is not on the PATH; `package` is the line of tests/debian.txt that brings it."""
    return pytest.mark.skipif(shutil.which(name) is None, reason=f"needs {name} (Debian package {package})")


def _start(coroutine: Coroutine[Any, Any, T]) -> Deferred[T]:
    loop: asyncio.AbstractEventLoop = reactor._asyncioEventloop  # type: ignore[attr-defined]
    return Deferred.fromFuture(loop.create_task(coroutine))


def on_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., Deferred[None]]:
    """Decorate an `async def` test: it runs as a task on the reactor's loop, and pytest-twisted waits for it."""

    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> Deferred[None]:
        return _start(asyncio.wait_for(test(*args, **kwargs), TEST_SECONDS))

    return run


def wait(coroutine: Coroutine[Any, Any, T]) -> T:
    """For fixtures, which run outside the loop: run a coroutine on the loop and return its result."""
    return pytest_twisted.blockon(_start(coroutine))  # type: ignore[no-any-return]
