# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses that stand for others, there and back."""

from __future__ import annotations

import re

import pytest

from protocols.smtp.srs import VALID_DAYS, Srs

OURS, OTHER = Srs(b"k" * 32), Srs(b"o" * 32)
DAY = 20_781


def local(address: str) -> str:
    return address.rpartition("@")[0]


@pytest.mark.parametrize("sender", ["bob@far.test", "a=b+c@far.test", '"q q"@far.test', "srs@far.test"])
def test_there_and_back(sender: str) -> None:
    there = OURS.onward(sender, "our.test", DAY)
    assert re.fullmatch(r"SRS0=[a-z2-7]{8}=[a-z2-7]{2}=far\.test=.*@our\.test", there)
    assert OURS.back(local(there), DAY) == sender
    assert OURS.back(local(there), DAY + VALID_DAYS) == sender


def test_case_is_not_looked_at() -> None:
    there = local(OURS.onward("Bob@far.test", "our.test", DAY))
    assert OURS.back(there.upper(), DAY) == "BOB@FAR.TEST"


def test_a_chain_goes_back_to_the_first_who_redirected() -> None:
    first = OTHER.onward("bob@far.test", "first.test", DAY)
    second = OURS.onward(first, "our.test", DAY)
    assert second.startswith("SRS1=")
    third = Srs(b"t" * 32).onward(second, "third.test", DAY)
    assert "our.test" not in third
    assert OURS.back(local(second), DAY) == first
    assert Srs(b"t" * 32).back(local(third), DAY) == first


def test_what_was_tampered_with_or_is_old_leads_nowhere() -> None:
    there = local(OURS.onward("bob@far.test", "our.test", DAY))
    assert OURS.back(there.replace("bob", "eve"), DAY) is None
    assert OURS.back(there, DAY + VALID_DAYS + 1) is None
    assert OTHER.back(there, DAY) is None
    again = local(OURS.onward(OTHER.onward("bob@far.test", "first.test", DAY), "our.test", DAY))
    assert OURS.back(again.replace("first", "evil"), DAY) is None
    assert OURS.back("bob", DAY) is None


def test_the_day_wraps_around() -> None:
    there = local(OURS.onward("bob@far.test", "our.test", 1023))
    assert OURS.back(there, 1026) == "bob@far.test"
    assert OURS.back(there, 1022) is None
