# SPDX-License-Identifier: GPL-3.0-or-later
"""The spam filter that the settings ask for."""

from __future__ import annotations

import time
from pathlib import Path

from ikserver.app.stores import Stores
from ikserver.delivery.sifting import SpamFiling
from ikserver.settings import Settings, SettingsError
from ikserver.spam.api import Filter
from ikserver.spam.classifier import Classifier
from ikserver.spam.guard import Guarded, Patience
from ikserver.spam.screening import Screening
from ikserver.spam.spamd import Place, Spamd, Tcp


def engine(settings: Settings, stores: Stores) -> Filter:
    """Raises SettingsError."""
    given = settings.spam
    if given.engine == "classifier":
        return Classifier(stores.spam)
    return Guarded(Spamd(_place(given.spamd)), Patience(deadline=given.timeout), time.monotonic)


def filing(settings: Settings, stores: Stores, judge: Filter) -> SpamFiling:
    """How arriving mail is filed."""
    screening = Screening(stores.spam, judge, defer=settings.spam.when_down == "defer")
    return SpamFiling(stores.directory, stores.mail, screening)


def _place(text: str) -> Place:
    if text.startswith("/"):
        return Path(text)
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal():
        raise SettingsError(f"spam.spamd: {text!r} is neither HOST:PORT nor the path of a socket")
    return Tcp(host.removeprefix("[").removesuffix("]"), int(port))
