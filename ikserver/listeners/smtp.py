# SPDX-License-Identifier: GPL-3.0-or-later
"""SMTP and LMTP on sockets: which conversation a connection gets, how many there may be, and how they end."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Sequence

from ikserver.listeners.limits import ConnectionLimits
from ikserver.listeners.proxy import Network, ProxiedListener
from ikserver.smtp.conversation import Conversation
from ikserver.smtp.engine import Engine
from ikserver.smtp.limits import SmtpBackend, SmtpLimits
from ikserver.smtp.role import Role
from protocols.smtp.replies import SHUTTING_DOWN, TOO_MANY_CONNECTIONS, Reply

FAREWELL_SECONDS = 3.0


class SmtpListener(ProxiedListener):
    """One role on some sockets (see tcp.bind).

    `tls` is offered by STARTTLS, or spoken from the first octet with `implicit_tls`. `plaintext_login` allows AUTH
    without TLS from loopback. `connections` may be shared with other listeners. Connections from `proxies` begin with
    a PROXY header.
    """

    def __init__(
        self,
        sockets: Sequence[socket.socket],
        *,
        role: Role,
        tls: ssl.SSLContext | None,
        implicit_tls: bool,
        plaintext_login: bool,
        backend: SmtpBackend,
        limits: SmtpLimits,
        connections: ConnectionLimits,
        proxies: Sequence[Network] = (),
    ) -> None:
        super().__init__(
            role.name,
            sockets,
            self._converse,
            tls=tls if implicit_tls else None,
            farewell=self._take_leave,
            proxies=proxies,
        )
        self._role = role
        self._starttls = None if implicit_tls else tls
        self._implicit_tls = implicit_tls
        self._plaintext_login = plaintext_login
        self._backend = backend
        self._limits = limits
        self._connections = connections
        self._open: set[Engine] = set()
        self._closing = False

    def _converse(self, peer: str | None) -> Conversation:
        return Conversation(
            self._role,
            self._backend,
            self._limits,
            tls=self._starttls,
            secure=self._implicit_tls,
            plaintext_login=self._plaintext_login,
            opened=self._opened,
            ended=self._ended,
            peer=peer,
        )

    def _opened(self, conversation: Engine) -> Reply | None:
        if self._closing:
            return SHUTTING_DOWN
        if not self._connections.admit(conversation.client.peer):
            return TOO_MANY_CONNECTIONS
        self._open.add(conversation)
        return None

    def _ended(self, conversation: Engine) -> None:
        if conversation in self._open:
            self._open.remove(conversation)
            self._connections.release(conversation.client.peer)

    async def _take_leave(self) -> None:
        self._closing = True
        await asyncio.gather(*(conversation.leave(FAREWELL_SECONDS) for conversation in self._open))
