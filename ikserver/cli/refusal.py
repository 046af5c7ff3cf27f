# SPDX-License-Identifier: GPL-3.0-or-later
"""What a verb may refuse with: the text of these goes to the user as it is, without a traceback."""

from __future__ import annotations

from ikserver.app.lock import AlreadyRunning
from ikserver.settings import SettingsError
from ikserver.store.api.errors import StoreError


class Refused(Exception):
    """A command that cannot be carried out; the text says why and what to do."""


REFUSALS = (Refused, AlreadyRunning, SettingsError, StoreError, OSError)


def explained(refusal: Exception) -> str:
    """The text for people; of the system's errors without their number, with the file."""
    if isinstance(refusal, OSError) and refusal.strerror:
        return f"{refusal.filename}: {refusal.strerror}" if refusal.filename else refusal.strerror
    return str(refusal)
