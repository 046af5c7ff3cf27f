# SPDX-License-Identifier: GPL-3.0-or-later
"""Ours: `ikserver demo` in a process of its own; the real clients and the crash test start it here too."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from . import DOMAIN, PASSWORD, USERS, free_offset, until_gone

PROGRAM = (sys.executable, "-m", "ikserver")


class Ours:
    """`folder/data` is the data directory, `folder/log` what it logs; a restart keeps both and the ports."""

    name = "ikserver"
    settings = "demo with one worker: fsync before each 250 and OK"

    def __init__(self, folder: Path, users: Sequence[str] = USERS) -> None:
        folder.mkdir(parents=True)
        self.data, self.log = folder / "data", folder / "log"
        self.ports: dict[str, int] = {}
        self.ca = Path()
        self.pid = 0
        self._users = users
        self._offset = free_offset()

    def start(self) -> None:
        """Start it and wait until it says that it is ready; the first time, make the accounts."""
        options = f"--domain {DOMAIN} --password {PASSWORD} --port-offset {self._offset} --no-samples --json"
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*PROGRAM, "demo", "--data", self.data, *options.split()], stdout=subprocess.PIPE, stderr=log
            )
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the demo did not start: {self.log.read_text()[-2000:]}")
        ready = json.loads(line)
        self.pid = self._process.pid
        self.ca = Path(ready["ca"])
        if not self.ports:
            self.ports = ready["ports"]
            for user in self._users:
                self.add(user)

    def stop(self) -> None:
        """Ask it to stop, and wait."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a power cut would end its process: without a last word."""
        self._end(signal.SIGKILL)

    def add(self, address: str, *options: str) -> None:
        """Make an account with PASSWORD and further options of `account add`."""
        self.run("account", "add", address, "--password-stdin", *options, text=PASSWORD)

    def run(self, *arguments: str, text: str = "") -> str:
        """Run `ikserver VERB …` on the data directory; return what it prints; raise RuntimeError with it on failure."""
        command = [*PROGRAM, *arguments, "--data", str(self.data)]
        done = subprocess.run(command, input=text, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode:
            raise RuntimeError(f"{command} ended with {done.returncode}: {done.stdout}")
        return done.stdout

    def _end(self, sign: signal.Signals) -> None:
        self._process.send_signal(sign)
        self._process.wait(timeout=20)
        until_gone(self.pid)
