# SPDX-License-Identifier: GPL-3.0-or-later
"""Which list decides, for whom, and whom to believe (SND-01, SND-03, SND-04); what authentication adds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ikserver.delivery.envelope import Origin
from ikserver.model.authentication import Authenticated, Disposition
from ikserver.model.authentication import Listed as OnList
from ikserver.model.spam import Side
from ikserver.spam.api import FilterDown
from tests.spam.house import Down, House
from tests.spam.letters import GTUBE
from tests.support import on_loop

FORGED = Authenticated()


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
async def test_of_several_organisations_each_gets_a_message_as_it_wants(house: House) -> None:
    ours = (await house.directory.organisations.of_account(house.ann.id)).id
    junk, clean = Authenticated(disposition=Disposition.QUARANTINE), Authenticated()
    assert (await house.file(results=replace(clean, views=((None, clean), (ours, junk))))).folder == "Junk"
    assert (await house.file(results=replace(junk, views=((None, junk), (ours, clean))))).folder == "INBOX"


@on_loop
async def test_while_the_filter_is_down_mail_comes_in_and_says_so_or_waits(house: House) -> None:
    filed = await house.file(GTUBE, filing=house.filing(Down()))
    assert filed.folder == "INBOX"
    assert b"X-Spam-Status: No, score=0.0 required=5.0\r\n\ttests=FILTER_DOWN\r\n" in filed.fields
    with pytest.raises(FilterDown):
        await house.file(filing=house.filing(Down(), defer=True))
    await house.store.set_on(house.ann.id, False)
    assert (await house.file(filing=house.filing(Down(), defer=True))).folder == "INBOX"
