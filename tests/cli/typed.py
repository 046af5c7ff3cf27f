# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a command as its process would: without an event loop around it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from ikserver.cli.main import main


def typed(*words: str) -> int:
    """The exit code of `ikserver WORDS`. pytest-twisted runs tests on the loop, so it gets a thread of its own."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(main, words).result()
