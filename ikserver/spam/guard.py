# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps a filter that is slow or down from holding up mail."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from ikserver.model.spam import Verdict
from ikserver.spam.api import Examined, Filter, FilterDown

logger = logging.getLogger("ikserver.spam")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds for one message, waiting for its turn included; messages at once; failures after which nothing is asked
    for `pause` seconds."""

    deadline: float = 10.0
    at_once: int = 5
    failures: int = 3
    pause: float = 30.0


class Breaker:
    """Asks one program. After the pause one question is tried; when it fails the pause begins anew."""

    def __init__(self, name: str, patience: Patience, clock: Callable[[], float]) -> None:
        """`name` is for the log; `clock` tells seconds that only ever grow."""
        self._name = name
        self._patience = patience
        self._clock = clock
        self._turns = asyncio.Semaphore(patience.at_once)
        self._failures = 0
        self._closed_until = 0.0

    async def ask(self, question: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """The answer, in time. Raises FilterDown."""
        if self._clock() < self._closed_until:
            raise FilterDown(f"{self._name} failed a moment ago")
        if self._failures >= self._patience.failures:
            self._closed_until = self._clock() + self._patience.pause  # for all but this one
        try:
            async with asyncio.timeout(self._patience.deadline), self._turns:
                answer = await question()
        except (FilterDown, TimeoutError) as error:
            reason = str(error) or f"{self._name} gave no answer in time"
            self._failed(reason)
            raise FilterDown(reason) from error
        self._failures, self._closed_until = 0, 0.0
        return answer

    def _failed(self, reason: str) -> None:
        self._failures += 1
        if self._failures >= self._patience.failures:
            self._closed_until = self._clock() + self._patience.pause
        fields = {"filter": self._name, "reason": reason, "failures": self._failures}
        logger.warning("filter-failed", extra={"fields": fields})


class Guarded:
    """A `Filter` behind a breaker."""

    def __init__(self, engine: Filter, patience: Patience, clock: Callable[[], float]) -> None:
        self._engine = engine
        self._breaker = Breaker("spamd", patience, clock)

    async def judge(self, message: Examined) -> Verdict:
        return await self._breaker.ask(lambda: self._engine.judge(message))

    async def teach(self, message: Examined, spam: bool | None) -> None:
        await self._breaker.ask(lambda: self._engine.teach(message, spam))
