# SPDX-License-Identifier: GPL-3.0-or-later
"""The sockets of all services, bound in one go before anything is served."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from dataclasses import fields

from ikserver.listeners.tcp import bind
from ikserver.settings import Address, Listen

Sockets = Mapping[str, Sequence[socket.socket]]
"""Bound sockets by the names of `settings.listen`."""


def addresses(listen: Listen) -> Mapping[str, Sequence[Address]]:
    """The addresses of each service that is on, in the order of the settings."""
    found = {service.name: getattr(listen, service.name) for service in fields(listen)}
    return {name: addresses for name, addresses in found.items() if addresses}


def bind_all(listen: Listen, *, shared: bool) -> Sockets:
    """Bind every address, of which `shared` allows one set for each worker. Raises OSError; then none stays bound."""
    bound: dict[str, list[socket.socket]] = {}
    try:
        for name, wanted in addresses(listen).items():
            bound[name] = []
            for address in wanted:
                bound[name] += bind(address.host, address.port, shared=shared)
    except OSError:
        close_all(bound)
        raise
    return bound


def close_all(sockets: Sockets) -> None:
    """Close every one of them in this process."""
    for bound in sockets.values():
        for each in bound:
            each.close()
