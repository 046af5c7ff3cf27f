# SPDX-License-Identifier: GPL-3.0-or-later
"""A person's computer: an empty home folder in which programs run."""

from __future__ import annotations

import os
import pty
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

LIMIT = 60  # seconds that a program may take


@dataclass(frozen=True, slots=True)
class Home:
    """Programs run with `folder` as home and working directory."""

    folder: Path

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file that only its owner may read, and return its path."""
        path = self.folder / name
        path.touch(0o600)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def run(self, *words: str | Path, code: int = 0, text: str = "") -> str:
        """Run a program with `text` as its input, expect its exit code, return what it printed on both outputs."""
        done = subprocess.run(
            words,
            input=text,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=self.folder,
            env=self._environment(),
            timeout=LIMIT,
        )
        assert done.returncode == code, done.stdout
        return done.stdout

    def show(self, *words: str | Path) -> str:
        """Run a full-screen program on a pseudo terminal until it ends by itself; return all that it painted."""
        ours, theirs = pty.openpty()
        program = subprocess.Popen(
            words, stdin=theirs, stdout=theirs, stderr=theirs, cwd=self.folder, env=self._environment()
        )
        os.close(theirs)
        painted = b""
        with open(ours, "rb", buffering=0) as terminal, suppress(OSError):  # OSError: its last user has gone
            while chunk := terminal.read(65536):
                painted += chunk
        assert program.wait(LIMIT) == 0, painted.decode()
        return painted.decode()

    def _environment(self) -> dict[str, str]:
        terminal = {"TERM": "xterm", "LINES": "24", "COLUMNS": "80"}
        return {**os.environ, **terminal, "HOME": str(self.folder), "LC_ALL": "C.UTF-8"}
