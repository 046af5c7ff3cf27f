# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys of a domain: made once, rotated, never mistaken for each other."""

from __future__ import annotations

import stat
import time
from pathlib import Path

import pytest

from ikserver.accounts.domainkeys import CannotChangeKeys, DomainKeys, newest

YEAR_2026 = 1_795_521_600.0


def selectors(keys: DomainKeys) -> list[str]:
    return [key.selector for key in keys.of("a.test")]


def test_a_domain_gets_a_key_of_each_kind_and_keeps_them(tmp_path: Path) -> None:
    keys = DomainKeys(tmp_path / "dkim", lambda: YEAR_2026)
    made = [key.record() for key in keys.ensure("a.test")]
    assert selectors(keys) == ["e2026a", "r2026a"]
    assert [key.record() for key in DomainKeys(tmp_path / "dkim").ensure("a.test")] == made


def test_nobody_else_can_read_them(tmp_path: Path) -> None:
    DomainKeys(tmp_path / "dkim", lambda: YEAR_2026).ensure("a.test")
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "dkim").rglob("*")}
    assert modes == {0o700, 0o600}
    assert stat.S_IMODE((tmp_path / "dkim").stat().st_mode) == 0o700


def test_new_keys_stand_beside_the_old_ones_until_these_are_removed(tmp_path: Path) -> None:
    keys = DomainKeys(tmp_path, lambda: YEAR_2026)
    watching = DomainKeys(tmp_path)
    keys.ensure("a.test")
    assert selectors(watching) == ["e2026a", "r2026a"]
    assert [key.selector for key in keys.rotate("a.test")] == ["e2026b", "r2026b"]
    assert selectors(watching) == ["e2026a", "e2026b", "r2026a", "r2026b"]
    assert [key.selector for key in newest(watching.of("a.test"))] == ["e2026b", "r2026b"]
    keys.remove("a.test", "r2026a")
    assert selectors(watching) == ["e2026a", "e2026b", "r2026b"]


def test_a_selector_never_names_two_keys(tmp_path: Path) -> None:
    keys = DomainKeys(tmp_path, lambda: YEAR_2026)
    keys.rotate("a.test")
    with pytest.raises(CannotChangeKeys, match="r2026b is the newest"):
        keys.remove("a.test", "r2026b")
    keys.remove("a.test", "r2026a")
    assert [key.selector for key in keys.rotate("a.test")] == ["e2026c", "r2026c"]
    with pytest.raises(CannotChangeKeys, match="has no key r2026a"):
        keys.remove("a.test", "r2026a")


def test_keys_of_another_year_come_after(tmp_path: Path) -> None:
    DomainKeys(tmp_path, lambda: YEAR_2026).rotate("a.test")
    later = DomainKeys(tmp_path, lambda: YEAR_2026 + 366 * 86_400)
    assert [key.selector for key in later.rotate("a.test")] == ["e2027a", "r2027a"]
    assert [key.selector for key in newest(later.of("a.test"))] == ["e2027a", "r2027a"]


def test_a_domain_that_goes_takes_its_keys_along(tmp_path: Path) -> None:
    keys = DomainKeys(tmp_path, time.time)
    keys.ensure("a.test")
    keys.forget("a.test")
    assert selectors(keys) == []
    assert list((tmp_path / "a.test").iterdir()) == []
