# SPDX-License-Identifier: GPL-3.0-or-later
"""A real clamd that knows one signature: the hash of EICAR's test file. It asks no network for others."""

from __future__ import annotations

import hashlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

PROGRAM = shutil.which("clamd") or "/usr/sbin/clamd"
START_SECONDS = 60.0
NAME = "Eicar-Test.UNOFFICIAL"
"""clamd says of every signature that is not ClamAV's own that it is unofficial."""

# In two parts, so that nobody's scanner takes this file for what it speaks of.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@contextmanager
def clamd(*settings: str) -> Iterator[Path]:
    """Its socket. It ends with the block."""
    with TemporaryDirectory(prefix="clamd-") as name:
        folder = Path(name)
        signatures = folder / "signatures"
        signatures.mkdir()
        digest = hashlib.md5(EICAR, usedforsecurity=False).hexdigest()
        (signatures / "test.hdb").write_text(f"{digest}:{len(EICAR)}:Eicar-Test\n")
        place = folder / "clamd.sock"
        lines = [f"LocalSocket {place}", f"DatabaseDirectory {signatures}", "Foreground yes", *settings]
        (folder / "clamd.conf").write_text("\n".join(lines) + "\n")
        command = [PROGRAM, f"--config-file={folder / 'clamd.conf'}"]
        with (folder / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
            try:
                end = time.monotonic() + START_SECONDS
                while not _answers(place):
                    assert process.poll() is None, (folder / "log").read_text()
                    assert time.monotonic() < end, (folder / "log").read_text()
                    time.sleep(0.1)
                yield place
            finally:
                process.kill()


def _answers(place: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(place)) == 0
