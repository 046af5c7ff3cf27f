# SPDX-License-Identifier: GPL-3.0-or-later
"""MTA-STS records and policies (RFC 8461, 3)."""

from __future__ import annotations

import pytest

from protocols.smtp.mtasts import BadPolicy, Mode, parse_policy, policy_id

POLICY = b"version: STSv1\nmode: enforce\nmx: mail.example.com\nmx: *.example.net\nmax_age: 604800\n"


@pytest.mark.parametrize(
    ("records", "found"),
    [
        ([b"v=STSv1; id=20160831085700Z;"], "20160831085700Z"),
        ([b"v=STSv1;id=1"], "1"),
        ([b"v=STSv1; x=y; id=1;"], "1"),
        ([b"v=spf1 -all", b"v=STSv1; id=1;"], "1"),
        ([b"v=STSv1; id=1;", b"v=STSv1; id=2;"], None),
        ([b"v=STSv1; id=a-b;"], None),
        ([b"v=STSv1;"], None),
        ([b"V=STSv1; id=1"], None),
        ([], None),
    ],
)
def test_the_record_tells_the_id(records: list[bytes], found: str | None) -> None:
    assert policy_id(records) == found


def test_a_policy_names_hosts_and_stars() -> None:
    policy = parse_policy(POLICY.replace(b"\n", b"\r\n"))
    assert (policy.mode, policy.max_age) == (Mode.ENFORCE, 604_800)
    allowed = ["mail.example.com", "MX1.example.net", "a.b.example.net", "example.net", "mail.example.org"]
    assert [policy.allows(host) for host in allowed] == [True, True, False, False, False]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"<html>",
        POLICY.replace(b"STSv1", b"STSv2"),
        POLICY.replace(b"enforce", b"please"),
        POLICY.replace(b"604800", b"soon"),
        POLICY.replace(b"604800", b"-1"),
        b"version: STSv1\nmode: enforce\nmax_age: 1\n",
    ],
)
def test_what_is_no_policy(text: bytes) -> None:
    with pytest.raises(BadPolicy):
        parse_policy(text)
