# SPDX-License-Identifier: GPL-3.0-or-later
"""SASLprep: the examples of RFC 4013 and the rules behind them."""

from __future__ import annotations

import pytest

from protocols.sasl import Prohibited, saslprep


@pytest.mark.parametrize(
    ("text", "prepared"),
    [
        # RFC 4013, 3: the table of examples.
        ("I\u00adX", "IX"),
        ("user", "user"),
        ("USER", "USER"),
        ("\u00aa", "a"),
        ("\u2168", "IX"),
        # Spaces of all widths are SPACE; a composed letter is one however it was typed.
        ("pass\u00a0word\u3000", "pass word "),
        ("e\u0301", "é"),
        # Right to left from end to end.
        ("\u0627\u0628", "\u0627\u0628"),
        ("", ""),
    ],
)
def test_what_looks_the_same_becomes_the_same(text: str, prepared: str) -> None:
    assert saslprep(text) == prepared


@pytest.mark.parametrize(
    "text",
    [
        "\u0007",  # RFC 4013, 3
        "\u0627\u0031",  # RFC 4013, 3: right to left at one end only
        "\u0627a\u0628",
        "a\ue000",  # private use
        "a\u2028",
        "\U0001f600",  # Unicode 3.2 did not know it
    ],
)
def test_what_is_prohibited_is_refused(text: str) -> None:
    with pytest.raises(Prohibited):
        saslprep(text)
