# SPDX-License-Identifier: GPL-3.0-or-later
"""Events of the activity log are there exactly when the message is that they tell of."""

from __future__ import annotations

import pytest

from ikserver.store.api.errors import OverQuota
from ikserver.store.api.mail import Mail, MailStore
from tests.activity.conftest import event
from tests.store.contract.conftest import ANN, Workers
from tests.store.mails import message
from tests.support import on_loop


@on_loop
async def test_events_wait_in_their_order_until_they_are_carried_on(store: MailStore, mail: Mail) -> None:
    assert await mail.waiting_events() == ([], 0)
    await mail.deliver("INBOX", message()._replace(events=(event(1), event(2))))
    await mail.append((await mail.mailbox("Archive")).id, [message()._replace(events=(event(3),)), message()])
    events, last = await mail.waiting_events()
    assert events == [event(1), event(2), event(3)]
    await mail.deliver("INBOX", message()._replace(events=(event(4),)))
    await mail.forget_events(last)
    assert (await mail.waiting_events())[0] == [event(4)]


@on_loop
async def test_it_is_known_which_accounts_got_events(store: MailStore, mail: Mail) -> None:
    await mail.deliver("INBOX", message())
    assert store.take_eventful() == []
    await mail.deliver("INBOX", message()._replace(events=(event(),)))
    assert store.take_eventful() == [ANN]
    assert store.take_eventful() == []


@on_loop
async def test_a_message_that_is_refused_leaves_no_event(mail: Mail) -> None:
    await mail.set_quota(None, 0)
    with pytest.raises(OverQuota):
        await mail.deliver("INBOX", message()._replace(events=(event(),)))
    assert (await mail.waiting_events())[0] == []


@on_loop
async def test_another_worker_finds_what_a_dead_one_left(workers: Workers) -> None:
    mail = await workers.start().mail(ANN)
    await mail.deliver("INBOX", message()._replace(events=(event(),)))
    assert (await (await workers.start().mail(ANN)).waiting_events())[0] == [event()]
