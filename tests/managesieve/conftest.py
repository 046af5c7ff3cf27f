# SPDX-License-Identifier: GPL-3.0-or-later
"""A server for each test; `@pytest.mark.parametrize("limits", [...])` gives it other limits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ikserver.managesieve.backend import ManageSieveLimits
from sieve import Settings
from tests.managesieve.site import Site
from tests.support import wait


@pytest.fixture
def limits() -> ManageSieveLimits:
    return ManageSieveLimits(failure_delay=0)


@pytest.fixture
def settings() -> Settings:
    return Settings()


@pytest.fixture
def site(tmp_path: Path, limits: ManageSieveLimits, settings: Settings) -> Iterator[Site]:
    """A server that runs."""

    async def started() -> Site:
        site = Site(tmp_path, limits, settings)
        await site.start()
        return site

    site = wait(started())
    yield site
    wait(site.stop())
