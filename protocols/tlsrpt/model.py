# SPDX-License-Identifier: GPL-3.0-or-later
"""What a report on TLS holds (RFC 8460, 4): how sessions with the servers of a domain fared, by policy."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """The policy that was applied (RFC 8460, 4.4)."""

    TLSA = "tlsa"
    STS = "sts"
    NONE = "no-policy-found"


class Result(Enum):
    """Why a session failed (RFC 8460, 4.3)."""

    NO_STARTTLS = "starttls-not-supported"
    HOST_MISMATCH = "certificate-host-mismatch"
    EXPIRED = "certificate-expired"
    NOT_TRUSTED = "certificate-not-trusted"
    VALIDATION_FAILURE = "validation-failure"
    TLSA_INVALID = "tlsa-invalid"
    DNSSEC_INVALID = "dnssec-invalid"
    DANE_REQUIRED = "dane-required"
    STS_FETCH_ERROR = "sts-policy-fetch-error"
    STS_INVALID = "sts-policy-invalid"
    STS_WEBPKI_INVALID = "sts-webpki-invalid"


@dataclass(frozen=True, slots=True)
class Applied:
    """A policy as it was found: the lines of an MTA-STS file or the TLSA records, each a string (RFC 8460, 4.5).

    `domain` is the one it is defined for: with DANE that is the host. `mx` are the patterns of an MTA-STS policy.
    """

    kind: Kind
    domain: str
    text: tuple[str, ...] = ()
    mx: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """Sessions that failed alike. `result` is a string, for there may be new ones; "" and 0 where nothing is known."""

    result: str
    count: int
    sending: str = ""
    host: str = ""
    receiving: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """All sessions under one policy."""

    policy: Applied
    successful: int
    failed: int
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """What `organisation` saw between `begin` and `end`, in seconds since the epoch. `contact` is an address."""

    organisation: str
    contact: str
    id: str
    begin: int
    end: int
    summaries: tuple[Summary, ...]
