# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole server of two processes, as a browser and another mail server see it (RED-02)."""

from __future__ import annotations

import email
import email.policy
import http.client
import re
import socket
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ikserver.store.embedded.queue import open_queue
from tests.app.serving import Server, demo
from tests.spam.letters import ikserver, told
from tests.support import on_loop


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with demo(tmp_path_factory.mktemp("demo"), "--no-samples", "--workers", "2") as server:
        yield server


def asks(server: Server, path: str, host: str = "localhost", **post: str) -> tuple[int, str]:
    """Status and body, over HTTPS with the certificate looked at; `post` is a form."""
    context = ssl.create_default_context(cafile=server.told["ca"])
    place = "127.0.0.1", server.told["ports"]["https"]
    connection = http.client.HTTPSConnection(*place, context=context)
    # Where the name leads to, DNS does not know here.
    connection.sock = context.wrap_socket(socket.create_connection(place, 20), server_hostname=host)
    body = "&".join(f"{name}={value}" for name, value in post.items()) or None
    connection.request("POST" if post else "GET", path, body, {"Host": host})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


async def link(server: Server) -> str:
    """Of the only letter in the queue."""
    with ThreadPoolExecutor(1) as threads:
        queue = open_queue(Path(server.told["data"]), threads)
        (entry,) = await queue.entries()
        body = await queue.body(entry.message)
        await queue.close()
    assert isinstance(body, bytes)
    letter = email.message_from_bytes(body, policy=email.policy.default)
    found = re.search(r"(https://localhost:\d+)(/accept/\S+)", letter.get_content())
    assert found is not None
    assert found[1] == server.told["url"]
    return found[2]


def test_the_policy_of_the_domain_is_there_for_everybody(server: Server) -> None:
    status, text = asks(server, "/.well-known/mta-sts.txt", "mta-sts.demo.test")
    assert (status, text.splitlines()[:3]) == (200, ["version: STSv1", "mode: testing", "mx: mail.demo.test"])
    ikserver(server, "domain", "mta-sts", "demo.test", "enforce")
    assert "mode: enforce" in asks(server, "/.well-known/mta-sts.txt", "mta-sts.demo.test")[1]


@on_loop
async def test_who_is_asked_accepts_and_every_process_knows_it(server: Server) -> None:
    ikserver(server, "redirect", "add", "info@demo.test", "bob@far.test")
    path = await link(server)
    assert "Refuse" in asks(server, path)[1]
    assert asks(server, path, answer="accept")[0] == 303
    # The processes take turns as the kernel likes.
    for _ in range(8):
        assert "Accepted: mail for info@demo.test is sent on to bob@far.test" in asks(server, path)[1]
    (row,) = told(server, "redirect", "list")
    assert (row["targets"], row["asked"][0]["state"]) == (["bob@far.test"], "accepted")
