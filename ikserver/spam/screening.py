# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole verdict on one message for one address: lists, authentication, filter, in this order."""

from __future__ import annotations

from typing import NamedTuple

from ikserver.model.authentication import Authenticated, Disposition
from ikserver.model.spam import Hit, Household, Profile, Scanned, Side, Verdict
from ikserver.spam.api import Examined, Filter, FilterDown
from ikserver.spam.lists import SenderLists, Senders
from ikserver.store.api.spam import SpamStore

BLOCKED_SCORE, ALLOWED_SCORE = 100.0, -100.0
LISTED_POINTS = 2.0
"""For each list of bad clients that the client's address is on, and off for each of good ones."""
USUAL_THRESHOLD = 5.0


class Sifted(NamedTuple):
    """`on`: the filter is on for the address, so that spam is filed as such."""

    verdict: Verdict
    on: bool


def with_scan(sifted: Sifted, scanned: Scanned) -> Sifted:
    """With what the virus scanner says: malware is filed as spam, whatever is set for the address."""
    if scanned.malware:
        return Sifted(Verdict(BLOCKED_SCORE, USUAL_THRESHOLD, True, (f"MALWARE_{scanned.malware}",)), True)
    if scanned.answered:
        return sifted
    verdict = sifted.verdict
    return sifted._replace(verdict=verdict._replace(reasons=(*verdict.reasons, "SCANNER_DOWN")))


class Screening:
    """Asked at each delivery. `defer`: while the filter is down mail waits, instead of coming in unfiltered."""

    def __init__(self, store: SpamStore, engine: Filter, *, defer: bool) -> None:
        self._store = store
        self._lists = SenderLists(store)
        self._engine = engine
        self._defer = defer

    async def sift(
        self, message: Examined, senders: Senders, written_to: Household, authenticated: Authenticated | None
    ) -> Sifted:
        """`written_to` is the address whose lists count: that of the recipient before any redirection (SND-03).

        Raises FilterDown when mail shall wait.
        """
        profile = await self._store.profile(message.household)
        asked = profile if written_to == message.household else await self._store.profile(written_to)
        hit = await self._lists.hit(written_to, asked, senders)
        if hit is not None:
            return Sifted(_listed(hit), profile.on)
        origin = authenticated and authenticated.seen_by(written_to.organisation)
        return Sifted(_weighed(await self._judge(message, profile), origin), profile.on)

    async def _judge(self, message: Examined, profile: Profile) -> Verdict:
        try:
            return await self._engine.judge(message._replace(profile=profile))
        except FilterDown:
            if self._defer and profile.on:
                raise
            return Verdict(0.0, USUAL_THRESHOLD, False, ("FILTER_DOWN",))


def _listed(hit: Hit) -> Verdict:
    spam = hit.listed.side is Side.BLOCKED
    reason = f"{hit.listed.side.name}_BY_{hit.level.name}"
    return Verdict(BLOCKED_SCORE if spam else ALLOWED_SCORE, USUAL_THRESHOLD, spam, (reason,), hit)


def _weighed(verdict: Verdict, authenticated: Authenticated | None) -> Verdict:
    """With what is known of where the message came from."""
    if authenticated is None:
        return verdict
    score, reasons = verdict.score, list(verdict.reasons)
    for listed in authenticated.listed:
        score += -LISTED_POINTS if listed.good else LISTED_POINTS
        reasons.append(f"{'GOOD' if listed.good else 'BAD'}_CLIENT_{listed.zone}")
    if authenticated.disposition is Disposition.QUARANTINE:
        score = max(score, verdict.threshold)
        reasons.insert(0, "DMARC_QUARANTINE")
    return verdict._replace(score=score, spam=score >= verdict.threshold, reasons=tuple(reasons))
