# SPDX-License-Identifier: GPL-3.0-or-later
"""What an import has done, so that it can be interrupted at any moment and started again: nothing comes twice."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path

from ikserver.model.ids import AccountId


@dataclass(frozen=True, slots=True)
class Batch:
    """Messages that are stored together or not at all. `uidnext` is that of the mailbox before."""

    mailbox: str
    uidnext: int
    keys: Sequence[str]


class Journal:
    """A line a batch before it is stored, an empty one after; only the last batch can be in doubt."""

    def __init__(self, path: Path) -> None:
        self.done: set[str] = set()
        self.in_doubt: Batch | None = None
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.exists():
            self._read(path)
        self._file = path.open("a", encoding="utf-8")

    def _read(self, path: Path) -> None:
        # What was cut off while it was written is not ended by a line end: nothing was stored for it.
        whole, _, cut = path.read_text(encoding="utf-8").rpartition("\n")
        if cut:
            os.truncate(path, len(f"{whole}\n".encode()) if whole else 0)
        for line in whole.split("\n") if whole else ():
            if line:
                self.in_doubt = Batch(**json.loads(line))
            else:
                self._settle()

    def begin(self, batch: Batch) -> None:
        """These are about to be stored."""
        self.in_doubt = batch
        self._write(json.dumps(asdict(batch)))

    def end(self) -> None:
        """They are stored, durably."""
        self._settle()
        self._write("")

    def forget(self) -> None:
        """The batch in doubt was not stored. The next one takes its place."""
        self.in_doubt = None

    def close(self) -> None:
        self._file.close()

    def _settle(self) -> None:
        if self.in_doubt is not None:
            self.done.update(self.in_doubt.keys)
        self.in_doubt = None

    def _write(self, line: str) -> None:
        self._file.write(line + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())


def journal_path(data: Path, account: AccountId, source: Path, mailbox: str) -> Path:
    """One journal for each account, source and mailbox imported into."""
    subject = f"{source.resolve()}\0{mailbox}".encode("utf-8", "surrogateescape")
    return data / "imports" / f"{account}-{blake2b(subject, digest_size=8).hexdigest()}.jsonl"
