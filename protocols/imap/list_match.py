# SPDX-License-Identifier: GPL-3.0-or-later
"""LIST patterns (RFC 9051, 6.3.9): `*` stands for any characters, `%` for any but the delimiter."""

from __future__ import annotations

import re

from protocols.imap.mailbox_names import DELIMITER, canonical

_WILDCARDS = re.compile("[*%]+")
_INBOX = "INBOX"


class ListPattern:
    """A reference and a pattern, joined as they stand, ready to be held against names.

    The name INBOX, in upper case, is matched without regard to the pattern's case (RFC 9051, 6.3.9).
    """

    def __init__(self, pattern: str, reference: str = "") -> None:
        joined = canonical(reference + pattern)
        self._glob = _Glob(joined)
        self._inbox = _Glob(joined.upper()).matches(_INBOX)

    def matches(self, name: str) -> bool:
        """Whether LIST tells of this mailbox. The time is linear in the name, whatever the pattern."""
        return self._inbox if name == _INBOX else self._glob.matches(name)


class _Glob:
    """Bit i of a state says that the first i elements of the pattern match what was read of the name."""

    def __init__(self, pattern: str) -> None:
        # A run of wildcards means what its widest does, so no two stand beside each other below.
        elements = _WILDCARDS.sub(lambda run: "*" if "*" in run[0] else "%", pattern)
        self._steps: dict[str, int] = {}
        self._stars = self._wildcards = 0
        for place, element in enumerate(elements):
            bit = 1 << place
            if element in "*%":
                self._wildcards |= bit
                self._stars |= bit if element == "*" else 0
            else:
                self._steps[element] = self._steps.get(element, 0) | bit
        self._end = 1 << len(elements)

    def matches(self, name: str) -> bool:
        states = self._with_skips(1)
        for character in name:
            stays = self._stars if character == DELIMITER else self._wildcards
            states = self._with_skips((states & self._steps.get(character, 0)) << 1 | (states & stays))
            if not states:
                return False
        return bool(states & self._end)

    def _with_skips(self, states: int) -> int:
        """A wildcard also matches nothing."""
        return states | (states & self._wildcards) << 1
