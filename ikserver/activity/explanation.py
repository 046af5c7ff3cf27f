# SPDX-License-Identifier: GPL-3.0-or-later
"""What happened to a message, as a sentence for people (LOG-07)."""

from __future__ import annotations

from collections.abc import Mapping

from ikserver.model.activity import Answer, Direction, Event, Status

PLAIN = frozenset({Status.RECEIVED, Status.SENT})
"""These go without saying."""

SENTENCES: Mapping[Direction, Mapping[Status, str]] = {
    Direction.RECEIVED: {
        Status.RECEIVED: "It is in the folder {folder}.",
        Status.FILED: "The rule “{rule}” put it into the folder {folder}.",
        Status.SPAM: "It looks like spam{score} and is in the folder {folder}.",
        Status.DISCARDED: "The rule “{rule}” discarded it: nothing of it is kept and the sender was not told.",
        Status.REDIRECTED: "It was sent on to {target}.",
        Status.REJECTED: "It was refused, so its sender has it back.",
        Status.DEFERRED: "The sending server was asked to try again later.",
        Status.QUEUED: "It was accepted, but the mailbox cannot be written now. It is tried again soon.",
        Status.SENT: "It was handed on.",
        Status.BOUNCED: "It could not be delivered and was returned to its sender.",
        Status.AUTO_REPLY: "It was answered automatically.",
        Status.OVER_QUOTA: "The mailbox is full.",
    },
    Direction.SENT: {
        Status.RECEIVED: "It was accepted.",
        Status.FILED: "A copy is in the folder {folder}.",
        Status.SPAM: "It was held back as spam{score}.",
        Status.DISCARDED: "It was discarded: nobody gets it.",
        Status.REDIRECTED: "It was sent on to {target}.",
        Status.REJECTED: "It was refused.",
        Status.DEFERRED: "It could not be sent yet. It is tried again later.",
        Status.QUEUED: "It waits to be sent.",
        Status.SENT: "The recipient's server has it.",
        Status.BOUNCED: "It could not be delivered. The sender was told.",
        Status.AUTO_REPLY: "This is an automatic answer.",
        Status.OVER_QUOTA: "The mailbox of the recipient is full, or a limit of sending was reached.",
    },
}


def explanation(event: Event) -> str:
    """What the status alone does not say; "" for a plain delivery."""
    return "" if event.status in PLAIN else sentence(event)


def sentence(event: Event) -> str:
    """What happened, also when it is what was to be expected."""
    told = SENTENCES[event.direction][event.status].format(
        folder=event.folder or "INBOX",
        rule=event.rule or "(without a name)",
        target=event.target,
        score=_score(event),
    )
    if event.rule and event.rule not in told:
        told += f" The rule “{event.rule}” did that."
    listed = f"The sender is {event.listed}." if event.listed else ""
    whole = " ".join(filter(None, (told, listed, _said(event.answer))))
    # Names and replies are others' words: they move no cursor.
    return "".join(character if character.isprintable() else " " for character in whole)


def _score(event: Event) -> str:
    if event.score is None:
        return ""
    return f" (score {event.score:.1f}: {', '.join(event.reasons)})" if event.reasons else f" (score {event.score:.1f})"


def _said(answer: Answer | None) -> str:
    """The reply with its codes, and whose it is."""
    if answer is None:
        return ""
    words = " ".join(filter(None, (str(answer.code or ""), answer.enhanced, answer.text)))
    if answer.host:
        return f"{answer.host} said: {words}"
    return f"The answer was: {words}" if answer.code else f"The reason: {words}"
