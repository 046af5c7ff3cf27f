# SPDX-License-Identifier: GPL-3.0-or-later
"""A stranger's message is examined, and let in with our findings on it or not at all."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import Executor
from ipaddress import IPv4Network, IPv6Network, ip_address
from mmap import mmap

from ikserver.delivery.authentication.examination import Client, Examination
from ikserver.delivery.authentication.findings import results_field
from ikserver.delivery.authentication.original import read_original
from ikserver.delivery.authentication.stamping import stamped
from ikserver.model.authentication import Authenticated, Disposition, Listed
from ikserver.model.mail import Body, SpooledFile
from protocols.authres import claimed
from protocols.smtp.replies import Refused, Reply

logger = logging.getLogger("ikserver.delivery")


class Admission:
    """The way in for strangers.

    `server` is our authserv-id (RFC 8601, 2.5). Clients in `own` networks are no strangers: nothing is asked about
    them. `refuse_listed`: who is on a bad list and on no good one is refused.
    """

    def __init__(
        self,
        examination: Examination,
        server: str,
        threads: Executor,
        *,
        own: Sequence[IPv4Network | IPv6Network] = (),
        refuse_listed: bool = False,
    ) -> None:
        self._examination = examination
        self._server = server
        self._threads = threads
        self._own = own
        self._refuse_listed = refuse_listed

    async def admit(
        self, id: str, client: Client, body: Body, head: int, return_path: int
    ) -> tuple[Body, Authenticated | None]:
        """The message with our Authentication-Results, and without those of others that bear our name.

        `body` begins with `head` octets that we put there, of which the first `return_path` stay in front of it. A file
        is replaced; it is gone when this raises Refused or OSError.
        """
        if self._is_own(client.peer):
            return body, None
        try:
            original = await read_original(body, head, self._threads)
            found = await self._examination.examine(client, original)
            _log(id, client, found)
            self._refuse(client, found)
            ours = results_field(self._server, client.peer, client.sender, found)

            def foreign(octets: bytes | mmap) -> list[tuple[int, int]]:
                return list(claimed(octets, original.end, self._server))

            return await stamped(body, ours, return_path, foreign, self._threads), found
        except BaseException:
            if isinstance(body, SpooledFile):
                await asyncio.get_running_loop().run_in_executor(self._threads, body.path.unlink, True)
            raise

    def _is_own(self, peer: str) -> bool:
        try:
            address = ip_address(peer)
        except ValueError:
            # A Unix socket: there is no address to ask about.
            return True
        return any(address in network for network in self._own)

    def _refuse(self, client: Client, found: Authenticated) -> None:
        if self._refuse_listed and (zone := _refusing_zone(found.listed)):
            raise Refused(Reply(554, "5.7.1", f"{client.peer} is on the list {zone}"))
        if found.disposition is Disposition.REJECT:
            domain = found.dmarc.domain or "in From"
            # RFC 7489, 10.3: at the end of the body, with the reason.
            raise Refused(Reply(550, "5.7.1", f"The domain {domain} wants such mail refused: DMARC failed"))


def _refusing_zone(listed: Sequence[Listed]) -> str:
    """The bad list that has the client, "" when there is none or a good one has it as well."""
    if any(one.good for one in listed):
        return ""
    return listed[0].zone if listed else ""


def _log(id: str, client: Client, found: Authenticated) -> None:
    fields = {
        "id": id,
        "peer": client.peer,
        "name": found.iprev.name,
        "iprev": found.iprev.result.value,
        "spf": found.spf.result.value,
        "dkim": ",".join(f"{one.domain}={one.result.value}" for one in found.dkim) or "none",
        "from": found.dmarc.domain,
        "dmarc": found.dmarc.result.value,
        "arc": found.arc.result.value,
        "lists": ",".join(one.zone for one in found.listed),
        "disposition": found.disposition.value,
    }
    logger.info("origin", extra={"fields": fields})
