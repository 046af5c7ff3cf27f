# SPDX-License-Identifier: GPL-3.0-or-later
"""A stranger's message is examined, and let in with our findings on it or not at all."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from mmap import mmap

from ikserver.delivery.authentication.examination import Client, Examination
from ikserver.delivery.authentication.findings import results_field
from ikserver.delivery.authentication.original import Original, read_original
from ikserver.delivery.authentication.rules import USUAL, wishes_of
from ikserver.delivery.authentication.stamping import stamped
from ikserver.delivery.authentication.tally import Tally
from ikserver.delivery.removal import removed_on_failure
from ikserver.model.authentication import Authenticated, Disposition, Listed, Result
from ikserver.model.mail import Body
from ikserver.store.api.directory import OriginPolicies
from ikserver.store.api.greylist import Greylist
from protocols.authres import claimed
from protocols.smtp.replies import Refused, Reply

Address = IPv4Address | IPv6Address
logger = logging.getLogger("ikserver.delivery")


class TurnedAway(Refused):
    """A message is refused for what was found."""

    def __init__(self, reply: Reply, found: Authenticated) -> None:
        super().__init__(reply)
        self.found = found


class Admission:
    """The way in for strangers.

    `server` is our authserv-id (RFC 8601, 2.5). Clients in `own` networks are no strangers: nothing is asked about
    them. `refuse_listed`: who is on a bad list and on no good one is refused. `greylist`: mail that proves nothing is
    taken when it comes again.
    """

    def __init__(
        self,
        examination: Examination,
        server: str,
        threads: Executor,
        *,
        own: Sequence[IPv4Network | IPv6Network] = (),
        refuse_listed: bool = False,
        greylist: Greylist | None = None,
        tally: Tally | None = None,
        policies: OriginPolicies | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._examination = examination
        self._server = server
        self._threads = threads
        self._own = own
        self._refuse_listed = refuse_listed
        self._greylist = greylist
        self._tally = tally
        self._policies = policies
        self._clock = clock

    async def admit(
        self, id: str, client: Client, recipients: Sequence[str], body: Body, head: int, return_path: int
    ) -> tuple[Body, Authenticated | None]:
        """The message with our Authentication-Results, and without those of others that bear our name.

        `body` begins with `head` octets that we put there, of which the first `return_path` stay in front of it. A file
        is replaced; it is gone when this raises TurnedAway or OSError.
        """
        address = _address(client.peer)
        if address is None or any(address in network for network in self._own):
            return body, None
        client = replace(client, peer=str(address))
        async with removed_on_failure(body, self._threads):
            original = await read_original(body, head, self._threads)
            wishes = USUAL if self._policies is None else await wishes_of(self._policies, recipients)
            found, refusal = self._decided(client, await self._examination.examine(client, original, wishes))
            _log(id, client, found)
            if refusal is None:
                await self._let_wait(address, client, found)
            if self._tally is not None:
                self._tally.note(client, found)
            if refusal is not None:
                raise TurnedAway(refusal, found)
            ours = results_field(self._server, client.peer, client.sender, found)
            return await self._stamped(original, ours, return_path), found

    async def clean(self, body: Body, head: int) -> Body:
        """A message of our own people, who cannot say what only we may say (RFC 8601, 5). As `admit` otherwise."""
        async with removed_on_failure(body, self._threads):
            original = await read_original(body, head, self._threads)
            if all(name != b"authentication-results" for name, _ in original.fields):
                return body
            return await self._stamped(original, b"", head)

    async def _stamped(self, original: Original, field: bytes, at: int) -> Body:
        def foreign(octets: bytes | mmap) -> list[tuple[int, int]]:
            return list(claimed(octets, original.end, self._server))

        return await stamped(original.body, field, at, foreign, self._threads)

    def _decided(self, client: Client, found: Authenticated) -> tuple[Authenticated, Reply | None]:
        """It is refused when all who get it want that; where others want it, those get it as junk."""
        if not found.views:
            return found, self._refusal(client, found)
        refusals = [self._refusal(client, view) for _, view in found.views]
        if all(refusals):
            return found, refusals[0]
        views = tuple(
            (whose, replace(view, disposition=Disposition.QUARANTINE) if refusal else view)
            for (whose, view), refusal in zip(found.views, refusals, strict=True)
        )
        return replace(views[0][1], views=views), None

    def _refusal(self, client: Client, found: Authenticated) -> Reply | None:
        if self._refuse_listed and (zone := _refusing_zone(found.listed)):
            return Reply(554, "5.7.1", f"{client.peer} is on the list {zone}")
        if found.disposition is Disposition.REJECT:
            domain = found.dmarc.domain or "in From"
            # RFC 7489, 10.3: at the end of the body, with the reason.
            return Reply(550, "5.7.1", f"The domain {domain} wants such mail refused: DMARC failed")
        return None

    async def _let_wait(self, address: Address, client: Client, found: Authenticated) -> None:
        """Who proves nothing comes twice: senders of spam seldom do. Raises TurnedAway."""
        if self._greylist is None or found.author_is_authentic or found.spf.result is Result.PASS:
            return
        left = await self._greylist.wait(_network(address), client.sender.lower(), int(self._clock()))
        if left:
            reply = Reply(451, "4.7.1", f"You are not known here yet; please come again in {left} seconds")
            raise TurnedAway(reply, found)


@lru_cache(maxsize=4_096)
def _address(peer: str) -> Address | None:
    """None for a Unix socket: there is nothing to ask about."""
    try:
        address = ip_address(peer.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _network(address: Address) -> str:
    """Large senders come back from a neighbouring address."""
    return str(ip_network((address, 24 if address.version == 4 else 64), strict=False))


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
