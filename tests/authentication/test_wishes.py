# SPDX-License-Identifier: GPL-3.0-or-later
"""What organisations want of mail from strangers, each for itself."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from ikserver.delivery.authentication.admission import Admission, TurnedAway
from ikserver.delivery.authentication.examination import Client, Examination
from ikserver.delivery.authentication.rules import USUAL, Rules, wishes_of
from ikserver.dns.resolver import open_resolver
from ikserver.model.account import Organisation
from ikserver.model.authentication import Authenticated, Disposition, OriginPolicy
from ikserver.store.api.directory import Directory
from ikserver.store.embedded.directory import open_directory
from tests.dns.nameserver import nameserver
from tests.support import on_loop

ZONE = {
    ("_dmarc.bank.test", "TXT"): ['"v=DMARC1; p=reject"'],
    ("1.2.0.192.bl.test", "A"): ["127.0.0.2"],
    ("1.2.0.192.strict.test", "A"): ["127.0.0.2"],
}
FORGED = b"From: boss@bank.test\r\n\r\nHello\r\n"
PLAIN = b"From: ann@far.test\r\n\r\nHello\r\n"
QUARANTINE = OriginPolicy(dmarc=Disposition.QUARANTINE)


@dataclass
class World:
    """Organisations with a domain each: usual.test, mild.test and strict.test."""

    directory: Directory
    admission: Admission
    mild: Organisation
    strict: Organisation

    async def takes(self, message: bytes, *names: str) -> Authenticated:
        """Raises TurnedAway."""
        client = Client("192.0.2.1", "mail.far.test", "ann@far.test")
        _, found = await self.admission.admit("id", client, [f"a@{name}.test" for name in names], message, 0, 0)
        assert found is not None
        return found


@asynccontextmanager
async def world(root: Path, rules: Rules | None = None) -> AsyncIterator[World]:
    with ThreadPoolExecutor(2) as threads:
        directory = open_directory(root, threads=threads)
        organisations = [await directory.organisations.add(name) for name in ("Usual", "Mild", "Strict")]
        for organisation in organisations:
            await directory.domains.add(f"{organisation.name.lower()}.test", organisation.id)
        async with nameserver(ZONE) as dns:
            examination = Examination(open_resolver([("127.0.0.1", dns.port)]), threads, rules or Rules())
            admission = Admission(examination, "mail.our.test", threads, refuse_listed=True, policies=directory.origins)
            yield World(directory, admission, *organisations[1:])
        await directory.close()


@on_loop
async def test_an_organisation_may_want_milder_treatment_at_once(tmp_path: Path) -> None:
    async with world(tmp_path) as ours:
        with pytest.raises(TurnedAway):
            await ours.takes(FORGED, "mild")
        await ours.directory.origins.set(ours.mild.id, QUARANTINE)
        assert (await ours.takes(FORGED, "mild")).disposition is Disposition.QUARANTINE
        with pytest.raises(TurnedAway):
            await ours.takes(FORGED, "usual")
        await ours.directory.origins.set(ours.mild.id, OriginPolicy(dmarc=Disposition.NONE))
        assert (await ours.takes(FORGED, "mild")).disposition is Disposition.NONE
        await ours.directory.origins.set(ours.mild.id, OriginPolicy())
        with pytest.raises(TurnedAway):
            await ours.takes(FORGED, "mild")


@on_loop
async def test_an_organisation_may_be_stricter_than_the_settings(tmp_path: Path) -> None:
    async with world(tmp_path, Rules(dmarc=Disposition.NONE)) as ours:
        await ours.directory.origins.set(ours.strict.id, OriginPolicy(dmarc=Disposition.REJECT))
        with pytest.raises(TurnedAway):
            await ours.takes(FORGED, "strict")
        assert (await ours.takes(FORGED, "usual", "mild")).disposition is Disposition.NONE


@pytest.mark.parametrize("names", [("mild", "usual"), ("usual", "mild"), ("strict", "mild")])
@on_loop
async def test_what_not_all_of_them_refuse_the_others_get_as_junk(tmp_path: Path, names: Sequence[str]) -> None:
    async with world(tmp_path) as ours:
        await ours.directory.origins.set(ours.mild.id, OriginPolicy(dmarc=Disposition.NONE))
        await ours.directory.origins.set(ours.strict.id, OriginPolicy(dmarc=Disposition.REJECT))
        found = await ours.takes(FORGED, *names)
        assert found.seen_by(ours.mild.id).disposition is Disposition.NONE
        assert found.seen_by(ours.strict.id).disposition is Disposition.QUARANTINE


@on_loop
async def test_what_all_of_them_refuse_is_refused(tmp_path: Path) -> None:
    async with world(tmp_path) as ours:
        await ours.directory.origins.set(ours.strict.id, OriginPolicy(bad_lists=("strict.test",)))
        with pytest.raises(TurnedAway):
            await ours.takes(FORGED, "usual", "strict")


@on_loop
async def test_each_organisation_asks_its_own_lists(tmp_path: Path) -> None:
    async with world(tmp_path, Rules(bad_lists=("bl.test",))) as ours:
        await ours.directory.origins.set(ours.mild.id, OriginPolicy(bad_lists=()))
        await ours.directory.origins.set(ours.strict.id, OriginPolicy(bad_lists=("strict.test",)))
        with pytest.raises(TurnedAway, match=r"is on the list bl\.test"):
            await ours.takes(PLAIN, "usual")
        with pytest.raises(TurnedAway, match=r"is on the list strict\.test"):
            await ours.takes(PLAIN, "strict")
        assert (await ours.takes(PLAIN, "mild")).listed == ()
        found = await ours.takes(PLAIN, "strict", "mild")
        assert [one.zone for one in found.seen_by(ours.strict.id).listed] == ["strict.test"]
        assert found.seen_by(ours.strict.id).disposition is Disposition.QUARANTINE
        assert found.seen_by(ours.mild.id).listed == ()


@on_loop
async def test_without_wishes_nothing_is_looked_up(tmp_path: Path) -> None:
    async with world(tmp_path) as ours:
        assert await wishes_of(ours.directory.origins, ["a@usual.test"]) is USUAL
        await ours.directory.origins.set(ours.mild.id, QUARANTINE)
        assert await wishes_of(ours.directory.origins, ["a@usual.test", "A@MILD.test."]) == {
            None: OriginPolicy(),
            ours.mild.id: QUARANTINE,
        }


@on_loop
async def test_wishes_go_with_their_organisation(tmp_path: Path) -> None:
    async with world(tmp_path) as ours:
        await ours.directory.origins.set(ours.mild.id, QUARANTINE)
        (domain,) = [each for each in await ours.directory.domains.list() if each.organisation == ours.mild.id]
        await ours.directory.domains.remove(domain.id)
        await ours.directory.organisations.remove(ours.mild.id)
        assert await ours.directory.origins.by_domain() == {}
