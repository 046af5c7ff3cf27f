# SPDX-License-Identifier: GPL-3.0-or-later
"""One client from greeting to good-bye: commands, one after the other, and what is answered to each."""

from __future__ import annotations

import logging
import secrets

from ikserver.managesieve import dispatch
from ikserver.managesieve.backend import Backend, ManageSieveLimits
from ikserver.managesieve.capabilities import capability_lines
from ikserver.managesieve.errors import HangUp, Refused, refusal
from ikserver.managesieve.session import Ended, Session
from ikserver.managesieve.wire import Wire
from protocols.managesieve.commands import Command
from protocols.managesieve.errors import BadCommand, ManageSieveError
from protocols.managesieve.receiver import Problem, Response
from protocols.managesieve.responses import status

logger = logging.getLogger("ikserver.managesieve")


class Conversation:
    """Made for each connection by its listener, which awaits `run`. `plaintext_login`: passwords need no TLS."""

    def __init__(self, wire: Wire, backend: Backend, limits: ManageSieveLimits, *, plaintext_login: bool) -> None:
        self._session = Session(secrets.token_hex(4), wire, backend, limits, plaintext_login=plaintext_login)
        self._bad = 0

    async def run(self) -> None:
        """Greet, then answer until the client or the server has enough."""
        session = self._session
        # RFC 5804, 1.7: capabilities are the greeting.
        session.send(capability_lines(session) + status("OK", "ikserver ready"))
        try:
            while not session.ended:
                await self._answer()
        except Ended as ended:
            session.end(str(ended))
        except ConnectionError:
            session.ended = session.ended or "connection lost"
        except Exception as error:
            logger.error("managesieve-fault", extra={"fields": {"session": session.id}}, exc_info=error)
            session.end("an error of the server; it was logged")
        finally:
            session.sign_out()
            session.wire.close()
            logger.info("managesieve-end", extra={"fields": {"session": session.id, "reason": session.ended}})

    def end(self, reason: str) -> None:
        """Say BYE and hang up (RFC 5804, 1.2)."""
        self._session.end(reason)

    async def _answer(self) -> None:
        match await self._session.next_event():
            case Problem(error):
                self._refuse(error)
            case Response():
                raise AssertionError("nobody asked for a response")
            case command:
                await self._run(command)

    async def _run(self, command: Command) -> None:
        session = self._session
        try:
            ok = await dispatch.run(session, command)
        except (ConnectionError, Ended):
            raise
        except Exception as error:
            self._refuse(self._refusal(error))
            return
        self._bad = 0
        if not session.ended:
            session.send(status("OK", ok.text, ok.code))

    def _refusal(self, error: Exception) -> ManageSieveError:
        refused = refusal(error)
        if refused is None:
            logger.error("managesieve-fault", extra={"fields": {"session": self._session.id}}, exc_info=error)
            return Refused("an error of the server; it was logged", "TRYLATER")
        return refused

    def _refuse(self, error: ManageSieveError) -> None:
        session, limits = self._session, self._session.limits
        session.send(status("NO", str(error), error.code))
        self._bad = self._bad + 1 if isinstance(error, BadCommand) else 0
        if isinstance(error, HangUp):
            session.end(str(error))
        elif self._bad >= limits.bad_commands:
            session.end("too many commands that cannot be understood")
        elif session.failures >= limits.login_failures:
            session.end("too many failed logins")
