# SPDX-License-Identifier: GPL-3.0-or-later
"""The spam filter that the settings ask for."""

from __future__ import annotations

import time
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from ikserver.app.stores import Stores
from ikserver.delivery.scanning import Scanning
from ikserver.delivery.sifting import SpamFiling
from ikserver.settings import Settings, SettingsError
from ikserver.spam.api import Filter
from ikserver.spam.clamd import Clamd
from ikserver.spam.classifier import Classifier
from ikserver.spam.guard import Breaker, Guarded, Patience
from ikserver.spam.households import Households
from ikserver.spam.learning import Learning
from ikserver.spam.moves import Moves
from ikserver.spam.place import Place, Tcp
from ikserver.spam.purge import Purge
from ikserver.spam.reporting import Reporting
from ikserver.spam.screening import Screening
from ikserver.spam.spamd import Spamd


@dataclass(frozen=True, slots=True)
class Filtering:
    """All that has to do with spam: how arriving mail is filed, what is learned from moves, what people report; and who
    looks for malware, if anybody does."""

    filing: SpamFiling
    moves: Moves
    reporting: Reporting
    purge: Purge
    scanning: Scanning | None


def filtering(settings: Settings, stores: Stores) -> Filtering:
    """Raises SettingsError."""
    scanning = _scanning(settings, stores)
    judge = _engine(settings, stores)
    screening = Screening(stores.spam, judge, defer=settings.spam.when_down == "defer")
    households = Households(stores.directory)
    learning = Learning(stores.spam, stores.mail, judge)
    return Filtering(
        SpamFiling(stores.directory, households, stores.mail, screening, scanning),
        Moves(households, learning),
        Reporting(stores.directory, households, learning),
        Purge(stores.mail, stores.spam, settings.spam.keep),
        scanning,
    )


def _engine(settings: Settings, stores: Stores) -> Filter:
    given = settings.spam
    if given.engine == "classifier":
        return Classifier(stores.spam)
    return Guarded(spamd(settings), Patience(deadline=given.timeout), time.monotonic)


def spamd(settings: Settings) -> Spamd:
    """SpamAssassin's, whether or not it is asked. Raises SettingsError."""
    return Spamd(_place("spam.spamd", settings.spam.spamd))


def clamd(settings: Settings, threads: Executor) -> Clamd | None:
    """Raises SettingsError."""
    given = settings.malware
    return Clamd(_place("malware.clamd", given.clamd), threads, given.max_size) if given.clamd else None


def _scanning(settings: Settings, stores: Stores) -> Scanning | None:
    given, scanner = settings.malware, clamd(settings, stores.threads)
    if scanner is None:
        return None
    breaker = Breaker("clamd", Patience(deadline=given.timeout), time.monotonic)
    refuse, defer = given.action == "refuse", given.when_down == "defer"
    return Scanning(scanner, breaker, stores.threads, refuse=refuse, defer=defer)


def _place(setting: str, text: str) -> Place:
    if text.startswith("/"):
        return Path(text)
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal():
        raise SettingsError(f"{setting}: {text!r} is neither HOST:PORT nor the path of a socket")
    return Tcp(host.removeprefix("[").removesuffix("]"), int(port))
