# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from ikserver.app.housekeeping import sweep_spool
from ikserver.app.lock import AlreadyRunning, exclusive, is_running


def test_what_a_crash_left_in_the_spool_is_removed_and_uploads_are_not(tmp_path: Path) -> None:
    now = time.time()
    for name, age in ("left-behind", 2 * 86_400), ("uploading", 3_600):
        (tmp_path / name).write_bytes(b"x")
        os.utime(tmp_path / name, (now - age, now - age))
    sweep_spool(tmp_path, now)
    assert [path.name for path in tmp_path.iterdir()] == ["uploading"]


def test_a_role_is_held_once(tmp_path: Path) -> None:
    assert not is_running(tmp_path)
    with exclusive(tmp_path):
        assert is_running(tmp_path)
        with pytest.raises(AlreadyRunning, match="a server process runs on"), exclusive(tmp_path):
            pytest.fail("held twice")
        with exclusive(tmp_path, "housekeeping"):
            assert is_running(tmp_path)
    assert not is_running(tmp_path)
