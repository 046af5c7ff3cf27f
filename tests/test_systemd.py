# SPDX-License-Identifier: GPL-3.0-or-later
"""The unit is one that systemd accepts, and it stays hardened."""

from __future__ import annotations

import shutil
import subprocess
from configparser import RawConfigParser

import pytest

from tests.sources import ROOT

UNIT = ROOT / "systemd" / "ikserver.service"
needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")


def _service() -> dict[str, str]:
    unit = RawConfigParser(strict=False, comment_prefixes="#")
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read(UNIT)
    return dict(unit["Service"])


def test_the_service_is_never_root_and_cannot_become_it() -> None:
    service = _service()
    assert service["User"] == "ikserver"
    assert service["NoNewPrivileges"] == "yes"
    assert service["CapabilityBoundingSet"] == service["AmbientCapabilities"] == "CAP_NET_BIND_SERVICE"
    assert service["ProtectSystem"] == "strict"
    assert service["Type"] == "notify"
    assert int(service["WatchdogSec"]) > 0


@needs_systemd
def test_systemd_accepts_the_unit(tmp_path_factory: pytest.TempPathFactory) -> None:
    # `verify` looks for the program, which is not installed where the unit says.
    unit = tmp_path_factory.mktemp("unit") / "ikserver.service"
    unit.write_text(UNIT.read_text().replace("/opt/ikserver/.venv/bin/ikserver", "/bin/true"))
    done = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
    assert [line for line in done.stderr.splitlines() if "ikserver.service" in line] == []
    assert done.returncode == 0
