# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs `ikserver demo` as people do: another process, real ports, its table or line of JSON on standard output."""

from __future__ import annotations

import json
import random
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from imaplib import IMAP4_SSL
from pathlib import Path
from smtplib import SMTP
from typing import Any, BinaryIO

from ikserver.app.demo import PORTS

START_SECONDS = STOP_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Server:
    """A demo that is ready; `told` is its line of JSON."""

    process: subprocess.Popen[str]
    told: dict[str, Any]

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal; the exit code."""
        self.process.send_signal(number)
        return self.process.wait(STOP_SECONDS)

    def imap(self, user: str = "alice@demo.test") -> IMAP4_SSL:
        """Signed in, over TLS that is verified against the demo's authority."""
        context = ssl.create_default_context(cafile=self.told["ca"])
        client = IMAP4_SSL("localhost", self.told["ports"]["imaps"], ssl_context=context, timeout=20)
        client.login(user, self.told["password"])
        return client

    def subjects(self, user: str = "alice@demo.test") -> list[bytes]:
        """Of the inbox, oldest first, as the header says them."""
        with self.imap(user) as client:
            client.select("INBOX", readonly=True)
            _, found = client.fetch("1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
        return [item[1].strip() for item in found if isinstance(item, tuple)]

    def send(self, subject: str, to: str = "alice@demo.test") -> None:
        """Deliver a message as another server does."""
        with SMTP("127.0.0.1", self.told["ports"]["smtp"], timeout=20) as client:
            client.sendmail("someone@example.org", [to], f"Subject: {subject}\r\n\r\nHello.\r\n")


@contextmanager
def demo(data: Path, *options: str, prefix: Sequence[str] = (), log: BinaryIO | None = None) -> Iterator[Server]:
    """A demo in `data`, killed at the end if it still runs. `prefix` is what starts it; `log` gets what it logs."""
    command = [*prefix, sys.executable, "-m", "ikserver", "demo", "--data", str(data), "--json", *options]
    if "--port-offset" not in options:
        command += ["--port-offset", str(free_offset())]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
    with process:
        try:
            assert process.stdout is not None
            yield Server(process, json.loads(process.stdout.readline()))
        finally:
            process.kill()


def free_offset() -> int:
    """A port offset that nobody uses; below the ports that the kernel gives to clients."""
    chooser = random.SystemRandom()
    while True:
        offset = chooser.randrange(10_000, 28_000)
        if all(_is_free(offset + number) for number in PORTS.values()):
            return offset


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
