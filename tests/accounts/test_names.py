# SPDX-License-Identifier: GPL-3.0-or-later
"""One spelling for each address."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ikserver.accounts.names import BadName, any_address, canonical, new_address, new_domain, shown, split_detail


@pytest.mark.parametrize(
    ("written", "spelling"),
    [
        ("Alice@Example.ORG", "alice@example.org"),
        ("alice@example.org.", "alice@example.org"),
        ('"alice"@example.org', "alice@example.org"),
        ('"al\\ice"@example.org', "alice@example.org"),
        ('"a b"@example.org', '"a b"@example.org'),
        ('"a@b"@example.org', '"a@b"@example.org'),
        ("MÜLLER@bücher.example", "müller@xn--bcher-kva.example"),
        ("mu\u0308ller@BÜCHER.example", "müller@xn--bcher-kva.example"),
        # The German sharp s has a domain of its own since IDNA 2008 (RFC 5891).
        ("a@straße.example", "a@xn--strae-oqa.example"),
        ("postmaster", "postmaster"),
        ("", ""),
        ("a@", "a@"),
        ("a@-\u0001ü-.example", "a@-\u0001ü-.example"),
    ],
)
def test_an_address_is_looked_up_under_one_spelling(written: str, spelling: str) -> None:
    assert canonical(written) == spelling


@given(st.text(max_size=30))
def test_any_text_has_a_spelling_which_is_its_own(text: str) -> None:
    assert canonical(canonical(text)) == canonical(text)


@pytest.mark.parametrize(
    "bad", ["", "a", "@a.test", "a@", "a@b@c.test", "a b@a.test", "a..b@a.test", "a@a..test", "a@1.2.3.4"]
)
def test_what_is_no_address_cannot_be_added(bad: str) -> None:
    with pytest.raises(BadName):
        any_address(bad)


def test_an_address_of_ours_has_no_plus() -> None:
    assert any_address("Ann+x@B.test") == "Ann+x@b.test"
    assert new_address("Ann@B.test") == "ann@b.test"
    with pytest.raises(BadName, match="reaches alice@"):
        new_address("alice+x@b.test")
    with pytest.raises(BadName):
        new_address(f"{'a' * 65}@b.test")


@pytest.mark.parametrize(
    "bad", ["", "-a.test", "a-.test", "a b.test", "192.0.2.1", f"{'a' * 64}.test", "a." * 130 + "test"]
)
def test_what_is_no_domain_cannot_be_added(bad: str) -> None:
    with pytest.raises(BadName):
        new_domain(bad)


def test_a_detail_is_what_follows_the_first_plus() -> None:
    assert split_detail("a+b+c@a.test") == ("a@a.test", "b+c")
    assert split_detail("a@a.test") == ("a@a.test", "")
    assert split_detail("+a@a.test") == ("+a@a.test", "")
    assert split_detail("a+@a.test") == ("a@a.test", "")


def test_people_are_shown_the_letters_of_a_domain() -> None:
    assert shown("a@xn--bcher-kva.example") == "a@bücher.example"
    assert shown("a@example.org") == "a@example.org"
    assert shown("a@xn--\u0001.example") == "a@xn--\u0001.example"
