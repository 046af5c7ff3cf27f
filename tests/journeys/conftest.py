# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers for journeys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ikserver.imap.backend import ImapLimits
from tests.imap_site import Site
from tests.support import wait


@pytest.fixture
def limits() -> ImapLimits:
    """A test that needs others has a fixture of the same name."""
    return ImapLimits(failure_delay=0)


@pytest.fixture
def site(tmp_path: Path, limits: ImapLimits) -> Iterator[Site]:
    async def make() -> Site:
        site = Site(tmp_path, limits)
        await site.start()
        return site

    site = wait(make())
    yield site
    wait(site.stop())
