# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses that only redirect, from the settings."""

from __future__ import annotations

from ikserver.accounts.acceptance import Acceptances
from ikserver.app.naming import web_url
from ikserver.app.stores import Stores
from ikserver.settings import Settings


def acceptances(settings: Settings, stores: Stores) -> Acceptances:
    """Who asks the targets of such addresses."""
    return Acceptances(stores.directory, stores.queue, web_url(settings), settings.web.invitation_lifetime)
