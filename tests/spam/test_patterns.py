# SPDX-License-Identifier: GPL-3.0-or-later
"""Which addresses a pattern of the lists of senders stands for (SND-02)."""

from __future__ import annotations

import pytest

from ikserver.spam.patterns import BadPattern, Patterns, pattern

ADDRESSES = (
    "ann@example.org",
    "annie@example.org",
    "news-ann@example.org",
    "ann@sub.example.org",
    "ann@badexample.org",
    "ann@example.com",
    "",
)
# Each line: a pattern, and which of ADDRESSES it matches ("x") or not (".").
TABLE = """
    ann@example.org         x......
    Ann@Example.ORG         x......
    ann@sub.example.org     ...x...
    *@example.org           xxx....
    *@sub.example.org       ...x...
    *ann@example.org        x.x....
    *-ann@example.org       ..x....
    ann*@example.org        xx.....
    annie*@example.org      .x.....
    *n*@example.org         xxx....
    *@*example.org          xxxx...
    *@*.example.org         ...x...
    *@*org                  xxxxx..
    ann@*example.org        x..x...
    ann@example.*           x....x.
    ann@ex?mple.org         x......
    a?n@example.org         x......
    ann??@example.org       .x.....
    ?nn@example.com         .....x.
    *@example.???           xxx..x.
    *                       xxxxxxx
    nobody@example.org      .......
"""


@pytest.mark.parametrize("line", TABLE.strip().splitlines())
def test_a_pattern_stands_for_these_addresses(line: str) -> None:
    text, marks = line.split()
    wanted = Patterns([pattern(text)])
    assert "".join("x" if wanted.match(address) else "." for address in ADDRESSES) == marks


@pytest.mark.parametrize("text", ["", "ann", "@example.org", "ann@", "a b@example.org", "<ann@a.b>", "****@a.b"])
def test_what_is_no_pattern_is_refused(text: str) -> None:
    with pytest.raises(BadPattern):
        pattern(text)


def test_of_many_patterns_the_one_that_fits_is_told() -> None:
    many = Patterns([f"someone{number}@example.org" for number in range(1000)] + ["*@*example.net"])
    assert many.match("someone500@example.org") == "someone500@example.org"
    assert many.match("x@mail.example.net") == "*@*example.net"
    assert many.match("someone1000@example.org") is None
