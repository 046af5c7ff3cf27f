# SPDX-License-Identifier: GPL-3.0-or-later
"""SPF (RFC 7208): may this address send for that domain? pyspf decides, our resolver answers it.

pyspf is made for look-ups that block. Here a look-up that is not answered yet ends its run; the answer is fetched and
the run begun anew, in a thread, for a record may be made to be slow. So nothing waits for DNS but a coroutine.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import spf

from ikserver.delivery.authentication.domains import domain_of
from ikserver.dns.api import Answer, DnsFailure, Resolver
from ikserver.dns.cache import Cache
from ikserver.model.authentication import Result, Spf

DEADLINE = 20.0
"""RFC 7208, 4.6.4: no less than 20 seconds for one check."""
CACHED = 20_000
MAX_TTL = 3_600
FAILURE_TTL = 10


@dataclass(frozen=True, slots=True)
class _Question:
    kind: str
    name: str


class _Unanswered(Exception):
    def __init__(self, question: _Question) -> None:
        super().__init__(question)
        self.question = question


@dataclass(frozen=True, slots=True)
class _Verdict:
    """`personal`: a macro was expanded, so it holds for this sender and HELO only."""

    result: Result
    reason: str
    personal: bool


Answers = dict[_Question, Answer[Any] | DnsFailure]


class SpfChecker:
    """Results are kept as long as the records that they came from, by client and domain."""

    def __init__(self, resolver: Resolver, threads: Executor, clock: Callable[[], float] = time.monotonic) -> None:
        self._resolver = resolver
        self._threads = threads
        self._kept: Cache[tuple[str, ...], Spf] = Cache(CACHED, clock)

    async def check(self, peer: str, sender: str, hello: str) -> Spf:
        """RFC 7208, 2.3 and 2.4: the result for MAIL FROM, or for HELO when `sender` is "". `peer` is an IP address."""
        domain = domain_of(sender or hello)
        if "." not in domain or domain.startswith("["):
            # RFC 7208, 4.3: not the name of a domain.
            return Spf(Result.NONE, domain)
        personal = (peer, sender, hello)
        kept = self._kept.get((peer, domain)) or self._kept.get(personal)
        if kept is not None:
            return kept.value
        answers: Answers = {}
        try:
            async with asyncio.timeout(DEADLINE):
                verdict = await self._decide(peer, sender, hello, domain, answers)
        except TimeoutError:
            return Spf(Result.TEMPERROR, domain, "too slow")
        found = Spf(verdict.result, domain, verdict.reason)
        self._kept.put(personal if verdict.personal else (peer, domain), found, _ttl(answers))
        return found

    async def _decide(self, peer: str, sender: str, hello: str, domain: str, answers: Answers) -> _Verdict:
        local, _, _ = sender.rpartition("@")
        address = f"{local}@{domain}" if sender else ""
        wanted: _Verdict | _Question = _Question("TXT", domain)
        while isinstance(wanted, _Question):
            answers[wanted] = await self._ask(wanted)
            wanted = await asyncio.get_running_loop().run_in_executor(
                self._threads, _run, peer, address, hello if sender else domain, answers
            )
        return wanted

    async def _ask(self, question: _Question) -> Answer[Any] | DnsFailure:
        ask: dict[str, Callable[[str], Any]] = {
            "A": self._resolver.a,
            "AAAA": self._resolver.aaaa,
            "MX": self._resolver.mx,
            "PTR": self._resolver.ptr,
            "TXT": self._resolver.txt,
        }
        try:
            answer: Answer[Any] = await ask[question.kind](question.name)
        except DnsFailure as failure:
            return failure
        return answer


class _Check(spf.query):  # type: ignore[misc]
    """pyspf's evaluation, with its look-ups replaced: those resolve names below the search list, ours never do."""

    def __init__(self, peer: str, sender: str, hello: str, answers: Answers) -> None:
        super().__init__(peer, sender, hello)
        self._answers = answers
        self.personal = False

    def expand(self, s: str, stripdot: bool = True) -> Any:
        self.personal = self.personal or "%{" in s
        return super().expand(s, stripdot)

    def dns(self, name: Any, qtype: str, cnames: Any = None, ignore_void: bool = False) -> list[Any]:
        """Raises _Unanswered, spf.TempError, spf.PermError."""
        records = self._records(_Question(qtype, str(name).lower().removesuffix(".")))
        if not records and not ignore_void:
            # RFC 7208, 4.6.4: the third void look-up is one too many.
            self.void_lookups += 1
            if self.void_lookups > spf.MAX_VOID_LOOKUPS:
                raise spf.PermError("too many void look-ups")
        match qtype:
            case "TXT":
                return [(record,) for record in records]
            case "MX":
                return [(mx.preference, mx.host) for mx in records]
        return records

    def dns_ptr(self, i: str) -> list[Any]:
        """RFC 7208, 5.5: when the names of an address cannot be had, it has none."""
        try:
            return self._records(_Question("PTR", self.c))
        except spf.TempError:
            return []

    def _records(self, question: _Question) -> list[Any]:
        answer = self._answers.get(question)
        if answer is None:
            raise _Unanswered(question)
        if isinstance(answer, DnsFailure):
            raise spf.TempError(str(answer))
        return list(answer.records)


def _run(peer: str, sender: str, hello: str, answers: Answers) -> _Verdict | _Question:
    check = _Check(peer, sender, hello, answers)
    try:
        result, _, reason = check.check()
    except _Unanswered as unanswered:
        return unanswered.question
    return _Verdict(Result(result), "" if result == "pass" else reason, check.personal)


def _ttl(answers: Answers) -> float:
    """As long as the one that holds shortest."""
    return min(FAILURE_TTL if isinstance(found, DnsFailure) else min(found.ttl, MAX_TTL) for found in answers.values())
