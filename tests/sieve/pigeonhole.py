# SPDX-License-Identifier: GPL-3.0-or-later
"""Another's Sieve engine as a judge: Pigeonhole's sieve-test (Debian dovecot-sieve)."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sieve import Delivery, Message, Settings, compile
from sieve.run import Run
from tests.support import needs_program

needs_pigeonhole = needs_program("sieve-test", "dovecot-sieve")
NOBODY = 65534
_HELD = re.compile(r"DEBUG: held ([0-9]+)\.")


class Pigeonhole:
    """Runs scripts in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # It does not run for root.
        user = os.getuid() or NOBODY
        (folder / "dovecot.conf").write_text(
            f"mail_uid = {user}\nmail_gid = {os.getgid() or NOBODY}\nfirst_valid_uid = 1\nssl = no\n"
            f"mail_home = {folder}\nmail_location = maildir:{folder}/Maildir\nlog_path = /dev/stderr\n"
            "plugin {\n  sieve_extensions = +vnd.dovecot.debug\n}\n"
        )

    def holds(self, require: str, tests: Sequence[str], message: bytes) -> set[str]:
        """Those of the tests that are true."""
        commands = [f'if {test} {{ debug_log "held {number}."; }}\n' for number, test in enumerate(tests)]
        (self._folder / "s.sieve").write_text(_required(f"{require} vnd.dovecot.debug") + "".join(commands))
        (self._folder / "m.eml").write_bytes(message)
        command = ["sieve-test", "-c", "dovecot.conf", "s.sieve", "m.eml"]
        done = subprocess.run(command, cwd=self._folder, capture_output=True, check=False, timeout=60)
        told = (done.stdout + done.stderr).decode(errors="replace")
        assert done.returncode == 0, told
        return {tests[int(number)] for number in _HELD.findall(told)}


def ours(require: str, tests: Sequence[str], message: bytes) -> set[str]:
    """The same of our engine."""
    commands = [f'if {test} {{ set "held{number}" "1"; }}\n' for number, test in enumerate(tests)]
    script = compile(_required(f"{require} variables") + "".join(commands))
    run = Run(Delivery(Message(message), settings=Settings(variables_max_count=len(tests))))
    run.execute(script.block)
    return {test for number, test in enumerate(tests) if f"held{number}" in run.variables}


@contextmanager
def pigeonhole() -> Iterator[Pigeonhole]:
    """A folder that another user may read."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)  # noqa: S103
        yield Pigeonhole(Path(folder))


def _required(names: str) -> str:
    listed = ", ".join(f'"{name}"' for name in names.split())
    return f"require [{listed}];\n"
