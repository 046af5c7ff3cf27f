# SPDX-License-Identifier: GPL-3.0-or-later
"""The runs: start a server, load it, stop it; first the peer, then ours, never both at once."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .figures import Figure, read
from .imap.reads import READS
from .servers import DOMAIN, PASSWORD, Server, restart, running
from .servers.dovecot import Dovecot
from .servers.ours import Ours
from .servers.postfix import Postfix

USER = f"u%d@{DOMAIN}"


@dataclass(frozen=True, slots=True)
class Plan:
    """`folder` is scratch space; `generator` is a folder with another bench.py to use in place of ours."""

    folder: Path
    messages: int
    generator: Path | None
    only_peer: bool


def imap(plan: Plan) -> dict[str, dict[str, Figure]]:
    """Dovecot against ours; with our own generator each is restarted, its pages dropped, before every cold read."""
    sides: dict[str, Callable[[], Server]] = {"peer": lambda: Dovecot(plan.folder / "dovecot")}
    if not plan.only_peer:
        sides["ours"] = lambda: Ours(plan.folder / "ours")
    return {side: _imap(plan, make()) for side, make in sides.items()}


def _imap(plan: Plan, server: Server) -> dict[str, Figure]:
    with running(server):
        options = ["--port", str(server.ports["imap"]), "--user", USER, "--password", PASSWORD]
        options += ["--messages", str(plan.messages)]
        if plan.generator:
            return generate(plan, server, [str(plan.generator / "bench.py"), *options, "--pids", str(server.pid)])
        options = ["-m", "bench.imap", *options, "--tls-port", str(server.ports["imaps"])]
        figures = generate(plan, server, [*options, "--groups", "write"])
        cold: dict[str, Figure] = {}
        for name in ("select", *READS):
            restart(server)
            cold |= generate(plan, server, [*options, "--groups", "cold", "--cold", name])
        figures |= generate(plan, server, [*options, "--groups", "warm,change"])
        restart(server)
        figures |= generate(plan, server, [*options, "--groups", "idle,mixed", "--pids", str(server.pid)])
        return {name: figure | cold.get(name, {}) for name, figure in figures.items()}


def smtp(plan: Plan) -> dict[str, dict[str, Figure]]:
    """LMTP against Dovecot, SMTP against Postfix, and one big message for ours alone."""
    peer = _deliver(plan, Dovecot(plan.folder / "dovecot"), "lmtp") | _deliver(
        plan, Postfix(plan.folder / "postfix"), "smtp"
    )
    if plan.only_peer:
        return {"peer": peer}
    ours = _deliver(plan, Ours(plan.folder / "lmtp"), "lmtp") | _deliver(plan, Ours(plan.folder / "smtp"), "smtp")
    return {"peer": peer, "ours": ours | _big(plan, Ours(plan.folder / "big"))}


def _deliver(plan: Plan, server: Server, protocol: str) -> dict[str, Figure]:
    program = [str(plan.generator / "bench.py")] if plan.generator else ["-m", "bench.smtp"]
    with running(server):
        options = ["--port", str(server.ports[protocol]), "--to", USER, *(["--lmtp"] if protocol == "lmtp" else [])]
        figures = generate(plan, server, [*program, *options])
    return {f"{protocol}_{name}": figure for name, figure in figures.items()}


def _big(plan: Plan, server: Server) -> dict[str, Figure]:
    with running(server):
        options = ["--port", str(server.ports["smtp"]), "--imap-port", str(server.ports["imap"])]
        options += ["--user", USER % 1, "--password", PASSWORD, "--pids", str(server.pid)]
        return generate(plan, server, ["-m", "bench.smtp.big", *options])


def generate(plan: Plan, server: Server, command: list[str]) -> dict[str, Figure]:
    """Run a load generator, which prints as it goes, and return its figures."""
    print(f"\n{server.name} ({server.settings})", flush=True)
    result = plan.folder / "figures.json"
    result.unlink(missing_ok=True)
    subprocess.run([sys.executable, *command, "--json", result], check=True)
    return read(result)


def save(folder: Path, kind: str, sides: dict[str, dict[str, Figure]]) -> None:
    """Write KIND-ours.json and KIND-peer.json."""
    folder.mkdir(exist_ok=True)
    for side, figures in sides.items():
        (folder / f"{kind}-{side}.json").write_text(json.dumps({"figures": figures}, indent=1) + "\n")
