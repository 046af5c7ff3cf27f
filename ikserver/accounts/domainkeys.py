# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys that domains sign their mail with: DATA/keys/dkim/DOMAIN/SELECTOR.pem.

A selector says the kind of its key, the year and, by a letter, which one of that year it is: `r2026a`, `e2026a`.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from string import ascii_lowercase
from typing import get_args

from ikserver.accounts.keyfile import write_once
from protocols.dkim.privatekey import Kind, SigningKey, from_pem, new_private_key, to_pem

KINDS: Sequence[Kind] = get_args(Kind)
"""RFC 8463, 5: old verifiers know only RSA, so each message is signed with both."""
Files = Sequence[tuple[str, int]]
"""Selectors, and when their files were written."""
_SELECTOR = re.compile(r"[er][0-9]{4}[a-z]")


class CannotChangeKeys(Exception):
    """The text says why."""


@dataclass(frozen=True, slots=True)
class DomainKeys:
    """Blocks while it reads or makes a key; `of` remembers what it read until a file changes."""

    folder: Path
    clock: Callable[[], float] = time.time
    _read: dict[str, tuple[Files, Sequence[SigningKey]]] = field(default_factory=dict)

    def of(self, domain: str) -> Sequence[SigningKey]:
        """Ed25519 keys and then RSA keys, the oldest first. Raises OSError, ValueError."""
        paths = sorted(path for path in (self.folder / domain).glob("*.pem") if _SELECTOR.fullmatch(path.stem))
        files = [(path.stem, path.stat().st_mtime_ns) for path in paths]
        read = self._read.get(domain)
        if read is None or read[0] != files:
            keys = [SigningKey(domain, path.stem, from_pem(path.read_bytes())) for path in paths]
            read = self._read[domain] = files, keys
        return read[1]

    def ensure(self, domain: str) -> Sequence[SigningKey]:
        """As `of`; kinds that are missing are made. Raises OSError, ValueError."""
        there = {key.kind for key in self.of(domain)}
        for kind in KINDS:
            if kind not in there:
                self._make(domain, kind)
        return self.of(domain)

    def rotate(self, domain: str) -> Sequence[SigningKey]:
        """A new key of each kind, which are returned. Raises CannotChangeKeys, OSError, ValueError."""
        before = {key.selector for key in self.ensure(domain)}
        for kind in KINDS:
            self._make(domain, kind)
        return [key for key in self.of(domain) if key.selector not in before]

    def remove(self, domain: str, selector: str) -> None:
        """Forget a key. Raises CannotChangeKeys for one that is not there or the newest of its kind, OSError.

        So no selector ever names two keys, of which caches of DNS might tell the wrong one.
        """
        keys = self.of(domain)
        if selector not in [key.selector for key in keys]:
            raise CannotChangeKeys(f"{domain} has no key {selector}")
        if selector in [key.selector for key in newest(keys)]:
            raise CannotChangeKeys(f"{selector} is the newest key of its kind: rotate the keys first")
        self._path(domain, selector).unlink()

    def forget(self, domain: str) -> None:
        """Remove all keys of a domain that is no longer ours. Raises OSError."""
        for key in self.of(domain):
            self._path(domain, key.selector).unlink()

    def _make(self, domain: str, kind: Kind) -> None:
        year = time.gmtime(self.clock()).tm_year
        last = max((key.selector for key in self.of(domain) if key.kind == kind), default="")
        names = (f"{kind[0]}{year}{letter}" for letter in ascii_lowercase)
        selector = next((name for name in names if name > last), None)
        if selector is None:
            raise CannotChangeKeys(f"{domain} has had all the keys that a year has names for")
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_once(self._path(domain, selector), to_pem(new_private_key(kind)))

    def _path(self, domain: str, selector: str) -> Path:
        return self.folder / domain / f"{selector}.pem"


def newest(keys: Sequence[SigningKey]) -> Sequence[SigningKey]:
    """The last key of each kind, from what `DomainKeys.of` gives."""
    return list({key.kind: key for key in keys}.values())
