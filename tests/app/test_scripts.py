# SPDX-License-Identifier: GPL-3.0-or-later
"""What scripts may require of this server."""

from __future__ import annotations

import pytest

from ikserver.app.scripts import UNSERVED, registry
from sieve import Registry, SieveSyntaxError, compile


@pytest.mark.parametrize("name", UNSERVED)
def test_what_nothing_here_answers_to_is_not_offered(name: str) -> None:
    assert name in Registry.default().capabilities(), "the engine can do it"
    assert name not in registry().capabilities()
    with pytest.raises(SieveSyntaxError, match="there is no extension"):
        compile(f'require "{name}";', registry())


def test_all_else_is_offered() -> None:
    assert set(registry().capabilities()) == set(Registry.default().capabilities()) - set(UNSERVED)
