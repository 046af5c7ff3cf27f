# SPDX-License-Identifier: GPL-3.0-or-later
"""Where blocking work of the store goes: commits never wait behind searches."""

from __future__ import annotations

from concurrent.futures import Executor, ThreadPoolExecutor

COMMIT_THREADS = 8
READ_THREADS = 2


class Threads:
    """`commits` for the writers of all accounts, `reads` for loading, searching and large bodies."""

    def __init__(self, commits: Executor | None = None) -> None:
        """A given executor stays its giver's to shut down."""
        self.reads = ThreadPoolExecutor(READ_THREADS, "mail-reads")
        self.commits = commits or ThreadPoolExecutor(COMMIT_THREADS, "mail-commits")
        self._owned = [self.reads] if commits else [self.reads, self.commits]

    def close(self) -> None:
        """Wait for what runs."""
        for executor in self._owned:
            executor.shutdown()
