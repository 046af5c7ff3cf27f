# SPDX-License-Identifier: GPL-3.0-or-later
"""What is answered after the end of a body: once for all recipients, or once for each of them in LMTP."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence

from ikserver.delivery.inbound import NotAccepted, Obstacle
from ikserver.delivery.spamrefusal import SpamRefused
from ikserver.smtp import allowance
from ikserver.smtp.arrival import Arrival
from ikserver.smtp.binary import reencoded
from ikserver.smtp.intake import Intake
from ikserver.smtp.spool import storage_full
from ikserver.store.api.errors import NoRoom
from protocols.smtp.replies import LOCAL_ERROR, OVER_QUOTA, STORAGE_FULL, Refused, Reply, queued, refused_by_script

REPLIES = {
    Obstacle.MAILBOX_FULL: OVER_QUOTA,
    Obstacle.NO_ROOM: STORAGE_FULL,
    Obstacle.FAILED: LOCAL_ERROR,
}


async def accept(arrival: Arrival, intake: Intake) -> Sequence[Reply]:
    """Finish the body, deliver it, and say what became of it. Raises nothing that is of the message's making."""
    backend, mail = arrival.backend, arrival.transaction
    try:
        await _spend(arrival, intake)
        body = await arrival.admitted(await intake.finish())
        if mail.parameters.body == "BINARYMIME":
            body = await reencoded(body, backend.spool, backend.threads)
        if backend.scanning is not None:
            arrival.scanned = await backend.scanning.admit(arrival.id, body)
        message = arrival.arrived(body)
        if backend.spam_refusal is not None and mail.recipients[0].screened and arrival.session.login is None:
            await backend.spam_refusal.admit(message)
    except SpamRefused as refused:
        arrival.verdict = refused.verdict
        return _refusals(arrival, refused)
    except (OSError, NoRoom) as error:
        return _refusals(arrival, storage_full(error))
    except Refused as refused:
        return _refusals(arrival, refused)
    if arrival.role.each:
        outcomes = await backend.inbound.accept_each(message)
    else:
        outcomes = [await _outcome(backend.inbound.accept(message))]
    arrival.rules = [outcome.refused.rule if outcome and outcome.refused else "" for outcome in outcomes]
    return [_answer(arrival, outcome) for outcome in outcomes]


async def _outcome(accepting: Awaitable[None]) -> NotAccepted | None:
    try:
        await accepting
    except NotAccepted as refusal:
        return refusal
    return None


async def _spend(arrival: Arrival, intake: Intake) -> None:
    """Count a message against what its sender may send. Raises Refused, NoRoom: the body is gone."""
    if intake.problem is not None:
        return
    try:
        recipients = len(arrival.transaction.recipients)
        await allowance.take(arrival.backend.allowance, arrival.session.login, recipients)
    except BaseException:
        await intake.discard()
        raise


def _refusals(arrival: Arrival, refused: Refused) -> Sequence[Reply]:
    """RFC 2033, 4.2: also a body that nobody gets is answered once a recipient."""
    return [refused.reply] * (len(arrival.transaction.recipients) if arrival.role.each else 1)


def _answer(arrival: Arrival, outcome: NotAccepted | None) -> Reply:
    if outcome is None:
        return queued(arrival.id)
    return refused_by_script(outcome.refused.reason) if outcome.refused else REPLIES[outcome.obstacle]
