# SPDX-License-Identifier: GPL-3.0-or-later
"""Values as people write them in the settings: sizes, durations and addresses to listen on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from typing import NewType

Bytes = NewType("Bytes", int)
Seconds = NewType("Seconds", float)
Network = IPv4Network | IPv6Network

_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?([KMGT]?)B?", re.IGNORECASE)
_POWERS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_DURATION = re.compile(r"(\d+(?:\.\d+)?) ?(ms|s|m|h|d)")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


@dataclass(frozen=True, slots=True)
class Address:
    """Where a listener listens: an IP address or name and a port. Host None is every address of the machine."""

    host: str | None
    port: int

    def __str__(self) -> str:
        host = "*" if self.host is None else f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def size(text: str) -> Bytes:
    """Octets of "201MB", "20G" or "512"; powers of ten. Raises ValueError."""
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is not a size such as 201MB or 20G")
    return Bytes(round(float(found[1]) * _POWERS[found[2].upper()]))


def duration(text: str) -> Seconds:
    """Seconds of "5m", "30s", "250ms", "2h" or "1d". Raises ValueError."""
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is not a duration such as 30s, 5m or 2h")
    return Seconds(float(found[1]) * _UNITS[found[2]])


def address(text: str) -> Address:
    """An Address of "127.0.0.1:25", "[::1]:25", "localhost:25" or "*:25". Raises ValueError."""
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdecimal() or int(port) > 65535:
        raise ValueError(f"{text!r} is not an address such as 127.0.0.1:25, [::1]:25 or *:25")
    return Address(None if host == "*" else host.removeprefix("[").removesuffix("]"), int(port))


def show_size(octets: int) -> str:
    """The shortest text that `size` reads as `octets`."""
    for unit in "TGMK":
        if octets and octets % _POWERS[unit] == 0:
            return f"{octets // _POWERS[unit]}{unit}B"
    return f"{octets}B"


def show_duration(seconds: float) -> str:
    """The shortest text that `duration` reads as `seconds` (to the millisecond)."""
    milliseconds = round(seconds * 1000)
    for unit in "dhms":
        each = round(_UNITS[unit] * 1000)
        if milliseconds and milliseconds % each == 0:
            return f"{milliseconds // each}{unit}"
    return f"{milliseconds}ms"
