# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's Dovecot in a folder of its own: sdbox, static passwords, LMTP beside IMAP."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from . import PASSWORD, free_ports, pid_in, until_gone

CONFIGURATION = """\
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap lmtp
listen = 127.0.0.1
first_valid_uid = 1
mail_location = sdbox:~/sdbox
mail_fsync = {fsync}
disable_plaintext_auth = no
ssl = yes
ssl_cert = <{folder}/certificate.pem
ssl_key = <{folder}/key.pem
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid=mail gid=mail home={folder}/home/%u allow_all_users=yes
}}
mail_max_userip_connections = 4000
default_client_limit = 5000
service imap-login {{
  process_limit = 2000
  inet_listener imap {{
    port = {ports[imap]}
  }}
  inet_listener imaps {{
    port = {ports[imaps]}
  }}
}}
service imap {{
  process_limit = 2000
}}
service lmtp {{
  inet_listener lmtp {{
    port = {ports[lmtp]}
  }}
}}
"""


class Dovecot:
    """`fsync` is Dovecot's mail_fsync: its default `optimized` syncs each saved message, `always` every change."""

    name = "Dovecot"

    def __init__(self, folder: Path, fsync: str = "optimized") -> None:
        self.settings = f"sdbox, mail_fsync={fsync}, static password database, otherwise defaults"
        self.ports = dict(zip(("imap", "imaps", "lmtp"), free_ports(3), strict=True))
        self.pid = 0
        self._configuration = folder / "dovecot.conf"
        self._pid_file = folder / "run" / "master.pid"
        (folder / "home").mkdir(parents=True)
        shutil.chown(folder / "home", "mail", "mail")
        make_certificate(folder)
        self._configuration.write_text(
            CONFIGURATION.format(folder=folder, fsync=fsync, password=PASSWORD, ports=self.ports)
        )

    def start(self) -> None:
        """Start it as a daemon; raise CalledProcessError when it refuses its configuration."""
        subprocess.run(["/usr/sbin/dovecot", "-c", self._configuration], check=True)
        self.pid = pid_in(self._pid_file)

    def stop(self) -> None:
        """Stop it and wait until its master process has gone."""
        subprocess.run(["/usr/bin/doveadm", "-c", self._configuration, "stop"], check=True)
        until_gone(self.pid)


def make_certificate(folder: Path) -> None:
    """Write a self-signed key.pem and certificate.pem (P-256, as ours) into the folder."""
    request = "openssl req -x509 -nodes -days 2 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -subj /CN=localhost"
    subprocess.run(
        [*request.split(), "-keyout", folder / "key.pem", "-out", folder / "certificate.pem"],
        check=True,
        capture_output=True,
    )
