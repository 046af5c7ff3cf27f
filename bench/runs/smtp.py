# SPDX-License-Identifier: GPL-3.0-or-later
"""Deliveries: LMTP beside Dovecot, SMTP beside Postfix's queue, signed mail beside both Postfix and dkimpy; the demo
and a server that filters, with one and two workers, beside the same peer; and one big message for ours alone."""

from __future__ import annotations

import imaplib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from bench.comparison import Round
from bench.servers import DOMAIN, PASSWORD, Server, running
from bench.servers.dovecot import Dovecot
from bench.servers.names import names, sender_zone
from bench.servers.ours import Ours
from bench.servers.pipeline import Pipeline
from bench.servers.postfix import Postfix
from bench.smtp.keys import make_key, record
from bench.smtp.loads import LOADS
from bench.smtp.mails import DOMAIN as SENDER
from bench.smtp.mails import SELECTOR

from . import Lane, Plan, Sides, alternate, generate
from .pairs import beside, together

USER = f"u%d@{DOMAIN}"
SIGNED_LOADS = ("10KB_8conn", "10KB_64conn")
DEMO = ""
FILTERING = {"filtered_": 1, "filtered_2workers_": 2}
"""What stands in the names of figures, and the number of workers. The demo is as `./run` starts it: untaught, one."""


def smtp(plan: Plan) -> Sides:
    """`plan.messages` are sent for each load. Another generator sends its own, and nothing signed or big."""
    key = plan.folder / "bench.pem"
    make_key(key)
    with ExitStack() as stack:
        port = stack.enter_context(names(sender_zone(SENDER, SELECTOR, record(key.read_bytes()))))
        ours: dict[str, Server] = {}
        if not plan.only_peer:
            ours[DEMO] = stack.enter_context(running(Ours(plan.folder / "demo")))
            for name, count in FILTERING.items():
                ours[name] = stack.enter_context(running(Pipeline(plan.folder / f"ours{count}", count, port)))
        dovecot = stack.enter_context(running(Dovecot(plan.folder / "dovecot", fsync="always")))
        postfix = stack.enter_context(running(Postfix(plan.folder / "postfix")))
        parts = [_plain(plan, "lmtp", ours, dovecot), _plain(plan, "smtp", ours, postfix)]
        if not plan.generator:
            parts.append(_signed(plan, ours, postfix, key))
            parts.append(_big(plan, ours))
        return together(parts)


def _plain(plan: Plan, protocol: str, ours: Mapping[str, Server], peer: Server) -> Sides:
    lanes = {name: _deliver(plan, server, protocol, LOADS) for name, server in ours.items()}
    found = alternate(plan.rounds, {**lanes, "peer": _deliver(plan, peer, protocol, LOADS)})
    for name in FILTERING.keys() & ours.keys():
        _must_have(ours[name], [b"X-Spam-Score: ", *([b"spf=pass", b"dmarc=pass"] if protocol == "smtp" else [])])
    return beside(found, {f"{protocol}_{name}": (name, "peer") for name in (DEMO, *FILTERING)})


def _signed(plan: Plan, ours: Mapping[str, Server], postfix: Server, key: Path) -> Sides:
    filtering = {name: ours[name] for name in FILTERING if name in ours}
    lanes = {name: _deliver(plan, server, "smtp", SIGNED_LOADS, key) for name, server in filtering.items()}
    lanes |= {"postfix": _deliver(plan, postfix, "smtp", SIGNED_LOADS, key), "dkimpy": _verify(plan, key)}
    found = alternate(plan.rounds, lanes)
    for server in filtering.values():
        _must_have(server, [b"dkim=pass", b"dmarc=pass"])
    return beside(
        found, {f"signed_{peer}_{name}": (name, peer) for peer in ("postfix", "dkimpy") for name in FILTERING}
    )


def _deliver(plan: Plan, server: Server, protocol: str, loads: Iterable[str], key: Path | None = None) -> Lane:
    options = ["--port", str(server.ports[protocol]), "--to", USER, *(["--lmtp"] if protocol == "lmtp" else [])]
    if key:
        options += ["--sign", str(key)]

    def steps(number: int) -> Iterator[Round]:
        title = f"{server.name}, {protocol}, round {number} of {plan.rounds} ({server.settings})"
        if plan.generator:
            yield generate(plan, title, [f"{plan.generator}/bench.py", *options])
            return
        for load in loads:
            program = ["-m", "bench.smtp", *options, "--messages", str(plan.messages), "--loads", load]
            yield generate(plan, title, program)

    return steps


def _verify(plan: Plan, key: Path) -> Lane:
    def steps(number: int) -> Iterator[Round]:
        for load in SIGNED_LOADS:
            program = ["-m", "bench.smtp.dkimpy", "--sign", str(key), "--messages", str(plan.messages), "--loads", load]
            yield generate(plan, f"dkimpy, round {number} of {plan.rounds} (verifies in one process)", program)

    return steps


def _big(plan: Plan, ours: Mapping[str, Server]) -> Sides:
    """With one worker: the other figure is what another client of the same process waits for."""

    def lane(server: Server) -> Lane:
        def steps(number: int) -> Iterator[Round]:
            options = ["--port", str(server.ports["smtp"]), "--imap-port", str(server.ports["imap"])]
            options += ["--user", USER % 1, "--password", PASSWORD, "--pids", str(server.pid)]
            title = f"{server.name}, one big message, round {number} of {plan.rounds}"
            yield generate(plan, title, ["-m", "bench.smtp.big", *options])

        return steps

    return alternate(plan.rounds, {"ours": lane(ours[DEMO])} if ours else {})


def _must_have(server: Server, texts: Sequence[bytes]) -> None:
    """The last message that was delivered went through all that is measured, or else AssertionError."""
    with imaplib.IMAP4("127.0.0.1", server.ports["imap"]) as connection:
        connection.login(USER % 1, PASSWORD)
        connection.select("INBOX", readonly=True)
        fetched = connection.fetch("*", "(BODY.PEEK[HEADER])")[1][0]
        assert isinstance(fetched, tuple)
        header = fetched[1]
    missing = [text for text in texts if text not in header]
    assert not missing, f"{missing} not in {header.decode()}"
    assert b"UNTAUGHT" not in header, header.decode()
