# SPDX-License-Identifier: GPL-3.0-or-later
"""The unit of spamd is one that systemd accepts."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.sources import ROOT
from tests.support import needs_program

UNIT = ROOT / "systemd" / "ikserver-spamd.service"


@needs_program("systemd-analyze", "systemd")
def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    # `verify` looks for the program, which need not be installed here.
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text().replace("/usr/sbin/spamd", "/bin/true"))
    done = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
    assert [line for line in done.stderr.splitlines() if UNIT.name in line] == []
