# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of where a message came from: the results of its authentication."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from ikserver.model.ids import OrganisationId


class Result(Enum):
    """RFC 8601, 2.7: what a method found."""

    NONE = "none"
    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    SOFTFAIL = "softfail"
    NEUTRAL = "neutral"
    POLICY = "policy"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"


class Disposition(Enum):
    """RFC 7489, 6.3: what a domain wants done with mail that fails, and what we do."""

    NONE = "none"
    QUARANTINE = "quarantine"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Spf:
    """RFC 7208. `domain` is the one that was asked: of MAIL FROM, or of HELO."""

    result: Result = Result.NONE
    domain: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Signature:
    """One DKIM-Signature (RFC 6376). `domain` is d=, `selector` s=, `algorithm` a=, `start` the first octets of b=.

    `partial`: an l= leaves the end of the body unsigned, so it says nothing of what is shown.
    """

    result: Result
    domain: str
    selector: str = ""
    algorithm: str = ""
    start: str = ""
    partial: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What a domain that wants reports is told of a message. `at` is where its record was found; `spf` and `dkim`:
    passed and aligned; `sampled_out`: spared by pct= (RFC 7489, 6.6.4)."""

    at: str
    spf: bool
    dkim: bool
    sampled_out: bool


@dataclass(frozen=True, slots=True)
class Dmarc:
    """RFC 7489. `domain` is the one that From shows, "" when there is not exactly one.

    `aligned`: SPF or DKIM passed for the author's domain, with or without a DMARC record. `asked` is what the domain
    wants done with this message, NONE unless it failed.
    """

    result: Result = Result.NONE
    domain: str = ""
    aligned: bool = False
    asked: Disposition = Disposition.NONE
    reason: str = ""
    evaluated: Evaluated | None = None
    """None where nobody wants reports."""


@dataclass(frozen=True, slots=True)
class Arc:
    """RFC 8617. `sealer` is d= of the last seal; `trusted`: it is on our list and vouches for an aligned origin."""

    result: Result = Result.NONE
    sealer: str = ""
    trusted: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Iprev:
    """RFC 8601, 3. `name` is the confirmed name of the address, or what it claims when that is not confirmed."""

    result: Result = Result.NONE
    name: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """The client's address is on a list (RFC 5782): `zone` asked, `answers` its addresses, `good` for a DNSWL."""

    zone: str
    answers: tuple[str, ...]
    good: bool = False


@dataclass(frozen=True, slots=True)
class OriginPolicy:
    """What an organisation wants of mail from strangers; None is what the server's settings say.

    `dmarc` is the most that is done when an author's domain asks for something to be done. `bad_lists` and `good_lists`
    are the zones of lists of addresses that are asked (RFC 5782).
    """

    dmarc: Disposition | None = None
    bad_lists: tuple[str, ...] | None = None
    good_lists: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Authenticated:
    """All results for one message of a stranger. `disposition` is what we do: QUARANTINE files it as junk."""

    spf: Spf = Spf()
    helo: Spf = Spf()
    dkim: tuple[Signature, ...] = ()
    dmarc: Dmarc = Dmarc()
    arc: Arc = Arc()
    iprev: Iprev = Iprev()
    listed: tuple[Listed, ...] = ()
    disposition: Disposition = Disposition.NONE
    views: tuple[tuple[OrganisationId | None, Authenticated], ...] = ()
    """The same as several organisations see it that get the message and want different things; None is for those who
    want what is usual."""

    def seen_by(self, organisation: OrganisationId) -> Authenticated:
        """As this organisation sees it."""
        return next((view for whose, view in self.views if whose == organisation), self)

    @property
    def author_is_authentic(self) -> bool:
        """The visible From may be believed, as far as its domain goes: what an allowed list may build on."""
        return self.dmarc.aligned
