# SPDX-License-Identifier: GPL-3.0-or-later
"""Outbound: our queue empties into smtp-sink as its relay host, and so does Postfix's; and a full one of ours."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import ExitStack

from bench.comparison import Round
from bench.figures import Figures
from bench.servers import running
from bench.servers.postfix import Postfix
from bench.servers.sink import sink
from bench.smtp.client import Sender
from bench.smtp.draining import drain
from bench.smtp.mails import mail

from . import Lane, Plan, Sides, alternate, generate

DOMAINS = {"plain": 1, "signed": 1, "domains": 100}
"""The loads, and how many domains the mail of each is for. Postfix sends to one relay host, and signs nothing."""
FULL = 100_000
CONNECTIONS = 8
POLL_SECONDS = 0.1


def outbound(plan: Plan) -> Sides:
    """`plan.messages` are in the queue for each load; the full one has 100,000, or fewer of a quick run."""
    with ExitStack() as stack:
        port = stack.enter_context(sink())
        peer = Postfix(plan.folder / "postfix", relay=port)
        stack.enter_context(running(peer))
        ours = {} if plan.only_peer else {"ours": _ours(plan, port)}
        return alternate(plan.rounds, ours | {"peer": _postfix(plan, peer)})


def _ours(plan: Plan, port: int) -> Lane:
    def steps(number: int) -> Iterator[Round]:
        for load in (*DOMAINS, "full"):
            options = ["--port", str(port), "--messages", str(plan.messages), "--loads", load]
            options += ["--full", str(min(FULL, 40 * plan.messages))]
            title = f"ikserver, outbound, round {number} of {plan.rounds} (serve, workers = 1, smarthost)"
            yield generate(plan, title, ["-m", "bench.smtp.outbound", *options])

    return steps


def _postfix(plan: Plan, server: Postfix) -> Lane:
    def steps(number: int) -> Iterator[Round]:
        for load, domains in DOMAINS.items():
            print(f"\nPostfix, outbound, round {number} of {plan.rounds} ({server.settings})", flush=True)
            _fill(server, plan.messages, domains)
            figures = Figures()
            figures.record(f"outbound_{load}", per_s=_drain(server))
            yield figures.all()
        yield {}

    return steps


def _fill(server: Postfix, messages: int, domains: int) -> None:
    """It has deferred all of them once when this returns."""

    async def send(first: int) -> None:
        sender = await Sender.connect("127.0.0.1", server.ports["smtp"], lmtp=False)
        for number in range(first, messages, CONNECTIONS):
            await sender.send("s1@example.org", f"r@far{number % domains}.test", mail(1_000, number))
        sender.close()

    async def send_all() -> None:
        await asyncio.gather(*(send(first) for first in range(CONNECTIONS)))

    server.hold()
    asyncio.run(send_all())
    while server.waiting("maildrop", "incoming", "active"):
        time.sleep(POLL_SECONDS)


def _drain(server: Postfix) -> float:
    server.unhold()
    server.flush()
    return drain(lambda: server.waiting("incoming", "active", "deferred"))
