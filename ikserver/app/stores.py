# SPDX-License-Identifier: GPL-3.0-or-later
"""Opens what a data directory holds. This is the only place that picks a back end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from ikserver.changes import Changes
from ikserver.settings import Settings


@dataclass(frozen=True, slots=True)
class Stores:
    """Everything durable, and the way to tell others of a change."""

    changes: Changes


@asynccontextmanager
async def open_stores(settings: Settings) -> AsyncIterator[Stores]:
    """Open (or make) the stores of `settings.data`; hints of changes reach a server that runs on the same data."""
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    yield Stores(Changes())
