# SPDX-License-Identifier: GPL-3.0-or-later
"""Clients that believe every response they hear end up with the truth, whatever all of them do at once."""

from __future__ import annotations

import random
import re

import pytest

from tests.imap_site import Site
from tests.support import on_loop
from tests.transcript import Player

EXISTS = re.compile(r"\* (\d+) EXISTS")
EXPUNGE = re.compile(r"\* (\d+) EXPUNGE")
VANISHED = re.compile(r"\* VANISHED ([\d:,]+)")
FETCH = re.compile(r"\* (\d+) FETCH \((?:UID (\d+) ?)?(?:FLAGS \(([^)]*)\))?(?: ?MODSEQ \(\d+\))?\)")
FLAGS = ("\\Seen", "\\Flagged", "$Work")


class Believer:
    """A client: its messages are [uid or None, flags or None], None where it was not told."""

    def __init__(self, player: Player, *, qresync: bool) -> None:
        self.player, self.qresync = player, qresync
        self.messages: list[tuple[int | None, frozenset[str] | None]] = []
        self._tag = 0

    async def command(self, text: str) -> str:
        """Send a command, believe all that comes, return the tagged line."""
        self._tag += 1
        tag = f"t{self._tag}"
        self.player.sends(f"{tag} {text}\r\n".encode())
        may_expunge = not re.match(r"(FETCH|STORE|SEARCH) ", text)
        while True:
            line = await self.player.hears()
            if line.startswith(tag + " "):
                return line
            self._believe(line, may_expunge=may_expunge)

    def _believe(self, line: str, *, may_expunge: bool) -> None:
        if found := EXISTS.fullmatch(line):
            assert int(found[1]) >= len(self.messages), "EXISTS never takes messages away"
            self.messages += [(None, None)] * (int(found[1]) - len(self.messages))
        elif found := EXPUNGE.fullmatch(line):
            assert may_expunge, line
            assert not self.qresync
            del self.messages[int(found[1]) - 1]
        elif found := VANISHED.fullmatch(line):
            assert may_expunge, line
            assert self.qresync
            gone = {uid for part in found[1].split(",") for uid in _range(part)}
            self.messages = [message for message in self.messages if message[0] not in gone]
        elif found := FETCH.fullmatch(line):
            uid, flags = self.messages[int(found[1]) - 1]
            assert not (uid and found[2]) or uid == int(found[2]), f"{line} speaks of UID {uid}"
            told = flags if found[3] is None else frozenset(found[3].split())
            self.messages[int(found[1]) - 1] = (int(found[2]) if found[2] else uid, told)
        else:
            assert line.startswith(("* FLAGS", "* ENABLED", "* 0 RECENT", "* OK", "* SEARCH")), line

    def knows_of_deleted(self, number: int) -> None:
        """What a silent STORE changed, the server need not tell."""
        uid, flags = self.messages[number - 1]
        self.messages[number - 1] = uid, None if flags is None else flags | {"\\Deleted"}

    def untold(self) -> str:
        """Sequence numbers of messages whose UID or flags are not known."""
        return ",".join(str(n) for n, message in enumerate(self.messages, 1) if None in message)

    async def ask(self) -> None:
        """Learn what was not told, of messages that are new to this client, until nothing is new."""
        for _ in range(20):
            # FETCH is answered without VANISHED, so each new message gets its UID before it can be named by it.
            while numbers := self.untold():
                await self.command(f"FETCH {numbers} (UID FLAGS)")
            await self.command("NOOP")
            if not self.untold():
                return
        raise AssertionError(f"still untold: {self.messages}")


def _range(part: str) -> range:
    first, _, last = part.partition(":")
    return range(int(first), int(last or first) + 1)


async def act(client: Believer, chance: random.Random) -> None:
    """One random thing that a client may do; it only uses numbers it believes in."""
    count = len(client.messages)
    number = chance.randint(1, count) if count else None
    uid = chance.choice(client.messages)[0] if count else None
    flag, sign = chance.choice(FLAGS), chance.choice("+-")
    actions = ["APPEND INBOX {2+}\r\nhi", "NOOP", "EXPUNGE"]
    if number:
        actions += [f"STORE {number} {sign}FLAGS ({flag})", f"STORE {number}:* +FLAGS ({flag})"]
        actions += [f"FETCH {number} (FLAGS)", f"FETCH 1:{number} (UID FLAGS)", "SEARCH UNSEEN"]
        actions += [
            f"COPY {number} INBOX",
            f"STORE {number} +FLAGS (\\Deleted)",
            f"STORE {number} +FLAGS.SILENT (\\Deleted)",
        ]
    if uid:
        actions += [f"UID STORE {uid} {sign}FLAGS ({flag})", f"UID MOVE {uid} INBOX", f"UID FETCH {uid} (FLAGS)"]
    action = chance.choice(actions)
    assert " BAD " not in await client.command(action)
    if number and ".SILENT" in action:
        client.knows_of_deleted(number)


@pytest.mark.parametrize("seed", range(8))
@on_loop
async def test_all_clients_believe_the_same_in_the_end(site: Site, seed: int) -> None:
    chance = random.Random(seed)
    clients = []
    for qresync in (False, False, True):
        client = Believer(await site.client(), qresync=qresync)
        if qresync:
            await client.command("ENABLE QRESYNC")
        await client.command("SELECT INBOX")
        clients.append(client)
    for _ in range(150):
        client = chance.choice(clients)
        if client.qresync:
            # VANISHED names UIDs, so a client must know those of all its messages.
            await client.ask()
        await act(client, chance)
    for client in clients:
        await client.ask()
    fresh = Believer(await site.client(), qresync=False)
    await fresh.command("SELECT INBOX")
    await fresh.ask()
    assert all(client.messages == fresh.messages for client in clients)
    assert len({uid for uid, _ in fresh.messages}) == len(fresh.messages)
