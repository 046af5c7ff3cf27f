# SPDX-License-Identifier: GPL-3.0-or-later
"""`ikserver demo`: a whole server on this machine, with accounts and mail to try it with."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from ikserver.app.lock import exclusive
from ikserver.cli.output import aligned, show_json
from ikserver.cli.verb import Subparsers, add_verb

if TYPE_CHECKING:
    from ikserver.app.demo import Demo

TITLES = {
    "imaps": "IMAP, TLS",
    "imap": "IMAP, STARTTLS",
    "sieve": "ManageSieve, STARTTLS",
    "submissions": "submission, TLS",
    "submission": "submission, STARTTLS",
    "smtp": "SMTP from other servers",
    "lmtp": "LMTP",
    "https": "pages, HTTPS",
    "http": "pages, from this machine",
}

HINTS = """
Try it with a mail program, such as Thunderbird: set an account up by hand with the host and ports above, user
{alice}, and accept the certificate (or import the authority).

Try it from another terminal:

  curl --cacert {demo.authority} --user {alice}:{demo.password} 'imaps://localhost:{ports[imaps]}/INBOX?ALL'
  swaks --server {demo.host}:{ports[smtp]} --from someone@example.org --to {alice}
  swaks --server {demo.host}:{ports[submission]} --tls --auth-user {alice} --auth-password {demo.password} --to {bob}
"""


def register(subparsers: Subparsers) -> None:
    """Add the verb."""
    verb = add_verb(
        subparsers,
        "demo",
        run=_run,
        help="start a server with accounts and mail to try, on ports of its own",
        example="ikserver demo --data /tmp/demo --password secret",
        json=True,
        place=False,
    )
    verb.add_argument("--data", type=Path, default=Path("var/demo"), metavar="DIR", help="where to keep it (var/demo)")
    verb.add_argument("--host", default="127.0.0.1", help="the address to listen on (127.0.0.1)")
    verb.add_argument(
        "--port-offset",
        type=int,
        default=20000,
        metavar="N",
        help="added to the standard ports (20000: IMAPS on 20993)",
    )
    verb.add_argument("--domain", default="demo.test", help="the mail domain (demo.test)")
    verb.add_argument("--password", metavar="PW", help="of all accounts (that of last time, or a random one)")
    verb.add_argument("--workers", type=int, default=1, metavar="N", help="server processes (1)")
    verb.add_argument("--no-samples", action="store_true", help="start with empty mailboxes")


def _run(args: argparse.Namespace) -> int:
    # Only the verbs that are a server wait for what a server imports.
    from ikserver.app.demo import Wanted, prepare
    from ikserver.app.process import run_server

    wanted = Wanted(
        args.data, args.host, args.port_offset, args.domain, args.password, args.workers, not args.no_samples
    )
    with exclusive(args.data):
        demo = asyncio.run(prepare(wanted))
        return run_server(demo.settings, lambda: _show_json(demo) if args.json else _show(demo))


def _show_json(demo: Demo) -> None:
    show_json(
        {
            "ready": True,
            "host": demo.host,
            "ports": demo.ports,
            "ca": str(demo.authority.absolute()),
            "password": demo.password,
            "accounts": demo.accounts,
            "domain": demo.domain,
            "url": demo.settings.web.url,
            "data": str(demo.settings.data.absolute()),
        }
    )


def _show(demo: Demo) -> None:
    rows = [(title, demo.host, str(demo.ports[name])) for name, title in TITLES.items()]
    print("\nikserver is ready. Ctrl-C stops it; the data stays.\n")
    for line in aligned([("SERVICE", "HOST", "PORT"), *rows]):
        print(f"  {line}")
    print()
    facts = [
        ("accounts", ", ".join(demo.accounts)),
        ("password", demo.password),
        ("pages", demo.settings.web.url),
        ("authority", str(demo.authority)),
        ("data", str(demo.settings.data)),
    ]
    for line in aligned(facts):
        print(f"  {line}")
    print(HINTS.format(demo=demo, alice=demo.accounts[0], bob=demo.accounts[1], ports=demo.ports), flush=True)
