# SPDX-License-Identifier: GPL-3.0-or-later
"""A real spamd with our settings and rules that ask no network, on a Unix socket."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.sources import ROOT

PROGRAM = shutil.which("spamd") or "/usr/sbin/spamd"
START_SECONDS = 60.0


@contextmanager
def spamd() -> Iterator[Path]:
    """Its socket. It ends with the block."""
    with TemporaryDirectory(prefix="spamd-") as name:
        folder = Path(name)
        # Where root starts it, its children are nobody: they keep what they learn here.
        folder.chmod(0o777)
        log = folder / "log"
        with log.open("wb") as output, subprocess.Popen(_command(folder), stderr=output, cwd=folder) as process:
            try:
                end = time.monotonic() + START_SECONDS
                while b"successfully spawned child" not in log.read_bytes():
                    assert process.poll() is None, log.read_text()
                    assert time.monotonic() < end, log.read_text()
                    time.sleep(0.1)
                yield folder / "spamd.sock"
            finally:
                process.terminate()


def _command(folder: Path) -> list[str]:
    settings = ROOT / "config" / "spamassassin"
    command = [PROGRAM, "--local", "--nouser-config", f"--siteconfigpath={settings}", "--allow-tell"]
    command += [f"--cf=bayes_path {folder / 'bayes'}", f"--socketpath={folder / 'spamd.sock'}", "--socketmode=0666"]
    command += ["--max-children=2", "--min-children=1", "--syslog=stderr", f"--helper-home-dir={folder}"]
    return command + ["--username=nobody"] * (os.geteuid() == 0)
