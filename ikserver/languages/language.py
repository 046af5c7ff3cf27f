# SPDX-License-Identifier: GPL-3.0-or-later
"""One language: texts by their English, and dates as people write them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from babel.dates import format_date
from babel.messages.pofile import read_po

from ikserver.languages import ENGLISH, LANGUAGES

EUROPEAN = {"en": "en_GB"}
"""Where days are written otherwise than by default: the day before the month."""


@dataclass(frozen=True, slots=True)
class Language:
    """`messages` by their English; what is missing stays English."""

    code: str
    messages: Mapping[str, str]

    def text(self, english: str, **values: str) -> str:
        """A text with `values` in place of the names in braces."""
        return self.messages.get(english, english).format(**values)

    def moment(self, seconds: float) -> str:
        """A day and a time; the reader's zone is not known, so it is UTC."""
        moment = datetime.fromtimestamp(seconds, UTC)
        day = format_date(moment, "long", locale=EUROPEAN.get(self.code, self.code))
        return f"{day}, {moment:%H:%M}\N{NO-BREAK SPACE}UTC"


@cache
def language(code: str) -> Language:
    """One of LANGUAGES, read from its catalogue."""
    if code == ENGLISH:
        return Language(code, {})
    with (Path(__file__).parent / f"{code}.po").open("rb") as file:
        catalogue = read_po(file, locale=code)
    return Language(
        code, {str(message.id): str(message.string) for message in catalogue if message.id and message.string}
    )


def chosen(wishes: str, usual: str) -> Language:
    """The language that a browser likes best (RFC 9110, 12.5.4), of those that there are, or else the usual one."""
    found = [(_weight(wish), wish.partition(";")[0].strip().lower().partition("-")[0]) for wish in wishes.split(",")]
    liked = [(weight, code) for weight, code in found if weight > 0 and code in LANGUAGES]
    # Of equals the first one counts.
    return language(max(liked, key=lambda each: each[0])[1] if liked else usual)


def _weight(wish: str) -> float:
    name, _, value = wish.partition(";")[2].strip().partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0
