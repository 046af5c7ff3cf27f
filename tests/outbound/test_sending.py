# SPDX-License-Identifier: GPL-3.0-or-later
"""What another server hears from us, and what we make of its answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from ikserver.model.mail import SpooledFile
from ikserver.store.api.queue import Claimed, QueuedRecipient, QueueState
from tests.outbound.far import ALL, CLOSE, far
from tests.outbound.post import MESSAGE, NOW, post
from tests.support import on_loop

HERE = "192.0.2.1"


@on_loop
async def test_a_message_is_sent_in_one_group_of_commands(tmp_path: Path) -> None:
    async with far() as there, post(tmp_path, {HERE: there.port}) as office:
        assert await office.sends("bob@far.test", "carol@far.test") == []
        assert there.heard == [
            "EHLO mail.example.org",
            "MAIL FROM:<alice@example.org> SIZE=27",
            "RCPT TO:<bob@far.test>",
            "RCPT TO:<carol@far.test>",
            "DATA",
            "QUIT",
        ]
        assert there.messages == [MESSAGE]


@on_loop
async def test_several_messages_share_a_connection(tmp_path: Path) -> None:
    async with far() as there, post(tmp_path, {HERE: there.port}) as office:
        await office.queue.pause("far.test")
        for _ in range(5):
            await office.sends("bob@far.test")
        await office.queue.resume("far.test")
        assert await office.works() == []
        assert (there.connections, len(there.messages)) == (1, 5)


@on_loop
async def test_wishes_for_reports_go_on_to_a_server_that_knows_them(tmp_path: Path) -> None:
    async with far() as there, post(tmp_path, {HERE: there.port}) as office:
        to = QueuedRecipient("bob@far.test", "SUCCESS,FAILURE", "rfc822;bob+2Bx@far.test")
        assert await office.sends(to, ret="HDRS", envid="QQ314+2B159") == []
        assert "MAIL FROM:<alice@example.org> SIZE=27 RET=HDRS ENVID=QQ314+2B159" in there.heard
        assert "RCPT TO:<bob@far.test> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;bob+2Bx@far.test" in there.heard


@on_loop
async def test_each_recipient_has_an_answer_of_its_own(tmp_path: Path) -> None:
    answers = {
        "RCPT TO:<grey@far.test>": "451 4.7.1 Come back later",
        "RCPT TO:<gone@far.test>": "550 5.1.1 No such user",
    }
    async with far(answers) as there, post(tmp_path, {HERE: there.port}) as office:
        left = await office.sends("bob@far.test", "grey@far.test", "gone@far.test")
        assert [(e.recipient, e.attempts, e.next_attempt, e.last_error) for e in left if e.sender] == [
            ("grey@far.test", 1, NOW + 60, "mx.far.test said: 451 4.7.1 Come back later")
        ]
        assert len(there.messages) == 1
        assert "Final-Recipient: rfc822;gone@far.test\r\nAction: failed\r\nStatus: 5.1.1\r\n" in await office.report()


@pytest.mark.parametrize("offers", [ALL, ()], ids=["pipelining", "one by one"])
@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ({"MAIL": "452 4.3.1 Disk full"}, "mx.far.test said: 452 4.3.1 Disk full"),
        ({"MAIL": "451 Not now"}, "mx.far.test said: 451 Not now"),
        ({"RCPT": "450 4.2.1 Busy"}, "mx.far.test said: 450 4.2.1 Busy"),
        ({"DATA": "451 4.3.0 Broken"}, "mx.far.test said: 451 4.3.0 Broken"),
        ({"end": "451 4.6.0 Broken"}, "mx.far.test said: 451 4.6.0 Broken"),
        ({"RCPT": "421 4.3.2 Going down"}, "mx.far.test said: 421 4.3.2 Going down"),
        ({"greeting": "421 4.3.2 Too busy"}, "mx.far.test said: 421 4.3.2 Too busy"),
        (
            {"DATA": "250 2.0.0 Nonsense"},
            "4.4.2 The connection to mx.far.test failed at DATA: DATA was answered 250 2.0.0 Nonse",
        ),
        ({"greeting": CLOSE}, "4.4.2 The connection to mx.far.test failed at the greeting: the connection was closed"),
        ({"EHLO": CLOSE}, "4.4.2 The connection to mx.far.test failed at EHLO: the connection was closed"),
        ({"MAIL": CLOSE}, "4.4.2 The connection to mx.far.test failed at MAIL: the connection was closed"),
        ({"middle": CLOSE}, "4.4.2 The connection to mx.far.test failed at the "),
        (
            {"end": CLOSE},
            "4.4.2 The connection to mx.far.test failed at the end of the message: the connection was closed",
        ),
        ({"greeting": "what"}, "4.4.2 The connection to mx.far.test failed at the greeting: not a reply"),
        (
            {"EHLO": "250-" + "x" * 9000},
            "4.4.2 The connection to mx.far.test failed at EHLO: a line of a reply",
        ),
    ],
    ids=lambda value: str(value)[:40],
)
@on_loop
async def test_what_may_pass_is_tried_again(
    tmp_path: Path, offers: tuple[str, ...], answers: dict[str, str], error: str
) -> None:
    async with far(answers, offers) as there, post(tmp_path, {HERE: there.port}) as office:
        (left,) = await office.sends("bob@far.test")
        assert left.last_error.startswith(error)
        assert (left.state, left.attempts, left.next_attempt) == (QueueState.WAITING, 1, NOW + 60)


@on_loop
async def test_a_connection_that_breaks_between_messages_is_made_again(tmp_path: Path) -> None:
    answers = {"RSET": CLOSE, "RCPT TO:<no@far.test>": "550 5.1.1 No"}
    async with far(answers, ()) as there, post(tmp_path, {HERE: there.port}) as office:
        await office.queue.pause("far.test")
        for recipient in "bob@far.test", "no@far.test", "carol@far.test":
            await office.sends(recipient, sender="")
        await office.queue.resume("far.test")
        assert await office.works() == []
        assert (there.connections, len(there.messages)) == (2, 2)


@on_loop
async def test_a_server_without_extensions_is_spoken_to_as_in_1982(tmp_path: Path) -> None:
    async with far({"EHLO": "500 5.5.1 What?"}, ()) as there, post(tmp_path, {HERE: there.port}) as office:
        assert await office.sends("bob@far.test") == []
        assert there.heard == [
            "EHLO mail.example.org",
            "HELO mail.example.org",
            "MAIL FROM:<alice@example.org>",
            "RCPT TO:<bob@far.test>",
            "DATA",
            "QUIT",
        ]


@on_loop
async def test_a_large_message_goes_from_its_file(tmp_path: Path) -> None:
    body = b"Subject: large\r\n\r\n" + b".dots begin these lines\r\n" * 40_000
    spooled = tmp_path / "large"
    spooled.write_bytes(body)
    async with far(offers=["PIPELINING"]) as there, post(tmp_path, {HERE: there.port}) as office:
        assert await office.sends("bob@far.test", body=SpooledFile(spooled, len(body))) == []
        assert there.messages == [body]


@on_loop
async def test_a_message_that_is_too_large_for_the_server_is_not_sent(tmp_path: Path) -> None:
    async with far(offers=["SIZE 20"]) as there, post(tmp_path, {HERE: there.port}) as office:
        await office.sends("bob@far.test")
        assert there.messages == []
        assert "Status: 5.3.4\r\n" in await office.report()


@on_loop
async def test_eight_bit_text_is_encoded_for_a_server_that_takes_seven(tmp_path: Path) -> None:
    body = "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nGrüße\r\n".encode()
    async with far(offers=["PIPELINING"]) as there, post(tmp_path, {HERE: there.port}) as office:
        assert await office.sends("bob@far.test", body=body, body_type="8BITMIME") == []
        assert there.messages == [
            b"Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
            b"Content-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe\r\n"
        ]


@on_loop
async def test_eight_bit_text_stays_for_a_server_that_takes_it(tmp_path: Path) -> None:
    body = "Subject: x\r\n\r\nGrüße\r\n".encode()
    async with far() as there, post(tmp_path, {HERE: there.port}) as office:
        assert await office.sends("bob@far.test", body=body, body_type="8BITMIME") == []
        assert there.messages == [body]
        assert "MAIL FROM:<alice@example.org> SIZE=23 BODY=8BITMIME" in there.heard


@on_loop
async def test_other_scripts_need_a_server_that_knows_them(tmp_path: Path) -> None:
    async with far(offers=["8BITMIME"]) as there, post(tmp_path, {HERE: there.port}) as office:
        await office.sends("bøb@far.test", smtputf8=True)
        assert there.messages == []
        report = await office.report()
        assert "Final-Recipient: utf-8;bøb@far.test\r\nAction: failed\r\nStatus: 5.6.7\r\n" in report
        assert "Content-Type: message/global-delivery-status\r\n" in report


@on_loop
async def test_a_signature_stands_in_front(tmp_path: Path) -> None:
    class Stamp:
        async def sign(self, message: Claimed, body: object) -> bytes:
            return f"X-Signed-For: {message.sender}\r\n".encode()

    async with far() as there, post(tmp_path, {HERE: there.port}, signer=Stamp()) as office:
        assert await office.sends("bob@far.test") == []
        assert there.messages == [b"X-Signed-For: alice@example.org\r\n" + MESSAGE]
