# SPDX-License-Identifier: GPL-3.0-or-later
"""What organisations want of mail from strangers."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from ikserver.model.authentication import Disposition, OriginPolicy
from ikserver.model.ids import OrganisationId
from ikserver.store.embedded.directory_database import DirectoryDatabase, Row

ByDomain = Mapping[str, tuple[OrganisationId, OriginPolicy]]


class EmbeddedOriginPolicies:
    """Few organisations have one, so all are kept in memory until the directory changes."""

    def __init__(self, database: DirectoryDatabase) -> None:
        self._database = database
        self._by_domain: ByDomain = {}
        self._generation = -1

    async def of(self, organisation: OrganisationId) -> OriginPolicy:
        row = self._database.one("SELECT * FROM origin_policies WHERE organisation = ?", organisation)
        return OriginPolicy() if row is None else _policy(row)

    async def set(self, organisation: OrganisationId, policy: OriginPolicy) -> None:
        def write(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM origin_policies WHERE organisation = ?", (organisation,))
            if policy != OriginPolicy():
                dmarc = policy.dmarc and policy.dmarc.value
                new = (organisation, dmarc, _joined(policy.bad_lists), _joined(policy.good_lists))
                connection.execute("INSERT INTO origin_policies VALUES (?, ?, ?, ?)", new)

        await self._database.change(write)

    async def by_domain(self) -> ByDomain:
        generation = self._database.generation()
        if generation != self._generation:
            rows = self._database.all(
                "SELECT domains.name, origin_policies.* FROM origin_policies JOIN domains USING (organisation)"
            )
            self._by_domain = {row["name"]: (OrganisationId(row["organisation"]), _policy(row)) for row in rows}
            self._generation = generation
        return self._by_domain


def _policy(row: Row) -> OriginPolicy:
    dmarc = None if row["dmarc"] is None else Disposition(row["dmarc"])
    return OriginPolicy(dmarc, _parted(row["bad_lists"]), _parted(row["good_lists"]))


def _joined(zones: tuple[str, ...] | None) -> str | None:
    return None if zones is None else " ".join(zones)


def _parted(zones: str | None) -> tuple[str, ...] | None:
    return None if zones is None else tuple(zones.split())
