# SPDX-License-Identifier: GPL-3.0-or-later
"""Which list decides, for whom, and whom to believe (SND-01, SND-03, SND-04); what authentication adds."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from ikserver.accounts.api import Deliver, Local
from ikserver.changes import Changes
from ikserver.delivery.envelope import Arrived, Origin, Recipient
from ikserver.delivery.filing import Filed, Incoming
from ikserver.delivery.sifting import SpamFiling
from ikserver.model.account import Account
from ikserver.model.authentication import Authenticated, Disposition, Dmarc
from ikserver.model.authentication import Listed as OnList
from ikserver.model.spam import Listed, Side, Verdict
from ikserver.spam.api import Examined, Filter, FilterDown
from ikserver.spam.classifier import Classifier
from ikserver.spam.households import Households
from ikserver.spam.screening import Screening
from ikserver.store.api.directory import Directory
from ikserver.store.api.mail import MailStore
from ikserver.store.api.spam import SpamStore
from ikserver.store.embedded import open_mail_store
from ikserver.store.embedded.directory import open_directory
from ikserver.store.embedded.spam import open_spam
from protocols.message import scan
from tests.accounts.world import populate
from tests.spam.letters import GTUBE
from tests.support import on_loop, wait

AUTHENTIC = Authenticated(dmarc=Dmarc(aligned=True))
FORGED = Authenticated()
STRANGER = Origin()


class Down:
    """A filter that never answers."""

    async def judge(self, message: Examined) -> Verdict:
        raise FilterDown("gone fishing")

    async def teach(self, message: Examined, spam: bool | None) -> None:
        raise FilterDown("gone fishing")


@dataclass
class House:
    """An organisation with Ann and Bob, on real databases."""

    directory: Directory
    mail: MailStore
    store: SpamStore
    ann: Account
    bob: Account

    def filing(self, engine: Filter | None = None, *, defer: bool = False) -> SpamFiling:
        screening = Screening(self.store, engine or Classifier(self.store), defer=defer)
        return SpamFiling(self.directory, Households(self.directory), self.mail, screening)

    async def lists(self, whose: Account | None, *lines: tuple[Side, str]) -> None:
        """Of an address, or of the organisation."""
        add = [Listed(side, pattern) for side, pattern in lines]
        organisation = await self.directory.organisations.of_account(self.ann.id)
        if whose is None:
            await self.store.change_lists(add, (), organisation=organisation.id)
        else:
            await self.store.change_lists(add, (), account=whose.id)

    async def file(
        self,
        text: str = "Good day.",
        *,
        to: Account | None = None,
        written_to: str = "",
        results: Authenticated | None = AUTHENTIC,
        sender: str = "eve@far.test",
        filing: SpamFiling | None = None,
        origin: Origin = STRANGER,
    ) -> Filed:
        """What becomes of a letter from Eve."""
        to = to or self.ann
        octets = f"From: Eve <eve@far.test>\r\nSubject: hello\r\n\r\n{text}\r\n".encode()
        delivery = Deliver(to.id, to.address)
        recipient = Recipient(written_to or to.address, Local(to.address, (delivery,), ()))
        message = Arrived("id", sender, [recipient], octets, 0, 0.0, authenticated=results, origin=origin)
        incoming = Incoming(message, octets, scan(octets), "eve@far.test")
        return await (filing or self.filing()).file(incoming, delivery, [recipient.address])


@asynccontextmanager
async def opened(root: Path) -> AsyncIterator[House]:
    directory = open_directory(root)
    people = await populate(directory, "ann", "bob", domain="example.org")
    mail = open_mail_store(root, Changes())
    with ThreadPoolExecutor(1) as threads:
        store = open_spam(root, threads)
        yield House(directory, mail, store, **people)
        await store.close()
    await mail.close()
    await directory.close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    context = opened(tmp_path)
    yield wait(context.__aenter__())
    wait(context.__aexit__(None, None, None))


ALLOWED, BLOCKED = (Side.ALLOWED, "*@far.test"), (Side.BLOCKED, "eve@*")


@pytest.mark.parametrize(
    ("own", "shared", "folder", "test"),
    [
        ([], [], "Junk", "GTUBE"),
        ([ALLOWED], [], "INBOX", "ALLOWED_BY_ADDRESS"),
        ([], [ALLOWED], "INBOX", "ALLOWED_BY_ORGANISATION"),
        ([ALLOWED, BLOCKED], [], "INBOX", "ALLOWED_BY_ADDRESS"),
        ([BLOCKED], [ALLOWED], "Junk", "BLOCKED_BY_ADDRESS"),
        ([ALLOWED], [BLOCKED], "INBOX", "ALLOWED_BY_ADDRESS"),
        ([], [ALLOWED, BLOCKED], "INBOX", "ALLOWED_BY_ORGANISATION"),
        ([], [BLOCKED], "Junk", "BLOCKED_BY_ORGANISATION"),
    ],
)
@on_loop
async def test_the_list_of_the_address_comes_first_and_allowed_beats_blocked(
    house: House, own: list[tuple[Side, str]], shared: list[tuple[Side, str]], folder: str, test: str
) -> None:
    """SND-01."""
    await house.lists(house.ann, *own)
    await house.lists(None, *shared)
    filed = await house.file(GTUBE)
    assert (filed.folder, filed.verdict and filed.verdict.reasons[0]) == (folder, test)


@pytest.mark.parametrize("results", [FORGED, None])
@on_loop
async def test_a_forged_author_is_not_the_one_who_is_allowed(house: House, results: Authenticated | None) -> None:
    """SND-04."""
    await house.lists(house.ann, ALLOWED)
    assert (await house.file(GTUBE, results=results)).folder == "Junk"
    await house.lists(house.ann, BLOCKED)
    assert (await house.file(results=results)).folder == "Junk"


@on_loop
async def test_who_signed_in_is_who_he_says(house: House) -> None:
    await house.lists(house.ann, ALLOWED)
    signed_in = Origin(submitter="eve@far.test")
    assert (await house.file(GTUBE, results=None, origin=signed_in)).folder == "INBOX"
    other = Origin(submitter="mallory@far.test")
    assert (await house.file(GTUBE, results=None, origin=other, sender="mallory@far.test")).folder == "Junk"


@on_loop
async def test_the_list_of_the_address_that_was_written_to_counts(house: House) -> None:
    """SND-03: mail to Ann is redirected to Bob."""
    await house.lists(house.bob, ALLOWED)
    assert (await house.file(GTUBE, to=house.bob)).folder == "INBOX"
    assert (await house.file(GTUBE, to=house.bob, written_to="ann@example.org")).folder == "Junk"
    await house.lists(house.ann, ALLOWED)
    assert (await house.file(GTUBE, to=house.bob, written_to="Ann+tag@example.org")).folder == "INBOX"


@on_loop
async def test_the_sender_of_the_envelope_is_blocked_as_well(house: House) -> None:
    await house.lists(house.ann, (Side.BLOCKED, "bounce-*@bulk.test"))
    assert (await house.file(sender="Bounce-17@bulk.test")).folder == "Junk"


@on_loop
async def test_what_its_domain_wants_kept_apart_is_spam_and_bad_clients_cost_points(house: House) -> None:
    assert (await house.file(results=Authenticated(disposition=Disposition.QUARANTINE))).folder == "Junk"
    lists = tuple(OnList(f"{name}.test", ("127.0.0.2",)) for name in ("a", "b", "c"))
    filed = await house.file(results=Authenticated(listed=lists))
    assert (filed.folder, filed.verdict and filed.verdict.score) == ("Junk", 6.0)
    good = OnList("good.test", ("127.0.0.3",), good=True)
    assert (await house.file(results=Authenticated(listed=(*lists, good)))).folder == "INBOX"


@on_loop
async def test_while_the_filter_is_down_mail_comes_in_and_says_so_or_waits(house: House) -> None:
    filed = await house.file(GTUBE, filing=house.filing(Down()))
    assert filed.folder == "INBOX"
    assert b"X-Spam-Status: No, score=0.0 required=5.0\r\n\ttests=FILTER_DOWN\r\n" in filed.fields
    with pytest.raises(FilterDown):
        await house.file(filing=house.filing(Down(), defer=True))
    await house.store.set_on(house.ann.id, False)
    assert (await house.file(filing=house.filing(Down(), defer=True))).folder == "INBOX"
