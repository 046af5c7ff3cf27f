# SPDX-License-Identifier: GPL-3.0-or-later
"""Regular expressions (draft-ietf-sieve-regex-01)."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sieve import Settings, SieveRuntimeError, SieveSyntaxError, compile
from sieve.actions import Store
from sieve.expressions.search import expression
from sieve.matching import ascii_fold, identity
from tests.sieve.running import decide, holds

LIST = b"""\
From: Andy Howell <AndyHowell@example.com>
Sender: antlr-interest-bounces@ant.example.com
Subject: [Dovecot] Sieve regex match problem

"""


def groups(pattern: str, text: str) -> Sequence[str] | None:
    return expression(pattern, identity).groups(text, len(text), lambda steps: None)


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("", "abc", [""]),
        ("b", "abc", ["b"]),
        ("^b", "abc", None),
        ("^$", "", [""]),
        ("c$", "abc", ["c"]),
        ("a.c", "a\nc", ["a\nc"]),
        ("a*", "aaa", ["aaa"]),
        ("(a*)*b", "aab", ["aab", "aa"]),
        ("(ab?)+", "xabab", ["abab", "ab"]),
        ("a{2}", "aaa", ["aa"]),
        ("a{2,}", "baaa", ["aaa"]),
        ("a{0,2}b", "aaab", ["aab"]),
        ("a{,2}", "a{,2}", ["a{,2}"]),
        ("x{y", "x{y", ["x{y"]),
        ("a.*?c", "abcbc", ["abcbc"]),
        # The longest of those that begin first.
        ("Re|Reply", "a Reply", ["Reply"]),
        ("(a|ab)(c|bcd)(d*)", "abcd", ["abcd", "a", "bcd", ""]),
        ("b|abcd|bc", "xabcd", ["abcd"]),
        ("(x)|(y)", "y", ["y", "", "y"]),
        ("()", "a", ["", ""]),
        ("[]a]+", "x]a]", ["]a]"]),
        ("[^]a]+", "]xy", ["xy"]),
        ("[a-]+", "b-a", ["-a"]),
        ("[[:alpha:]_]+[[:digit:]]", "+ä_ß7", ["ä_ß7"]),
        ("[[.-.][=a=]]+", "b-a", ["-a"]),
        (r"[\]+", "a\\\\", ["\\\\"]),
        (r"\.\*\(", "a.*(", [".*("]),
        (r"\w+\W\d", "to be1 2", ["be1 2"]),
        (r"\bbe\b", "beat be", ["be"]),
        (r"\Be\B", "e bet", ["e"]),
        (r"\<b\w+\>", "abc bcd", ["bcd"]),
        ("^|a$", "ba", [""]),
        ("[[:space:]]", "a b", [" "]),
    ],
)
def test_patterns(pattern: str, text: str, expected: list[str] | None) -> None:
    assert groups(pattern, text) == expected
    assert expression(pattern, identity).matches(text, len(text), lambda steps: None) is (expected is not None)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [("list(7|8)", "LIST8"), ("(x){2}y+z?", "xXYy"), ("a{0}b", "B"), ("a?b*", ""), ("ab|c", "C"), ("[k]\\.[l]", "K.L")],
)
def test_what_has_to_be_there_may_be_written_in_capitals(pattern: str, text: str) -> None:
    assert expression(pattern, ascii_fold).matches(text, len(text), lambda steps: None)


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("(a", "there is no \\) for a \\("),
        ("a)", "there is no \\( for this \\)"),
        ("*a", "nothing that \\* could repeat"),
        ("a|+", "nothing that \\+ could repeat"),
        ("[a", "there is no \\] for a \\["),
        ("[[:alpha]", "there is no :\\] for \\[:"),
        ("[[:letter:]]", "there is no class \\[:letter:\\]"),
        ("[z-a]", "the range z-a is empty"),
        ("a{3,2}", "at most is less than at least"),
        ("a{256}", "counts to 255"),
        ("((a{99}){99}){99}", "too large"),
        ("a" + "?" * 99, "repetitions of the same"),
        ("(" * 99 + ")" * 99, "nested"),
        ("(a)\\\\1", "cannot be searched for"),
        ("\\\\q", "has no meaning"),
        ("a\\\\", "has no meaning"),
    ],
)
def test_what_is_wrong_with_a_pattern_is_told(pattern: str, problem: str) -> None:
    with pytest.raises(SieveSyntaxError, match=problem):
        compile(f'require "regex"; if header :regex "subject" "{pattern}" {{ keep; }}')


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ('header :regex "subject" "^\\\\[[^]]+\\\\] .*match"', True),
        ('header :regex "subject" "SIEVE"', True),
        ('header :regex "subject" "[A-Z]IEVE"', True),
        ('header :comparator "i;octet" :regex "subject" "SIEVE"', False),
        ('header :comparator "i;octet" :regex "subject" "[[:upper:]]ieve"', True),
        ('address :regex :domain "from" "^(example|test)\\\\.(com|org)$"', True),
        ('header :regex "subject" ["nothing", "problem$"]', True),
        ('header :regex "x-nothing" ".*"', False),
    ],
)
def test_tests_take_patterns(test: str, expected: bool) -> None:
    assert holds(test, LIST, "regex") is expected


def test_letters_of_all_alphabets_without_their_case() -> None:
    test = 'header :comparator "i;unicode-casemap" :regex "x" "^ÜBER[A-Γ]$"'
    assert holds(test, "X: überγ\n\n".encode(), "regex comparator-i;unicode-casemap")


def test_numbers_have_no_patterns() -> None:
    with pytest.raises(SieveSyntaxError, match="i;ascii-numeric cannot do :regex"):
        holds('header :comparator "i;ascii-numeric" :regex "x" "1"', LIST, "regex comparator-i;ascii-numeric")


def test_groups_are_match_variables() -> None:
    script = """require ["regex", "variables", "fileinto"];
        if header :regex "sender" "([^-@]*)-([^-@]*)(-bounces)?(x)?@ant" { fileinto "${2}/${1}/${3}/${4}/${0}"; }"""
    (action,) = decide(script, LIST).actions
    assert isinstance(action, Store)
    assert action.mailbox == "interest/antlr/-bounces//antlr-interest-bounces@ant"


def test_a_test_that_does_not_match_leaves_match_variables_alone() -> None:
    script = """require ["regex", "variables", "fileinto"];
        if header :regex "subject" "(Sieve)" { if not header :regex "subject" "(nothing)" { fileinto "${1}"; } }"""
    (action,) = decide(script, LIST).actions
    assert isinstance(action, Store)
    assert action.mailbox == "Sieve"


def test_patterns_of_variables_are_quoted() -> None:
    script = r"""require ["regex", "variables"];
        set :quoteregex "tag" "[Dovecot] (.*+?)";
        if string :regex "see [Dovecot] (.*+?) too" "^see ${tag} too$" { discard; }"""
    assert not decide(script, LIST).implicit_keep


@pytest.mark.parametrize("pattern", ["(", "a" * 2_000])
def test_a_pattern_that_only_variables_know_may_be_wrong(pattern: str) -> None:
    script = f'require ["regex", "variables"]; set "p" "{pattern}"; if header :regex "subject" "${{p}}" {{ keep; }}'
    with pytest.raises(SieveRuntimeError, match="regular expression"):
        decide(script, LIST)


def test_only_the_beginning_of_a_long_value_is_looked_at() -> None:
    short = Settings(regex_max_input=10)
    message = b"X: " + b"a" * 10 + b"b\n\n"
    assert holds('header :regex "x" "^a{10}"', message, "regex", settings=short)
    assert not holds('header :regex "x" "b"', message, "regex", settings=short)
    # Where it is cut is not its end.
    assert not holds('header :regex "x" "a$"', message, "regex", settings=short)


@pytest.mark.parametrize("pattern", ["(a*)*b", "(a|a)*b", "(.*a){12}b", "(a?){60}a{60}b", ".*.*.*.*.*b"])
def test_no_pattern_takes_more_than_it_may(pattern: str) -> None:
    # Engines that go back need more time for these than anybody has.
    message = b"X: " + b"a" * 2_000 + b"\n\n"
    assert not holds(f'header :regex "x" "{pattern}"', message, "regex")


def test_a_search_costs_steps() -> None:
    message = b"X: " + b"ab" * 20_000 + b"\n\n"
    with pytest.raises(SieveRuntimeError, match="takes too long"):
        holds('header :regex "x" "(a|b)*a(a|b){100}c"', message, "regex", settings=Settings(max_cpu_time=500))


PIECES = st.sampled_from(
    ["a", "b", ".", "[ab]", "[^a]", "(a)", "(a|b)", "(ab)", "^", "$", r"\b", "|", "*", "+", "{1,2}"]
)


@settings(max_examples=100, deadline=None)
@given(st.lists(PIECES, max_size=8).map("".join), st.text("abA \n", max_size=8))
def test_it_finds_where_the_engine_of_python_finds(pattern: str, text: str) -> None:
    # What Python takes for "never go back" only repeats once more here.
    assume(not re.search(r"[*+}]\+", pattern))
    try:
        theirs = re.compile(pattern.replace("$", r"\Z"), re.DOTALL | re.IGNORECASE)
    except re.error:
        return
    found = expression(pattern, ascii_fold).groups(text, len(text), lambda steps: None)
    expected = theirs.search(text)
    assert (found is None) is (expected is None)
    assert expression(pattern, ascii_fold).matches(text, len(text), lambda steps: None) is (expected is not None)
    if found is not None and expected is not None:
        assert len(found[0]) >= len(expected[0])
        assert text.startswith(found[0], expected.start())
