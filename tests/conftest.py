# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules for every test: slow ones run on request only, and under CI none is skipped."""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest

from tests.support import SHARED_REASON


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="run the tests marked slow as well")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--slow"):
        return
    slow = [item for item in items if item.get_closest_marker("slow")]
    items[:] = [item for item in items if item not in slow]
    config.hook.pytest_deselected(items=slow)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Under CI a test that is skipped for want of a program has failed: `./run test` was to install it."""
    report = yield
    if os.environ.get("CI") == "true" and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if SHARED_REASON not in reason:
            report.outcome = "failed"
            report.longrepr = f"not to be skipped under CI: {reason}"
    return report
