# SPDX-License-Identifier: GPL-3.0-or-later
"""Verbs that are one piece of work on the stores: `run=on_stores(_add)` with `async def _add(stores, args)`."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Coroutine
from typing import Any

from ikserver.app.stores import Stores
from ikserver.cli.verb import with_stores

Work = Callable[[Stores, argparse.Namespace], Coroutine[Any, Any, None]]


def on_stores(work: Work) -> Callable[[argparse.Namespace], int]:
    """The function of a verb: opens the stores, does the work, and exits with 0 unless it raises a refusal."""

    def run(args: argparse.Namespace) -> int:
        async def all_went_well(stores: Stores) -> int:
            await work(stores, args)
            return 0

        return with_stores(args, all_went_well)

    return run
