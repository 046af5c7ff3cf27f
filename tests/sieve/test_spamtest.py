# SPDX-License-Identifier: GPL-3.0-or-later
"""What filters of spam and viruses have found (RFC 5235)."""

from __future__ import annotations

from typing import Any

import pytest

from sieve import Settings, SieveSyntaxError, compile
from sieve.actions import Discard, Store
from tests.sieve.running import decide, holds

NEEDS = "spamtestplus virustest relational comparator-i;ascii-numeric variables"
NUMERIC = ':comparator "i;ascii-numeric"'
STATUS = r"X-Spam: [ \ta-zA-Z]+, score=(-?[0-9]+\.[0-9]+)"
REQUIRED = r"X-Spam: .*required=([0-9.]+)"


def message(name: str, value: str) -> bytes:
    return f"{name}: {value}\r\n{name}: another\r\n\r\n".encode()


def value_of(test: str, mail: bytes, settings: Settings) -> str:
    """What a test compares with."""
    require = 'require ["spamtestplus", "virustest", "variables", "fileinto"];'
    script = f'{require} if {test} :matches "*" {{ fileinto "${{0}}"; }}'
    (action,) = decide(script, mail, settings=settings).actions
    assert isinstance(action, Store)
    return action.mailbox


@pytest.mark.parametrize(
    ("score", "rank", "percent"),
    [
        ("-1.6", "1", "0"),
        ("0.0", "1", "0"),
        ("1.0", "2", "20"),
        ("4.0", "8", "80"),
        ("5.0", "10", "100"),
        ("7.6", "10", "100"),
    ],
)
def test_scores(score: str, rank: str, percent: str) -> None:
    mail = message("X-Spam", f"No, score={score} required=5.0 autolearn=no")
    settings = Settings(spamtest_header=STATUS, spamtest_max_header=REQUIRED)
    assert value_of("spamtest", mail, settings) == rank
    assert value_of("spamtest :percent", mail, settings) == percent


@pytest.mark.parametrize(
    ("score", "percent"),
    [
        (".00", "0"),
        (".01", "1"),
        (".13", "13"),
        (".29", "29"),
        (".51", "51"),
        (".73", "73"),
        ("0,89", "89"),
        ("1.01", "100"),
    ],
)
def test_percents_are_exact(score: str, percent: str) -> None:
    settings = Settings(spamtest_header="X-Score", spamtest_max_value=1)
    assert value_of("spamtest :percent", message("X-Score", score), settings) == percent


@pytest.mark.parametrize(("stars", "rank"), [("", "1"), ("*", "2"), ("*" * 7, "8"), ("*" * 8, "10"), ("*" * 14, "10")])
def test_scores_as_so_many_characters(stars: str, rank: str) -> None:
    settings = Settings(spamtest_type="strlen", spamtest_header="X-Level", spamtest_max_value=8)
    assert value_of("spamtest", message("X-Level", stars), settings) == rank


@pytest.mark.parametrize(
    ("word", "rank", "percent"), [("Ham", "1", "0"), ("Unsure", "5", "44"), ("Spam", "10", "100"), ("None", "0", "0")]
)
def test_words(word: str, rank: str, percent: str) -> None:
    words = {0: "None", 1: "Ham", 5: "Unsure", 10: "Spam"}
    settings = Settings(spamtest_type="text", spamtest_header="X-Class", spamtest_text=words)
    assert value_of("spamtest", message("X-Class", word), settings) == rank
    assert value_of("spamtest :percent", message("X-Class", word), settings) == percent


@pytest.mark.parametrize(
    ("kind", "reported", "rank"),
    [
        ("text", "clean", "1"),
        ("text", "Eicar", "5"),
        ("text", "cured", "3"),
        ("score", "2.5", "3"),
        ("score", "9", "5"),
    ],
)
def test_viruses(kind: str, reported: str, rank: str) -> None:
    words = {1: "clean", 3: "cured", 5: "Eicar"}
    settings = Settings(virustest_type=kind, virustest_header="X-Virus", virustest_text=words)
    assert value_of("virustest", message("X-Virus", reported), settings) == rank


@pytest.mark.parametrize(
    ("mail", "options"),
    [
        (message("X-Other", "1"), {}),
        (message("X-Spam", "a lot"), {}),
        (message("X-Spam", ""), {}),
        (message("X-Spam", "."), {}),
        (message("X-Spam", "1e5"), {}),
        (message("X-Spam", "5"), {"spamtest_header": ""}),
        (message("X-Spam", "5"), {"spamtest_header": "X-Spam: ("}),
        (message("X-Spam", "5"), {"spamtest_header": "X-Spam: 5"}),
        (message("X-Spam", "5"), {"spamtest_header": "X-Spam: (6)"}),
        (message("X-Spam", "5"), {"spamtest_max_value": 0}),
        (message("X-Spam", "5"), {"spamtest_max_header": "X-Max"}),
        (message("X-Spam", "**-"), {"spamtest_type": "strlen"}),
        (message("X-Spam", "word"), {"spamtest_type": "text"}),
    ],
)
def test_what_was_not_tested_is_zero_and_does_not_count(mail: bytes, options: dict[str, Any]) -> None:
    settings = Settings(**{"spamtest_header": "X-Spam", **options})
    assert value_of("spamtest", mail, settings) == "0"
    assert holds(f'spamtest :count "eq" {NUMERIC} "0"', mail, NEEDS, settings=settings)
    assert holds(f'spamtest :percent :value "eq" {NUMERIC} "0"', mail, NEEDS, settings=settings)


def test_what_was_tested_counts() -> None:
    settings = Settings(spamtest_header="X-Spam")
    assert holds(f'spamtest :percent :count "eq" {NUMERIC} "1"', message("X-Spam", "0"), NEEDS, settings=settings)


@pytest.mark.parametrize(
    ("mail", "decided"),
    [
        (b"Subject: x\n\n", "INBOX.unclassified"),
        (message("X-Spam", "0"), "INBOX.not-spam"),
        (message("X-Spam", "3.6"), "INBOX.spam-trap"),
        (message("X-Spam", "3.7"), None),
    ],
)
def test_the_example_of_the_rfc(mail: bytes, decided: str | None) -> None:
    # RFC 5235, 3.2.2
    script = """require ["spamtestplus", "fileinto", "relational", "comparator-i;ascii-numeric"];
        if spamtest :value "eq" :comparator "i;ascii-numeric" "0" { fileinto "INBOX.unclassified"; }
        elsif spamtest :percent :value "eq" :comparator "i;ascii-numeric" "0" { fileinto "INBOX.not-spam"; }
        elsif spamtest :percent :value "lt" :comparator "i;ascii-numeric" "37" { fileinto "INBOX.spam-trap"; }
        else { discard; }"""
    (action,) = decide(script, mail, settings=Settings(spamtest_header="X-Spam")).actions
    assert action == Discard(line=5) if decided is None else getattr(action, "mailbox", None) == decided


@pytest.mark.parametrize(
    ("require", "test", "problem"),
    [
        ("spamtest", 'spamtest :percent "1"', 'spamtest has no argument :percent; it needs: require "spamtestplus"'),
        ("spamtest", 'spamtest ["1", "2"]', "spamtest has one value"),
        ("spamtest", 'virustest "1"', "there is no test 'virustest'; it needs: require \"virustest\""),
    ],
)
def test_what_is_wrong_is_told(require: str, test: str, problem: str) -> None:
    with pytest.raises(SieveSyntaxError, match=problem):
        compile(f'require "{require}"; if {test} {{ keep; }}')
