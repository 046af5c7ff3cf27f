# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail from outside is marked when it is shown, if the organisation wants it so (EXT-01)."""

from __future__ import annotations

import pytest

from ikserver.model.spam import Household
from ikserver.spam.external import Mentions
from tests.app.serving import Server
from tests.spam.house import House
from tests.spam.letters import ALICE, found, ikserver, send, told
from tests.support import on_loop


@pytest.mark.parametrize(
    ("author", "external"),
    [
        ("eve@far.test", True),
        ("Bob@Example.org", False),
        ("friend@far.test", False),
        ("someone@neighbour.test", True),
        ("", True),
    ],
)
@on_loop
async def test_colleagues_and_contacts_are_not_external(house: House, author: str, external: bool) -> None:
    organisation = await house.directory.organisations.of_account(house.ann.id)
    neighbour = await house.directory.organisations.add("Neighbour")
    await house.directory.domains.add("neighbour.test", neighbour.id)
    household, mentions = Household(house.ann.id, organisation.id), Mentions(house.directory, house.store)
    assert not await mentions.is_external(household, author, {"friend@far.test"})
    await house.store.set_mentions(organisation.id, True)
    assert await mentions.is_external(household, author, {"friend@far.test"}) is external


def test_the_switch_takes_effect_at_once_and_the_message_stays_as_it_is(server: Server) -> None:
    send(server, "from outside", "Hello.")
    before = found(server, "INBOX", "from outside")
    (organisation,) = told(server, "org", "list")
    for state, external in (("on", True), ("off", False)):
        ikserver(server, "spam", "external", state, organisation["name"])
        assert told(server, "spam", "mentions", ALICE)[0]["external"] is external
    assert found(server, "INBOX", "from outside") == before
