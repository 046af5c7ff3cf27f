# SPDX-License-Identifier: GPL-3.0-or-later
"""The spam filter that the settings ask for."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from ikserver.app.stores import Stores
from ikserver.delivery.sifting import SpamFiling
from ikserver.settings import Settings, SettingsError
from ikserver.spam.api import Filter
from ikserver.spam.classifier import Classifier
from ikserver.spam.guard import Guarded, Patience
from ikserver.spam.households import Households
from ikserver.spam.learning import Learning
from ikserver.spam.moves import Moves
from ikserver.spam.purge import Purge
from ikserver.spam.reporting import Reporting
from ikserver.spam.screening import Screening
from ikserver.spam.spamd import Place, Spamd, Tcp


@dataclass(frozen=True, slots=True)
class Filtering:
    """All that has to do with spam: how arriving mail is filed, what is learned from moves, what people report."""

    filing: SpamFiling
    moves: Moves
    reporting: Reporting
    purge: Purge


def filtering(settings: Settings, stores: Stores) -> Filtering:
    """Raises SettingsError."""
    judge = _engine(settings, stores)
    screening = Screening(stores.spam, judge, defer=settings.spam.when_down == "defer")
    households = Households(stores.directory)
    learning = Learning(stores.spam, stores.mail, judge)
    return Filtering(
        SpamFiling(stores.directory, households, stores.mail, screening),
        Moves(households, learning),
        Reporting(stores.directory, households, learning),
        Purge(stores.mail, stores.spam, settings.spam.keep),
    )


def _engine(settings: Settings, stores: Stores) -> Filter:
    given = settings.spam
    if given.engine == "classifier":
        return Classifier(stores.spam)
    return Guarded(Spamd(_place(given.spamd)), Patience(deadline=given.timeout), time.monotonic)


def _place(text: str) -> Place:
    if text.startswith("/"):
        return Path(text)
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal():
        raise SettingsError(f"spam.spamd: {text!r} is neither HOST:PORT nor the path of a socket")
    return Tcp(host.removeprefix("[").removesuffix("]"), int(port))
