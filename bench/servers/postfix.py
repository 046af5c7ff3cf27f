# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's Postfix in a folder of its own: it accepts into its queue on fsync, and then discards, or relays."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

from . import DOMAIN, free_ports, pid_in, until_gone

MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.{domain}
mynetworks = 127.0.0.0/8
alias_maps =
mydestination =
in_flow_delay = 0
smtpd_recipient_restrictions = permit_mynetworks, reject
"""
DISCARDING = """\
virtual_mailbox_domains = {domain}
virtual_mailbox_maps = static:all
virtual_transport = discard:
"""
RELAYING = """\
relayhost = [127.0.0.1]:{relay}
"""
MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
smtp unix - - n - - smtp
anvil unix - - n - 1 anvil
tlsmgr unix - - n 1000? 1 tlsmgr
scache unix - - n - 1 scache
"""


class Postfix:
    """Only port `smtp`. A 250 means: the message is in the queue file and synced (cleanup's fsync).

    With `relay`, the port of a server that takes everything, mail is sent there.
    """

    name = "Postfix"

    def __init__(self, folder: Path, relay: int = 0) -> None:
        then = "relayhost" if relay else "transport discard:"
        self.settings = f"queue on fsync, then {then}, in_flow_delay=0, otherwise defaults"
        self.ports = {"smtp": free_ports(1)[0]}
        self.pid = 0
        self._configuration = folder / "etc"
        self._queue = folder / "queue"
        for name in "etc", "queue", "data":
            (folder / name).mkdir(parents=True)
        shutil.chown(folder / "data", "postfix")
        main = MAIN + (RELAYING if relay else DISCARDING)
        (self._configuration / "main.cf").write_text(main.format(folder=folder, domain=DOMAIN, relay=relay))
        (self._configuration / "master.cf").write_text(MASTER.format(port=self.ports["smtp"]))

    def start(self) -> None:
        """Start it as a daemon; raise CalledProcessError when its own checks fail."""
        self._run("postfix", "start")
        self.pid = pid_in(self._queue / "pid" / "master.pid")

    def stop(self) -> None:
        """Stop it and wait until its master process has gone."""
        self._run("postfix", "stop")
        until_gone(self.pid)

    def hold(self) -> None:
        """From now on mail for the relay host waits, as deferred."""
        self._defer("smtp")

    def unhold(self) -> None:
        """From now on mail is sent; what waits needs a `flush`."""
        self._defer("")

    def flush(self) -> None:
        """Send what waits."""
        self._run("postqueue", "-f")

    def waiting(self, *queues: str) -> int:
        """Return how many messages are in these of its queues."""
        return sum(len(files) for queue in queues for _, _, files in os.walk(self._queue / queue))

    def _defer(self, transports: str) -> None:
        self._run("postconf", "-e", f"defer_transports = {transports}")
        self._run("postfix", "reload")
        # Its queue manager is another one then, a moment later.
        time.sleep(1)

    def _run(self, program: str, *arguments: str) -> None:
        command = [f"/usr/sbin/{program}", "-c", str(self._configuration), *arguments]
        subprocess.run(command, check=True, capture_output=True)
