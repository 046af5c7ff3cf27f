# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's Postfix in a folder of its own: it accepts into its queue on fsync, and then discards."""

from __future__ import annotations

import shutil
import subprocess
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
virtual_mailbox_domains = {domain}
virtual_mailbox_maps = static:all
virtual_transport = discard:
in_flow_delay = 0
smtpd_recipient_restrictions = permit_mynetworks, reject
"""
MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
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
anvil unix - - n - 1 anvil
tlsmgr unix - - n 1000? 1 tlsmgr
"""


class Postfix:
    """Only port `smtp`. A 250 means: the message is in the queue file and synced (cleanup's fsync)."""

    name = "Postfix"
    settings = "queue on fsync, then transport discard:, in_flow_delay=0, otherwise defaults"

    def __init__(self, folder: Path) -> None:
        self.ports = {"smtp": free_ports(1)[0]}
        self.pid = 0
        self._configuration = folder / "etc"
        self._pid_file = folder / "queue" / "pid" / "master.pid"
        for name in "etc", "queue", "data":
            (folder / name).mkdir(parents=True)
        shutil.chown(folder / "data", "postfix")
        (self._configuration / "main.cf").write_text(MAIN.format(folder=folder, domain=DOMAIN))
        (self._configuration / "master.cf").write_text(MASTER.format(port=self.ports["smtp"]))

    def start(self) -> None:
        """Start it as a daemon; raise CalledProcessError when its own checks fail."""
        self._postfix("start")
        self.pid = pid_in(self._pid_file)

    def stop(self) -> None:
        """Stop it and wait until its master process has gone."""
        self._postfix("stop")
        until_gone(self.pid)

    def _postfix(self, verb: str) -> None:
        subprocess.run(["/usr/sbin/postfix", "-c", self._configuration, verb], check=True, capture_output=True)
