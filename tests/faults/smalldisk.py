# SPDX-License-Identifier: GPL-3.0-or-later
"""A server whose data directory is a small file system of its own, in a mount namespace that ends with it."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.app.serving import Server, demo

READ_ONLY = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"'
"""A shell script: its first argument is read-only for the program in the others."""
MOUNT = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c")
_RUN = 'mount -t tmpfs -o size="$1" tmpfs "$2" && shift 2 && exec "$@"'


@cache
def _may_mount() -> bool:
    try:
        done = subprocess.run([*MOUNT, "mount -t tmpfs tmpfs /mnt"], capture_output=True, check=False)
    except FileNotFoundError:
        return False
    return done.returncode == 0


needs_mount = pytest.mark.skipif(not _may_mount(), reason="needs a mount namespace of its own (unshare)")


@dataclass(frozen=True, slots=True)
class SmallDisk:
    """A demo without mail. `path` is its directory, and `data` how this process can see it."""

    server: Server
    path: Path
    data: Path
    log: Path

    def fill(self) -> None:
        """Leave no octet free."""
        with (self.data / "ballast").open("ab", buffering=0) as file:
            for size in 1 << 16, 1:
                try:
                    while file.write(bytes(size)):
                        continue
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise

    def free(self) -> None:
        """Undo `fill`."""
        (self.data / "ballast").unlink(missing_ok=True)

    def logged(self, event: str) -> list[str]:
        """The lines of the log that tell of an event."""
        lines = self.log.read_text(encoding="utf-8").splitlines()
        return [line for line in lines if f" event={event} " in line]

    def ikserver(self, *arguments: str) -> Any:
        """What a verb says in JSON."""
        inside = ["nsenter", f"--target={self.server.process.pid}", "--user", "--mount", "--preserve-credentials"]
        inside.append(f"--wd={Path.cwd()}")
        command = [*inside, sys.executable, "-m", "ikserver", *arguments, "--json", "--data", str(self.path)]
        return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)

    def spooled(self) -> list[str]:
        return os.listdir(self.data / "spool")


@contextmanager
def small_disk(root: Path, size: str = "24m") -> Iterator[SmallDisk]:
    """Ready, with room to spare."""
    data = root / "data"
    data.mkdir(mode=0o700)
    log = root / "log"
    mounting = [*MOUNT, _RUN, "sh", size, str(data)]
    with log.open("wb") as errors, demo(data, "--no-samples", prefix=mounting, log=errors) as server:
        seen = f"/proc/{server.process.pid}/root"
        server.told["ca"] = seen + server.told["ca"]
        yield SmallDisk(server, data, Path(seen + str(data)), log)
