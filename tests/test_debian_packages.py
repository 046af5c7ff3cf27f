# SPDX-License-Identifier: GPL-3.0-or-later
"""tests/debian.txt is what `./run test` reads: one package a line, comments after #."""

from __future__ import annotations

import re

from tests.sources import ROOT


def test_the_list_of_debian_packages_is_well_formed() -> None:
    lines = (ROOT / "tests" / "debian.txt").read_text(encoding="utf-8").splitlines()
    packages = [line.partition("#")[0].strip() for line in lines]
    named = [package for package in packages if package]
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9.+-]+", package) for package in named)
    assert len(named) == len(set(named))
