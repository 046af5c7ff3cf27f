# SPDX-License-Identifier: GPL-3.0-or-later
"""What fails only when a script runs is told when it is compiled, where that is certain."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sieve import Settings, compile


def warnings(script: str) -> list[str]:
    return [problem.message for problem in compile(script, settings=Settings(max_redirects=2)).warnings]


TOO_MANY = ["too many redirects for one message (at most 2)"]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ('redirect "a@x"; redirect "b@x"; redirect "c@x";', TOO_MANY),
        ('redirect "a@x"; if true { redirect "b@x"; } redirect "c@x";', TOO_MANY),
        ('if size :over 1 { redirect "a@x"; redirect "b@x"; stop; } redirect "c@x";', []),
        ('if size :over 1 { redirect "a@x"; redirect "b@x"; } else { redirect "c@x"; }', []),
        ('if size :over 1 { redirect "a@x"; } else { keep; } redirect "b@x"; redirect "c@x";', TOO_MANY),
        ('if true { stop; } elsif false { redirect "a@x"; redirect "b@x"; stop; } else { keep; } redirect "c@x";', []),
        ('if size :over 1 { stop; } else { stop; } redirect "a@x"; redirect "b@x"; redirect "c@x";', []),
    ],
)
def test_too_many_redirects_on_one_way_are_told(script: str, expected: list[str]) -> None:
    assert warnings(script.replace("@x", "@x.org")) == expected


def test_the_warning_stands_at_the_one_too_many() -> None:
    script = 'redirect "a@x.org";\nredirect "b@x.org";\n  redirect "c@x.org";'
    (warning,) = compile(script, settings=Settings(max_redirects=2)).warnings
    assert (warning.line, warning.column) == (3, 3)


# A block is a list of: a redirect, the end of the script, or an if with its branches and perhaps an else.
Block = list["str | tuple[list[Block], bool]"]
BLOCKS: st.SearchStrategy[Block] = st.recursive(
    st.lists(st.sampled_from(["redirect", "stop"]), max_size=3),
    lambda blocks: st.lists(
        st.sampled_from(["redirect", "redirect", "stop"])
        | st.tuples(st.lists(blocks, min_size=1, max_size=3), st.booleans()),
        max_size=3,
    ),
    max_leaves=8,
)


def written(block: Block, numbers: list[int]) -> str:
    """The block as a script; each redirect goes somewhere else."""
    commands = []
    for one in block:
        if isinstance(one, str):
            numbers.append(0)
            commands.append(f'redirect "a{len(numbers)}@x.org";' if one == "redirect" else "stop;")
            continue
        branches, has_else = one
        for number, branch in enumerate(branches):
            word = "if size :over 1" if not number else "elsif size :over 2"
            commands.append(f"{word} {{ {written(branch, numbers)} }}")
        if has_else:
            commands.append("else { }")
    return " ".join(commands)


def ways(block: Block) -> set[tuple[int, bool]]:
    """Every way through a block: how many redirects, and whether the script goes on behind it."""
    found = {(0, True)}
    for one in block:
        here = {(1, True)} if one == "redirect" else {(0, False)}
        if not isinstance(one, str):
            branches, _ = one
            here = {(0, True)} | {way for branch in branches for way in ways(branch)}
        going = {count for count, goes_on in found if goes_on}
        ended = {way for way in found if not way[1]}
        found = ended | {(count + more, goes_on) for count in going for more, goes_on in here}
    return found


@settings(max_examples=100, deadline=None)
@given(BLOCKS)
def test_too_many_are_told_if_and_only_if_some_way_has_them(block: Block) -> None:
    most = max(count for count, _ in ways(block))
    script = written(block, [])
    assert not compile(script, settings=Settings(max_redirects=most)).warnings
    if most:
        assert compile(script, settings=Settings(max_redirects=most - 1)).warnings
