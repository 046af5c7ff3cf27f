# SPDX-License-Identifier: GPL-3.0-or-later
"""The form of the openspf.org test suite: zones as a `Resolver`, cases as parameters of a test."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dns.reversename
import yaml

from ikserver.dns.api import Answer, DnsFailure, Mx, Tlsa


class ZoneResolver:
    """`Resolver` over the `zonedata` of one document. SPF records stand for TXT where a name has none of those."""

    def __init__(self, zone: dict[str, list[Any]]) -> None:
        self._zone = {name.lower(): self._with_txt(records) for name, records in zone.items()}

    @staticmethod
    def _with_txt(records: list[Any]) -> list[Any]:
        typed = [record for record in records if isinstance(record, dict)]
        if any("TXT" in record for record in typed):
            return records
        return [*records, *({"TXT": record["SPF"]} for record in typed if "SPF" in record)]

    def _find(self, name: str, kind: str, depth: int = 0) -> tuple[list[Any], bool]:
        records = self._zone.get(name.lower().removesuffix("."), [])
        found = [record[kind] for record in records if isinstance(record, dict) and kind in record]
        found = [value for value in found if value != "NONE"]
        if not found:
            if "TIMEOUT" in records or (any("TIMEOUT" in r.values() for r in records if isinstance(r, dict))):
                raise DnsFailure(name)
            for record in records:
                if isinstance(record, dict) and "CNAME" in record and depth < 10:
                    return self._find(record["CNAME"], kind, depth + 1)
        return found, bool(records)

    def _answer(self, name: str, kind: str) -> Answer[Any]:
        found, exists = self._find(name, kind)
        return Answer(tuple(found), exists, False, 60)

    async def a(self, name: str) -> Answer[str]:
        return self._answer(name, "A")

    async def aaaa(self, name: str) -> Answer[str]:
        return self._answer(name, "AAAA")

    async def mx(self, name: str) -> Answer[Mx]:
        answer = self._answer(name, "MX")
        return Answer(tuple(Mx(*record) for record in answer.records), answer.exists, False, 60)

    async def txt(self, name: str) -> Answer[bytes]:
        answer = self._answer(name, "TXT")
        texts = ["".join(record) if isinstance(record, list) else record for record in answer.records]
        return Answer(tuple(text.encode("latin-1") for text in texts), answer.exists, False, 60)

    async def ptr(self, address: str) -> Answer[str]:
        return self._answer(dns.reversename.from_address(address).to_text(), "PTR")

    async def tlsa(self, name: str) -> Answer[Tlsa]:
        return self._answer(name, "TLSA")

    async def cname(self, name: str) -> Answer[str]:
        return self._answer(name, "CNAME")


@dataclass(frozen=True)
class Case:
    name: str
    zone: dict[str, list[Any]]
    peer: str
    sender: str
    hello: str
    allowed: Sequence[str]


def cases(path: Path) -> Iterator[Case]:
    """Nothing when the file is not there."""
    if not path.exists():
        return
    for document in yaml.safe_load_all(path.read_text(encoding="utf-8")):
        for name, test in document["tests"].items():
            result = test["result"]
            allowed = result if isinstance(result, list) else [result]
            zone = document["zonedata"]
            yield Case(name, zone, str(test["host"]), test["mailfrom"] or "", test["helo"], allowed)
