# SPDX-License-Identifier: GPL-3.0-or-later
"""Postfix's smtp-sink: it takes everything and keeps nothing."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from . import free_ports, until_answering

BACKLOG = "1000"


@contextmanager
def sink() -> Iterator[int]:
    """Run it on a port of loopback, which is given."""
    port = free_ports(1)[0]
    # It takes a user to become from root alone.
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    with subprocess.Popen(["/usr/sbin/smtp-sink", *user, f"127.0.0.1:{port}", BACKLOG]) as process:
        try:
            until_answering(port)
            yield port
        finally:
            process.kill()
