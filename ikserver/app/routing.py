# SPDX-License-Identifier: GPL-3.0-or-later
"""Where mail goes, with the way back for what is redirected."""

from __future__ import annotations

from ikserver.accounts.keyfile import load_key
from ikserver.accounts.returning import Returning
from ikserver.accounts.room import QuotaCheck
from ikserver.accounts.router import DirectoryRouter
from ikserver.app.stores import Stores
from ikserver.settings import Settings
from protocols.smtp.srs import Srs

KEY_FILE = "redirections.key"


def router(settings: Settings, stores: Stores) -> Returning:
    """The Router of a server. Raises OSError."""
    srs = Srs(load_key(settings.data / "keys", KEY_FILE))
    return Returning(DirectoryRouter(stores.directory, QuotaCheck(stores.mail)), srs)
