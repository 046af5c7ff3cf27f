# SPDX-License-Identifier: GPL-3.0-or-later
"""The activity log as the operator reads it."""

from __future__ import annotations

import json
import time

from ikserver.app.stores import open_stores
from ikserver.model.activity import Answer, Direction, Event, Status
from ikserver.settings import load_data
from tests.cli.terminal import Terminal
from tests.support import on_loop

NOW = int(time.time()) * 1000
HELLO = Event(
    NOW - 60_000,
    Direction.RECEIVED,
    Status.RECEIVED,
    "alice@a.test",
    "info@a.test",
    "00aa",
    sender="bounces@far.test",
    header_from="carol@far.test",
    subject="=1+1",
    size=1234,
    message_id="<1@far.test>",
    client="192.0.2.7",
    client_name="mx.far.test",
    tls=True,
    authentication="spf=pass dkim=pass",
    folder="INBOX",
)
REFUSED = Event(
    NOW,
    Direction.SENT,
    Status.BOUNCED,
    "alice@a.test",
    "dave@far.test",
    "00bb",
    sender="alice@a.test",
    message_id="<2@a.test>",
    answer=Answer(550, "5.1.1", "No such user", "mx.far.test"),
)


async def fill(terminal: Terminal) -> None:
    await terminal.run("domain add a.test")
    await terminal.run("account add alice@a.test")
    await terminal.run("alias add info@a.test alice@a.test")
    async with open_stores(load_data(terminal.data)) as stores:
        await stores.activity.record([HELLO, REFUSED])


@on_loop
async def test_the_log_is_searched(terminal: Terminal) -> None:
    """LOG-06, LOG-07, LOG-10."""
    await fill(terminal)
    await terminal.shows(
        """
        $ logs search --address info@a.test
        TIME  ...  DIRECTION  FROM  ...  TO  ...  SUBJECT  SIZE  ...  STATUS  ...  INFORMATION
        ...  sent  ...alice@a.test  ...  dave@far.test  -  ...  bounced  ...mx.far.test said: 550 5.1.1 No such user
        ...  received   carol@far.test  info@a.test  ...  =1+1  ...  1.23 kB  received  -
        $ logs search --status bounced --csv
        time,direction,from,to,subject,size,status,information
        ...,sent,alice@a.test,dave@far.test,,,bounced,It could not be delivered. The sender was told. mx...
        $ logs search --correspondent Carol@FAR.test --csv
        time,direction,from,to,subject,size,status,information
        ...,received,carol@far.test,info@a.test,'=1+1,1234,received,
        $ logs search --address bob@a.test --json
        []
        $ logs search --organisation A.test --status bounced --csv
        time,direction,from,to,subject,size,status,information
        ...,sent,alice@a.test,dave@far.test,,,bounced,...
        $ org add Other
        $ logs search --organisation Other
        ! ikserver: Other has no domains
        = 1
        $ logs search --limit 1 --csv
        time,direction,from,to,subject,size,status,information
        ...,sent,...
        ! ikserver: note: there are more than 1: say --limit N, or a shorter period
        """
    )
    assert "'lost' is none of received, filed, spam, " in await terminal.run("logs search --status lost")
    assert "'yesterday' is not a time such as " in await terminal.run("logs search --from yesterday")
    (found,) = json.loads(await terminal.run("logs search --message-id <1@far.test> --json"))
    assert (found["client"], found["tls"], found["authentication"]) == ("192.0.2.7", True, "spf=pass dkim=pass")


@on_loop
async def test_whoever_gets_an_address_later_does_not_see_its_old_log(terminal: Terminal) -> None:
    await fill(terminal)
    await terminal.shows(
        """
        $ account remove alice@a.test --yes
        $ echo new-password-here | account add alice@a.test --password-stdin
        $ logs search --address alice@a.test --json
        []
        $ logs trace <2@a.test>
        <2@a.test> (here 00bb)
          From: <alice@a.test>
          ...  bounced to dave@far.test: It could not be delivered. ...
        """
    )


@on_loop
async def test_a_message_is_traced_and_who_looked_is_known(terminal: Terminal) -> None:
    await fill(terminal)
    await terminal.shows(
        """
        $ logs trace <1@far.test>
        <1@far.test> (here 00aa)
          Subject: =1+1
          From: carol@far.test (envelope <bounces@far.test>)
          Came from: 192.0.2.7 (mx.far.test), with TLS
          Authentication: spf=pass dkim=pass
          ...  received for info@a.test (log of alice@a.test): It is in the folder INBOX.
        $ logs trace 00bb --json
        [{"time": "...", "direction": "sent", ...}]
        $ logs trace <3@far.test>
        ! ikserver: nothing is known of <3@far.test>: it never came here, or too long ago
        = 1
        $ logs search --address alice@a.test --direction received --status spam --json
        []
        $ logs looks
        TIME  ...  WHO  ...  WHAT
        ...  operator ...  the log of alice@a.test, direction received, status spam
        ...  operator ...  the trail of <3@far.test>
        ...  operator ...  the trail of 00bb
        ...  operator ...  the trail of <1@far.test>
        """
    )
