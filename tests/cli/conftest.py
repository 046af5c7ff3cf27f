# SPDX-License-Identifier: GPL-3.0-or-later
"""A terminal on a data directory of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.terminal import Terminal


@pytest.fixture
def terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Terminal:
    return Terminal(tmp_path / "data", capsys, monkeypatch)
