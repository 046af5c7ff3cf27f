# SPDX-License-Identifier: GPL-3.0-or-later
"""IMAP: Dovecot beside ours, one large mailbox a round; they are restarted, their pages dropped, before cold reads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

from bench.comparison import Round
from bench.imap.reads import READS
from bench.servers import DOMAIN, PASSWORD, Server, restart, running
from bench.servers.dovecot import Dovecot
from bench.servers.ours import Ours

from . import Lane, Plan, Sides, alternate, generate

USER = f"u%d@{DOMAIN}"


def imap(plan: Plan) -> Sides:
    """`plan.messages` are in the mailbox. Another generator is run once."""
    with ExitStack() as stack:

        def lane(server: Server) -> Lane:
            stack.enter_context(running(server))
            return _foreign(plan, server) if plan.generator else _own(plan, server)

        ours = {} if plan.only_peer else {"ours": lane(Ours(plan.folder / "ours"))}
        peer = {"peer": lane(Dovecot(plan.folder / "dovecot"))}
        return alternate(1 if plan.generator else plan.rounds, ours | peer)


def _own(plan: Plan, server: Server) -> Lane:
    def steps(number: int) -> Iterator[Round]:
        options = ["-m", "bench.imap", *_options(plan, server), "--tls-port", str(server.ports["imaps"])]
        options += ["--mailbox", f"Bench{number}"]

        def groups(names: str, *more: str) -> Round:
            title = f"{server.name}, round {number} of {plan.rounds} ({server.settings})"
            return generate(plan, title, [*options, "--groups", names, *more])

        yield groups("write")
        for read in ("select", *READS):
            restart(server)
            yield groups("cold", "--cold", read)
        yield groups("warm,change")
        restart(server)
        yield groups("idle,mixed", "--pids", str(server.pid))

    return steps


def _foreign(plan: Plan, server: Server) -> Lane:
    def steps(_: int) -> Iterator[Round]:
        program = [f"{plan.generator}/bench.py", *_options(plan, server), "--pids", str(server.pid)]
        yield generate(plan, f"{server.name} ({server.settings})", program)

    return steps


def _options(plan: Plan, server: Server) -> list[str]:
    options = ["--port", str(server.ports["imap"]), "--user", USER, "--password", PASSWORD]
    return [*options, "--messages", str(plan.messages)]
