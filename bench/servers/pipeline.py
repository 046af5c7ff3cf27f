# SPDX-License-Identifier: GPL-3.0-or-later
"""Ours as an operator runs it, `ikserver serve`, with all that becomes of mail from outside.

The load generator is a stranger on port 25: SPF, DKIM, DMARC and iprev are looked up. The filter of each address was
taught, so it weighs the words of each message. Every step is in the activity log, as always.
"""

from __future__ import annotations

import asyncio
import subprocess
from dataclasses import replace
from itertools import islice
from pathlib import Path

from bench.smtp.mails import mail
from ikserver.app.stores import Stores, open_stores
from ikserver.model.ids import BodyId
from ikserver.model.spam import Household, Lesson
from ikserver.settings import Address, Settings, dump, load_data
from ikserver.spam.tokens import numbers, tokens
from protocols.message import scan
from tests.spam.writing import corpus

from . import USERS, running, until_gone
from .ours import PROGRAM, Ours

LESSONS = 100


class Pipeline:
    """The accounts USERS, served by so many workers that ask the nameserver on this port."""

    name = "ikserver"

    def __init__(self, folder: Path, workers: int, nameserver: int) -> None:
        self.settings = f"serve, workers = {workers}, filter taught, fsync before each 250"
        self.pid = 0
        self._config = folder / "ikserver.toml"
        self._log = folder / "log-serve"
        demo = Ours(folder)
        with running(demo):
            self.ports = demo.ports
        settings = _settings(demo.data, workers, nameserver)
        self._config.write_text(dump(settings))
        asyncio.run(_teach(settings))

    def start(self) -> None:
        """Start it; its ports answer when it is ready."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen([*PROGRAM, "serve", "--config", self._config], stderr=log)
        self.pid = self._process.pid

    def stop(self) -> None:
        """Ask it to stop, and wait."""
        self._process.terminate()
        self._process.wait(timeout=20)
        until_gone(self.pid)


def _settings(data: Path, workers: int, nameserver: int) -> Settings:
    made = load_data(data)
    return replace(
        made,
        workers=workers,
        dns=replace(made.dns, nameservers=(Address("127.0.0.1", nameserver),)),
        authentication=replace(made.authentication, own_networks=()),
    )


async def _teach(settings: Settings) -> None:
    """Each address has reported as much made-up spam as it kept mail like that of the load."""
    spam = list(islice((letter.octets for letter in corpus(7, 4 * LESSONS) if letter.spam), LESSONS))
    good = [mail(5_000, -number) for number in range(1, LESSONS + 1)]
    async with open_stores(settings) as stores:
        for address in USERS:
            household = await _household(stores, address)
            for at, (messages, is_spam) in enumerate(((spam, True), (good, False))):
                lessons = [_lesson(at * LESSONS + n, octets, is_spam) for n, octets in enumerate(messages, 1)]
                await stores.spam.learn(household, lessons)


async def _household(stores: Stores, address: str) -> Household:
    account = await stores.directory.accounts.find(address)
    organisation = await stores.directory.organisations.of_account(account.id)
    return Household(account.id, organisation.id)


def _lesson(body: int, octets: bytes, spam: bool) -> Lesson:
    return Lesson(BodyId(body), frozenset(numbers(tokens(octets, scan(octets)))), spam)
