# SPDX-License-Identifier: GPL-3.0-or-later
"""When a message came to its mailbox (RFC 8514, 3), and the removal of those that came too long ago."""

from __future__ import annotations

import pytest

from ikserver.model.mail import FLAGGED, SpecialUse
from ikserver.store.api.errors import CannotChange
from ikserver.store.api.mail import Mail, MailStore
from tests.store.contract.conftest import ANN, Workers
from tests.store.mails import message
from tests.support import on_loop

DAY = 86_400


@pytest.fixture
def store(workers: Workers) -> MailStore:
    return workers.start()


@on_loop
async def test_a_message_is_as_old_as_its_stay_in_the_mailbox(workers: Workers, store: MailStore) -> None:
    mail, clock = await store.mail(ANN), workers.clock
    inbox, junk = await mail.open("INBOX"), await mail.open("Junk")
    await mail.deliver("INBOX", message("one", date=5))
    clock.now += DAY
    (uid,) = (await mail.copy(inbox.mailbox.id, [1], junk.mailbox.id)).target  # type: ignore[list-item]
    clock.now += DAY
    await mail.move(junk.mailbox.id, [uid], inbox.mailbox.id)
    inbox.refresh()
    assert list(inbox.columns.saved) == [clock.now - 2 * DAY, clock.now]
    assert list(inbox.columns.dates) == [5, 5]


@on_loop
async def test_only_what_came_earlier_is_erased_whatever_its_flags(workers: Workers, store: MailStore) -> None:
    mail, clock = await store.mail(ANN), workers.clock
    junk = await mail.open("Junk")
    await mail.deliver("Junk", message("old", FLAGGED, date=9_000_000_000))
    clock.now += DAY
    await mail.deliver("Junk", message("new", date=5))
    assert list((await mail.erase_older(junk.mailbox.id, clock.now - 2 * DAY)).uids) == []
    assert list((await mail.erase_older(junk.mailbox.id, clock.now)).uids) == [1]
    junk.refresh()
    assert list(junk.columns.uids) == [2]
    assert (await mail.usage()).messages == 1
    assert await store.check(ANN) == []


@on_loop
async def test_one_mailbox_has_a_special_use_and_it_can_move(mail: Mail) -> None:
    await mail.create("Rubbish")
    await mail.set_special_use("Rubbish", SpecialUse.JUNK)
    assert [box.name for box in await mail.mailboxes() if box.special_use is SpecialUse.JUNK] == ["Rubbish"]
    with pytest.raises(CannotChange):
        await mail.set_special_use("INBOX", SpecialUse.JUNK)
    with pytest.raises(CannotChange):
        await mail.set_special_use("Sent", SpecialUse.JUNK)
