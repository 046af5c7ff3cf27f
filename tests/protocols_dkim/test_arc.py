# SPDX-License-Identifier: GPL-3.0-or-later
"""ARC: ValiMail's suite for validation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from protocols.dkim.arc import parse_chain, validate
from protocols.dkim.errors import Unusable
from protocols.dkim.key import Key, parse_key
from protocols.dkim.verification import Message
from protocols.message.header import fields, header_end
from tests.support import SHARED, needs_shared


@dataclass(frozen=True)
class Case:
    name: str
    message: bytes
    keys: dict[str, str]
    expected: str


def cases(path: Path) -> Iterator[Case]:
    if not path.exists():
        return
    for document in yaml.safe_load_all(path.read_text(encoding="utf-8")):
        for name, test in document["tests"].items():
            message = test["message"].replace("\n", "\r\n").encode()
            # A chain that says itself that it failed has "" in the suite: it fails (RFC 8617, 5.2).
            expected = {"None": "none", "Pass": "pass"}.get(str(test["cv"]), "fail")
            yield Case(name, message, document["txt-records"], expected)


SUITE = list(cases(SHARED / "vectors" / "arc-validation-tests.yml"))


def outcome(case: Case) -> str:
    end = header_end(case.message, 0, len(case.message))
    header = fields(case.message[:end])

    def key(name: str) -> Key:
        text = case.keys.get(name)
        return parse_key([text.encode()] if text is not None else [])

    try:
        chain = parse_chain(header, 0)
        if chain is None:
            return "none"
        return "fail" if validate(Message(header, case.message, end, len(case.message)), chain, key) else "pass"
    except Unusable:
        return "fail"


@needs_shared
@pytest.mark.parametrize("case", SUITE, ids=lambda case: case.name)
def test_the_suite_for_validation_passes(case: Case) -> None:
    assert outcome(case) == case.expected


@needs_shared
def test_the_suite_is_whole() -> None:
    assert len(SUITE) == 171
