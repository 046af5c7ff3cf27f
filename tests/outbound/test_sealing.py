# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail that we redirect tells by an ARC seal what we found when it came in; dkimpy verifies."""

from __future__ import annotations

from pathlib import Path

import dkim
import pytest

from ikserver.store.api.queue import QueuedMessage, QueuedRecipient
from tests.outbound.test_signing import Office, office
from tests.support import on_loop

RESULTS = b"Authentication-Results: mail.our.test;\r\n\tspf=pass smtp.mailfrom=ann@far.test;\r\n\tdmarc=pass"
MESSAGE = b"Received: from far.test\r\nFrom: Ann <ann@far.test>\r\nSubject: hello\r\n\r\nHello\r\n"
REDIRECTED = "SRS0=aaaaaaaa=aa=far.test=ann@our.test"


def examined(message: bytes, arc: str = "") -> bytes:
    """As it is behind port 25."""
    return RESULTS + (f";\r\n\tarc={arc}".encode() if arc else b"") + b"\r\n" + message


async def passes_on(ours: Office, body: bytes, sender: str = REDIRECTED) -> bytes:
    """What the next server gets."""
    await ours.stores.queue.put(QueuedMessage(sender, [QueuedRecipient("bob@new.test")], body))
    await ours.outbound.look()
    await ours.outbound.idle()
    return ours.there.messages[-1]


def verdict(ours: Office, message: bytes) -> str:
    """What dkimpy says of the chain."""
    records = {f"{key.name}.".encode(): key.record().encode() for key in ours.keys.of("our.test")}
    found, _, _ = dkim.arc_verify(message, dnsfunc=lambda name, **_: records[name])
    return bytes(found).decode()


@on_loop
async def test_what_is_redirected_is_sealed_with_what_was_found(tmp_path: Path) -> None:
    async with office(tmp_path) as ours:
        body = examined(MESSAGE)
        message = await passes_on(ours, body)
        assert message.startswith(b"ARC-Seal: i=1; a=rsa-sha256; cv=none;\r\n\td=our.test; s=r")
        assert message.endswith(body)
        assert b"\r\nARC-Authentication-Results: i=1; mail.our.test;\r\n\tspf=pass smtp" in message
        assert b"DKIM-Signature" not in message
        assert verdict(ours, message) == "pass"


@on_loop
async def test_a_chain_that_held_goes_on(tmp_path: Path) -> None:
    async with office(tmp_path) as ours:
        first = await passes_on(ours, examined(MESSAGE))
        second = await passes_on(ours, examined(first, "pass"))
        assert verdict(ours, second) == "pass"
        assert second.startswith(b"ARC-Seal: i=2; a=rsa-sha256; cv=pass;")


@pytest.mark.parametrize("arc", ["fail", "permerror", 'none reason="; arc=pass"'])
@on_loop
async def test_a_chain_that_did_not_hold_is_sealed_as_failed_once(tmp_path: Path, arc: str) -> None:
    """RFC 8617, 5.1.2."""
    async with office(tmp_path) as ours:
        body = examined(await passes_on(ours, examined(MESSAGE)), arc)
        failed = await passes_on(ours, body)
        assert failed.startswith(b"ARC-Seal: i=2; a=rsa-sha256; cv=fail;\r\n\td=our.test; s=r")
        assert failed.endswith(body)
        again = examined(failed, "fail")
        assert await passes_on(ours, again) == again


@on_loop
async def test_a_chain_that_cannot_be_read_is_sealed_as_failed(tmp_path: Path) -> None:
    async with office(tmp_path) as ours:
        message = await passes_on(ours, examined(b"ARC-Seal: i=1; cv=none\r\n" + MESSAGE, "fail"))
        assert message.startswith(b"ARC-Seal: i=2; a=rsa-sha256; cv=fail;")


@pytest.mark.parametrize(
    ("body", "sender"),
    [
        (MESSAGE, REDIRECTED),
        (examined(MESSAGE).replace(b"mail.our.test", b"mail.far.test"), REDIRECTED),
        (examined(MESSAGE), ""),
        (examined(MESSAGE), "ann@far.test"),
    ],
)
@on_loop
async def test_what_we_have_not_examined_or_nobody_redirects_is_not_sealed(
    tmp_path: Path, body: bytes, sender: str
) -> None:
    async with office(tmp_path) as ours:
        assert await passes_on(ours, body, sender) == body
