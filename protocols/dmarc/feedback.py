# SPDX-License-Identifier: GPL-3.0-or-later
"""What an aggregate report of ours tells: messages that fared alike, counted (RFC 7489, 7.2)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import Enum

from protocols.dmarc.record import Policy, Record


class Override(Enum):
    """RFC 7489, C: why less was done than the domain wants."""

    SAMPLED_OUT = "sampled_out"
    TRUSTED_FORWARDER = "trusted_forwarder"
    LOCAL_POLICY = "local_policy"


@dataclass(frozen=True, slots=True)
class SignatureSeen:
    """One signature and its result (RFC 8601, 2.7.1)."""

    domain: str
    selector: str
    result: str


@dataclass(frozen=True, slots=True)
class SpfSeen:
    """`scope` is mfrom or helo, `result` as in RFC 8601, 2.7.2."""

    domain: str
    scope: str
    result: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What messages have in common that are counted together. `spf` and `dkim`: passed, and aligned with `author`.

    `source` is an IP address, `author` the domain of From, `envelope` that of MAIL FROM, "" for the null sender.
    """

    source: str
    author: str
    envelope: str
    disposition: Policy
    spf: bool
    dkim: bool
    override: Override | None
    spf_seen: SpfSeen
    signatures: tuple[SignatureSeen, ...]

    def dump(self) -> str:
        """As text that `load` reads; equal values have equal texts."""
        return json.dumps(asdict(self), default=lambda member: member.value)


def load(text: str) -> Seen:
    """The value of what `dump` wrote."""
    found = json.loads(text)
    found["disposition"] = Policy(found["disposition"])
    found["override"] = found["override"] and Override(found["override"])
    found["spf_seen"] = SpfSeen(**found["spf_seen"])
    found["signatures"] = tuple(SignatureSeen(**one) for one in found["signatures"])
    return Seen(**found)


@dataclass(frozen=True, slots=True)
class Reporter:
    """Who reports: the name of the organisation, the address of its reports, and its mail server's name."""

    organisation: str
    email: str
    host: str


@dataclass(frozen=True, slots=True)
class Feedback:
    """One report on the domain whose DMARC record is `record`, from `begin` to `end` in seconds since the epoch.

    `error` tells what it leaves out, "" for nothing.
    """

    reporter: Reporter
    domain: str
    record: Record
    begin: int
    end: int
    rows: Sequence[tuple[Seen, int]]
    error: str = ""

    @property
    def id(self) -> str:
        """The same whenever it is made, so that who gets it twice can tell (RFC 7489, 7.2.1.1)."""
        return f"{self.begin}.{self.domain}@{self.reporter.host}"

    @property
    def file_name(self) -> str:
        """RFC 7489, 7.2.1.1."""
        return f"{self.reporter.host}!{self.domain}!{self.begin}!{self.end}.xml.gz"

    @property
    def messages(self) -> int:
        """How many it counts."""
        return sum(count for _, count in self.rows)
