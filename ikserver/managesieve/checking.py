# SPDX-License-Identifier: GPL-3.0-or-later
"""Scripts are compiled before they are stored, just as they will be when mail comes (RFC 5804, 2.6)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from functools import partial

from ikserver.delivery.scripts.library import Place, Shelf, includable
from ikserver.model.ids import AccountId
from ikserver.store.api.directory import Directory
from ikserver.store.api.mail import MailStore
from ikserver.store.api.scripts import GlobalScripts
from sieve.errors import Problem
from sieve.registry import Registry
from sieve.script import compile
from sieve.settings import Settings


class CompilingChecker:
    """Implements `Checker`. Compiling goes on in `threads`, so that a large script keeps nobody waiting."""

    def __init__(
        self,
        mail_store: MailStore,
        directory: Directory,
        global_scripts: GlobalScripts,
        threads: Executor,
        registry: Registry,
        settings: Settings,
    ) -> None:
        self._mail_store, self._directory, self._global_scripts = mail_store, directory, global_scripts
        self._threads, self._registry, self._settings = threads, registry, settings

    @property
    def extensions(self) -> Sequence[str]:
        return self._registry.capabilities()

    @property
    def max_redirects(self) -> int:
        return self._settings.max_redirects

    async def check(self, account: AccountId, content: bytes) -> Sequence[Problem]:
        # Without that word there is no `include`, and what could be included need not be read.
        shelf = Shelf(await self._includable(account) if b"include" in content else {})
        work = partial(compile, content, self._registry, settings=self._settings, scripts=shelf)
        return (await asyncio.get_running_loop().run_in_executor(self._threads, work)).warnings

    async def _includable(self, account: AccountId) -> Mapping[Place, bytes]:
        organisation = await self._directory.organisations.of_account(account)
        shared = await self._global_scripts.of(organisation.id)
        return await includable((await self._mail_store.mail(account)).scripts, shared)
