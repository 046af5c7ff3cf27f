# SPDX-License-Identifier: GPL-3.0-or-later
"""RED-02: an address that only redirects, and whose targets elsewhere have to accept first."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ikserver.accounts.acceptance import DAY, Acceptances
from ikserver.accounts.api import Deliver, Forward, Inactive, Local
from ikserver.accounts.expansion import expand
from ikserver.model.account import Account, Consent
from ikserver.store.api.directory import Directory
from ikserver.store.api.errors import CannotChange, NotFound
from ikserver.store.api.queue import Queue
from ikserver.store.embedded.queue import open_queue
from tests.accounts.conftest import Clock
from tests.accounts.world import populate
from tests.support import on_loop, wait

INFO = "info@a.test"
FAR = "bob@far.test"


@dataclass
class House:
    directory: Directory
    queue: Queue
    acceptances: Acceptances
    clock: Clock
    alice: Account

    async def info(self) -> Account:
        return await self.directory.accounts.find(INFO)

    async def letters(self) -> list[email.message.EmailMessage]:
        """What waits in the queue, the oldest first."""
        found = []
        for entry in await self.queue.entries():
            body = await self.queue.body(entry.message)
            assert isinstance(body, bytes)
            found.append(email.message_from_bytes(body, policy=email.policy.default))
        return found

    async def token(self) -> str:
        """Of the newest letter."""
        found = re.search(r"https://mail\.a\.test/accept/(\S+)", (await self.letters())[-1].get_content())
        assert found is not None
        return found[1]

    async def says(self, consent: Consent = Consent.ACCEPTED) -> bool:
        return await self.acceptances.answer(await self.token(), consent)


@pytest.fixture
def house(directory: Directory, tmp_path: Path, clock: Clock, threads: ThreadPoolExecutor) -> Iterator[House]:
    queue = open_queue(tmp_path, threads)
    alice = wait(populate(directory, "alice"))["alice"]
    yield House(directory, queue, Acceptances(directory, queue, "https://mail.a.test", clock=clock), clock, alice)
    wait(queue.close())


@on_loop
async def test_nothing_is_sent_to_who_has_not_accepted(house: House) -> None:
    await house.acceptances.add(INFO, [FAR])
    assert await expand(house.directory, INFO) == Inactive(INFO)
    assert await house.says()
    info = await house.info()
    assert await expand(house.directory, INFO) == Local(INFO, (), (Forward(FAR, INFO, info.id),), INFO)


@on_loop
async def test_who_refuses_gets_nothing(house: House) -> None:
    await house.acceptances.add(INFO, [FAR])
    assert await house.says(Consent.REFUSED)
    assert isinstance(await expand(house.directory, INFO), Inactive)


@on_loop
async def test_addresses_of_ours_need_not_be_asked(house: House) -> None:
    await house.acceptances.add(INFO, ["alice@a.test", FAR])
    assert len(await house.letters()) == 1
    deliver = Deliver(house.alice.id, "alice@a.test", by=INFO)
    assert await expand(house.directory, INFO) == Local(INFO, (deliver,), (), INFO)


@on_loop
async def test_the_letter_says_who_asks_and_what(house: House) -> None:
    organisation = await house.directory.organisations.find("a.test")
    await house.directory.organisations.change(replace(organisation, name="Schule Ürgen", language="de"))
    await house.acceptances.add(INFO, [FAR])
    (letter,) = await house.letters()
    assert letter["From"] == "Schule Ürgen <postmaster@a.test>"
    assert (letter["To"], letter["Content-Language"], letter["Auto-Submitted"]) == (FAR, "de", "auto-generated")
    assert letter["Subject"] == "Dürfen E-Mails für info@a.test an Sie weitergeleitet werden?"
    assert "bis 19. Januar 1970, 13:46\N{NO-BREAK SPACE}UTC:" in letter.get_content()
    (entry,) = await house.queue.entries()
    assert (entry.sender, entry.recipient) == ("postmaster@a.test", FAR)


@on_loop
async def test_a_link_answers_once(house: House) -> None:
    await house.acceptances.add(INFO, [FAR])
    assert await house.says(Consent.REFUSED)
    assert not await house.says(Consent.ACCEPTED)
    assert (await house.info()).targets == ()


@on_loop
async def test_a_link_ends(house: House) -> None:
    await house.acceptances.add(INFO, [FAR])
    house.clock.now += 7 * DAY - 1
    found = await house.acceptances.find(await house.token())
    assert found is not None
    assert not found.ended
    house.clock.now += 1
    found = await house.acceptances.find(await house.token())
    assert found is not None
    assert found.ended
    assert not await house.says()
    assert (await house.info()).targets == ()


@on_loop
async def test_a_new_link_replaces_the_old_one(house: House) -> None:
    await house.acceptances.add(INFO, [FAR])
    old = await house.token()
    house.clock.now += 8 * DAY
    await house.acceptances.invite(await house.info(), FAR)
    assert await house.acceptances.find(old) is None
    assert not await house.acceptances.answer(old, Consent.ACCEPTED)
    assert await house.says()
    with pytest.raises(CannotChange, match=r"gets the mail of info@a\.test already"):
        await house.acceptances.invite(await house.info(), FAR)
    with pytest.raises(NotFound):
        await house.acceptances.invite(await house.info(), "eve@far.test")


@on_loop
async def test_other_targets_leave_consent_as_it_is(house: House) -> None:
    await house.acceptances.add(INFO, [FAR])
    await house.says()
    await house.acceptances.change(await house.info(), [FAR, "carol@far.test"])
    assert len(await house.letters()) == 2
    assert (await house.info()).targets == (FAR,)
    await house.acceptances.change(await house.info(), ["carol@far.test"])
    assert len(await house.letters()) == 2
    assert not (await house.info()).targets
    assert await house.says()
    assert (await house.info()).targets == ("carol@far.test",)


@on_loop
async def test_who_is_a_target_again_is_asked_again(house: House) -> None:
    await house.acceptances.add(INFO, [FAR])
    await house.says()
    await house.acceptances.change(await house.info(), ["alice@a.test"])
    await house.acceptances.change(await house.info(), [FAR])
    assert (await house.info()).targets == ()
    assert len(await house.letters()) == 2


@on_loop
async def test_there_are_at_most_ten_targets(house: House) -> None:
    with pytest.raises(CannotChange, match="11 targets are more than the 10 that are allowed"):
        await house.acceptances.add(INFO, [f"bob{n}@far.test" for n in range(11)])
    with pytest.raises(NotFound):
        await house.info()
    assert await house.letters() == []


@on_loop
async def test_an_organisation_may_have_so_many_of_them(house: House) -> None:
    organisation = await house.directory.organisations.find("a.test")
    await house.directory.organisations.change(replace(organisation, max_redirections=1))
    await house.acceptances.add(INFO, [FAR])
    with pytest.raises(CannotChange, match=r"a\.test may have 1 addresses without a mailbox"):
        await house.acceptances.add("more@a.test", [FAR])


@on_loop
async def test_a_target_that_comes_back_is_refused(house: House) -> None:
    await house.acceptances.add(INFO, [FAR])
    await house.directory.accounts.redirect(house.alice.id, [INFO], True)
    with pytest.raises(CannotChange, match=r"mail redirected to alice@a\.test would come back"):
        await house.acceptances.change(await house.info(), ["alice@a.test"])


@on_loop
async def test_it_reads_nobodys_mail(house: House) -> None:
    """Not even that for postmaster@, as the oldest account of a domain does."""
    await house.directory.accounts.remove(house.alice.id)
    await house.acceptances.add(INFO, [FAR])
    assert await house.directory.addresses.caretaker("a.test") is None


@on_loop
async def test_the_database_holds_no_link(house: House, tmp_path: Path) -> None:
    await house.acceptances.add(INFO, [FAR])
    token = await house.token()
    entries = await house.queue.entries()
    await house.queue.done(entries[0].id)
    row = (await house.directory.invitations.of_account((await house.info()).id))[0]
    assert token not in repr(row)
