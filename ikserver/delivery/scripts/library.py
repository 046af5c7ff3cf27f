# SPDX-License-Identifier: GPL-3.0-or-later
"""Which scripts run for an account, compiled once by each process however many messages come."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from ikserver.model.ids import AccountId
from ikserver.model.scripts import GlobalScript, Moment
from ikserver.spam.households import Households
from ikserver.store.api.mail import Mail
from ikserver.store.api.scripts import GlobalScripts, Scripts
from sieve import Registry, Script, Settings, SieveSyntaxError, compile

Place = tuple[str, str]
"""Where a script is: ":personal" or ":global", and its name (RFC 6609, 3.2)."""
PERSONAL, GLOBAL = ":personal", ":global"
MAX_COMPILED = 500


class Chain(NamedTuple):
    """The scripts that run for one account, in their order: those of its organisation around its own.

    `contents` has the text of each, and of those that they may include.
    """

    before: Sequence[Place]
    personal: Place | None
    after: Sequence[Place]
    contents: Mapping[Place, bytes]


class Shelf:
    """What `include` finds."""

    def __init__(self, contents: Mapping[Place, bytes]) -> None:
        self._contents = contents

    def load(self, name: str, location: str) -> bytes | None:
        """The text of a script; None when there is none."""
        return self._contents.get((location, name))


def shelved(shared: Iterable[GlobalScript]) -> dict[Place, bytes]:
    """The scripts of an organisation, which may include each other."""
    return {(GLOBAL, each.name): each.content for each in shared}


async def includable(scripts: Scripts, shared: Iterable[GlobalScript]) -> dict[Place, bytes]:
    """What the scripts of an account may include (RFC 6609, 3.2): its own, and those of its organisation."""
    own = {(PERSONAL, entry.name): await scripts.get(entry.name) for entry in await scripts.list()}
    return {**shelved(shared), **own}


class Library:
    """The scripts of all accounts. What `of` reads takes microseconds where there are none."""

    def __init__(self, households: Households, global_scripts: GlobalScripts) -> None:
        self._households = households
        self._global = global_scripts

    async def of(self, account: AccountId, mail: Mail) -> Chain | None:
        """None when nothing runs for this account."""
        active = await mail.scripts.active()
        shared = await self._global.of((await self._households.of(account)).organisation)
        if active is None and not shared:
            return None
        before = [(GLOBAL, each.name) for each in shared if each.moment is Moment.BEFORE]
        after = [(GLOBAL, each.name) for each in shared if each.moment is Moment.AFTER]
        if active is None and not before and not after:
            return None
        contents = shelved(shared)
        personal = None
        if active is not None:
            personal = PERSONAL, active.name
            contents[personal] = active.content
        if any(b"include" in content for content in contents.values()):
            contents |= await includable(mail.scripts, shared)
        return Chain(before, personal, after, contents)


class Compiler:
    """Compiles, and remembers. Used by several threads: what two of them compile at once is the same."""

    def __init__(self, registry: Registry, settings: Settings) -> None:
        self._registry = registry
        self._settings = settings
        self._known: OrderedDict[object, Script | SieveSyntaxError] = OrderedDict()

    def compiled(self, place: Place, contents: Mapping[Place, bytes]) -> Script:
        """Raises SieveSyntaxError, as often as it is asked for."""
        content = contents[place]
        includes = frozenset(contents.items()) if b"include" in content else None
        key = place[1], content, includes
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._compile(place[1], content, contents)
            if len(self._known) > MAX_COMPILED:
                self._known.popitem(last=False)
        if isinstance(known, SieveSyntaxError):
            raise known
        return known

    def _compile(self, name: str, content: bytes, contents: Mapping[Place, bytes]) -> Script | SieveSyntaxError:
        try:
            return compile(content, self._registry, name=name, settings=self._settings, scripts=Shelf(contents))
        except SieveSyntaxError as error:
            return error
