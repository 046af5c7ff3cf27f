# SPDX-License-Identifier: GPL-3.0-or-later
"""How much people may send, from the settings and the directory."""

from __future__ import annotations

from ikserver.app.stores import Stores
from ikserver.outbound.allowance import Allowance
from ikserver.settings import Settings
from ikserver.store.api.sendings import Limits


def allowance(settings: Settings, stores: Stores) -> Allowance:
    """The one of a server."""
    usual = Limits(settings.smtp.daily_recipients, settings.smtp.daily_recipients_per_organisation)
    return Allowance(stores.sendings, stores.directory.organisations, stores.directory.accounts, usual)
