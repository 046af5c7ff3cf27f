# SPDX-License-Identifier: GPL-3.0-or-later
"""What the server has promised, and what is there after a crash.

A message is known by its token. The ledger of a client holds, for each of its tokens, what was acknowledged; a step
that was under way when the server died may have been done or not, but done by halves it must not be.
"""

from __future__ import annotations

from dataclasses import dataclass, field

Token = str
Mailbox = str


@dataclass(slots=True)
class Ledger:
    """Of one client: in which mailboxes each token must be, which are flagged; and where the step under way leads."""

    address: str
    places: dict[Token, set[Mailbox]] = field(default_factory=dict)
    flagged: set[Token] = field(default_factory=set)
    uids: list[tuple[Mailbox, int]] = field(default_factory=list)
    under_way: tuple[Token, set[Mailbox]] | None = None

    def acknowledged(self) -> int:
        """Return how many messages the server has taken from this client."""
        return len(self.places)


@dataclass(frozen=True, slots=True)
class Found:
    """What is in one account: per mailbox the messages by UID, and the tokens that are flagged."""

    mailboxes: dict[Mailbox, dict[int, Token]]
    flagged: dict[Mailbox, set[Token]]

    def places(self, token: Token) -> list[Mailbox]:
        """Return the mailboxes that hold the token, one as often as it holds it."""
        return [mailbox for mailbox, messages in self.mailboxes.items() for it in messages.values() if it == token]


def broken_promises(ledger: Ledger, found: Found) -> list[str]:
    """Return a sentence for each promise of the ledger that what was found does not keep."""
    broken = []
    for token, expected in ledger.places.items():
        places = found.places(token)
        allowed = [expected, ledger.under_way[1]] if ledger.under_way and token == ledger.under_way[0] else [expected]
        if sorted(places) not in map(sorted, allowed):
            broken.append(f"{token} is in {places}, not in {allowed}")
    for token in ledger.flagged:
        if not any(token in tokens for tokens in found.flagged.values()):
            broken.append(f"{token} has lost its flag")
    return broken


def out_of_order(found: Found) -> list[str]:
    """Return a sentence for each pair of UIDs that ascend while their client's messages, as it sent them, do not."""
    broken = []
    for mailbox, messages in found.mailboxes.items():
        latest: dict[str, int] = {}
        for uid in sorted(messages):
            client, number = messages[uid].rsplit("n", 1)
            if int(number) < latest.get(client, -1):
                broken.append(f"{mailbox} {uid} is {messages[uid]}, after {client}n{latest[client]}")
            latest[client] = int(number)
    return broken


def renumbered(before: Found | None, after: Found) -> list[str]:
    """Return a sentence for each UID that now means another message than before."""
    if before is None:
        return []
    return [
        f"{mailbox} {uid} was {before.mailboxes[mailbox][uid]} and is {token}"
        for mailbox, messages in after.mailboxes.items()
        for uid, token in messages.items()
        if before.mailboxes.get(mailbox, {}).get(uid, token) != token
    ]
