# SPDX-License-Identifier: GPL-3.0-or-later
"""What waits because its filter was down, or its mailbox, is filtered when it comes in at last."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ikserver.delivery.inbound import Inbound, NotAccepted, Obstacle
from ikserver.store.embedded.queue import open_queue
from tests.outbound.post import local_retry
from tests.spam.house import Down, House
from tests.spam.letters import GTUBE
from tests.support import on_loop


@pytest.mark.parametrize("padding", [0, 300_000], ids=["small", "large"])
@on_loop
async def test_spam_that_waited_is_filed_as_spam(house: House, tmp_path: Path, padding: int) -> None:
    with ThreadPoolExecutor(2) as threads:
        queue = open_queue(tmp_path, threads)
        spool = tmp_path / "spool"
        spool.mkdir()
        await house.store.set_on(house.bob.id, False)
        down = house.filing(Down(), defer=True)
        message = house.letter(spool, f"{GTUBE}\r\n{'x' * padding}", house.ann, house.bob)
        await Inbound(house.mail, queue, threads, down).accept(message)
        (entry,) = await queue.entries()
        assert (entry.account, entry.last_error) == (house.ann.id, "")

        retry = local_retry(queue, house.mail, spool, threads, filing=house.filing(), clock=lambda: entry.queued)
        assert await retry.look() == 1
        mail = await house.mail.mail(house.ann.id)
        assert [(await mail.mailbox(name)).messages for name in ("Junk", "INBOX")] == [1, 0]
        assert await queue.entries() == []
        assert list(spool.iterdir()) == []
        assert await house.mail.check(house.ann.id) == []
        await queue.close()


@on_loop
async def test_when_all_have_to_wait_the_client_is_told_to_come_again(house: House, tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as threads:
        queue = open_queue(tmp_path, threads)
        inbound = Inbound(house.mail, queue, threads, house.filing(Down(), defer=True))
        with pytest.raises(NotAccepted) as refused:
            await inbound.accept(house.letter(tmp_path, "Good day.", house.ann, house.bob))
        assert refused.value.obstacle is Obstacle.FAILED
        assert await queue.entries() == []
        await queue.close()
