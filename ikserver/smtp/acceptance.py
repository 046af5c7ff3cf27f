# SPDX-License-Identifier: GPL-3.0-or-later
"""What is answered after the end of a body: once for all recipients, or once for each of them in LMTP."""

from __future__ import annotations

from collections.abc import Sequence

from ikserver.delivery.inbound import NotAccepted
from ikserver.smtp import allowance
from ikserver.smtp.arrival import Arrival
from ikserver.smtp.binary import reencoded
from ikserver.smtp.intake import Intake
from ikserver.smtp.spool import storage_full
from protocols.smtp.replies import LOCAL_ERROR, OVER_QUOTA, Refused, Reply, queued


async def accept(arrival: Arrival, intake: Intake) -> Sequence[Reply]:
    """Finish the body, deliver it, and say what became of it. Raises nothing that is of the message's making."""
    backend, mail = arrival.backend, arrival.transaction
    try:
        if intake.problem is None:
            await allowance.take(backend.allowance, arrival.session.login, len(mail.recipients))
    except Refused as refused:
        await intake.discard()
        return _refusals(arrival, refused)
    try:
        body = await arrival.admitted(await intake.finish())
        if mail.parameters.body == "BINARYMIME":
            body = await reencoded(body, backend.spool, backend.threads)
        if backend.scanning is not None:
            arrival.scanned = await backend.scanning.admit(arrival.id, body)
    except OSError as error:
        return _refusals(arrival, storage_full(error))
    except Refused as refused:
        return _refusals(arrival, refused)
    message = arrival.arrived(body)
    if arrival.role.each:
        return [_answer(arrival, outcome) for outcome in await backend.inbound.accept_each(message)]
    try:
        await backend.inbound.accept(message)
    except NotAccepted as refusal:
        return [_answer(arrival, refusal)]
    return [_answer(arrival, None)]


def _refusals(arrival: Arrival, refused: Refused) -> Sequence[Reply]:
    """RFC 2033, 4.2: also a body that nobody gets is answered once a recipient."""
    return [refused.reply] * (len(arrival.transaction.recipients) if arrival.role.each else 1)


def _answer(arrival: Arrival, outcome: NotAccepted | None) -> Reply:
    if outcome is None:
        return queued(arrival.id)
    return OVER_QUOTA if outcome.full else LOCAL_ERROR
