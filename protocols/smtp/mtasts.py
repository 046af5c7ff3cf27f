# SPDX-License-Identifier: GPL-3.0-or-later
"""MTA-STS: what a domain's TXT record and its policy file say (RFC 8461, 3)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

_RECORD = re.compile(rb"v=STSv1 *; *(?:[^;]*; *)*?id=([A-Za-z0-9]{1,32}) *(?:;.*)?")
MAX_POLICY = 64 * 1024
"""Octets of a policy file (RFC 8461, 3.3)."""
MAX_AGE = 31_557_600
"""Seconds (RFC 8461, 3.2)."""


class BadPolicy(ValueError):
    """Not a policy."""


class Mode(Enum):
    ENFORCE = "enforce"
    TESTING = "testing"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Policy:
    """`mx` are names of hosts or `*.` and the rest of one; `max_age` in seconds."""

    mode: Mode
    mx: tuple[str, ...]
    max_age: int

    def allows(self, host: str) -> bool:
        """Whether mail may go to a host; a star is one label (RFC 8461, 4.1)."""
        host = host.lower()
        return any(host == name or (name[:2] == "*." and host.partition(".")[2] == name[2:]) for name in self.mx)


def policy_id(records: Sequence[bytes]) -> str | None:
    """The id in the one record that there has to be (RFC 8461, 3.1); None: the domain has no MTA-STS."""
    ours = [record for record in records if record.startswith(b"v=STSv1;")]
    found = _RECORD.fullmatch(ours[0]) if len(ours) == 1 else None
    return found[1].decode() if found else None


def render_policy(policy: Policy) -> bytes:
    """The policy file; `parse_policy` reads it as the same policy."""
    lines = ["version: STSv1", f"mode: {policy.mode.value}", *(f"mx: {name}" for name in policy.mx)]
    return "".join(f"{line}\r\n" for line in [*lines, f"max_age: {policy.max_age}"]).encode()


def parse_policy(text: bytes) -> Policy:
    """A policy file. Raises BadPolicy. Of a key that is there twice the first one counts, but for `mx`."""
    values: dict[str, list[str]] = {}
    for line in text.decode("utf-8", "replace").splitlines():
        key, colon, value = line.partition(":")
        if colon:
            values.setdefault(key.strip(), []).append(value.strip())
    try:
        if values["version"][0] != "STSv1":
            raise BadPolicy("the version is not STSv1")
        mode, age = Mode(values["mode"][0]), int(values["max_age"][0])
    except (KeyError, ValueError) as error:
        raise BadPolicy(f"not a policy: {error}") from error
    mx = tuple(name.lower().removesuffix(".") for name in values.get("mx", ()))
    if age < 0 or (mode is not Mode.NONE and not mx):
        raise BadPolicy("a policy without hosts or with a negative age")
    return Policy(mode, mx, min(age, MAX_AGE))
