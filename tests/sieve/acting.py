# SPDX-License-Identifier: GPL-3.0-or-later
"""An actuator and services that remember, and scripts that are carried out over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, NamedTuple

from sieve import Delivery, Envelope, MailboxError, Message, Result, Services, compile, run_sequence

COYOTE = "coyote@desert.example.org"
ROADRUNNER = "roadrunner@acme.example.com"
ENVELOPE = Envelope(COYOTE, ROADRUNNER)

LUNCH = b"""\
From: Wile E. Coyote <coyote@desert.example.org>
To: roadrunner@acme.example.com
Subject: lunch?
Message-ID: <1@desert.example.org>
Date: Tue, 24 Nov 2026 12:00:00 +0000

At noon?
""".replace(b"\n", b"\r\n")


class Sent(NamedTuple):
    sender: str | None
    recipients: Sequence[str]
    octets: bytes

    @property
    def message(self) -> EmailMessage:
        """As somebody else's parser reads it."""
        return message_from_bytes(self.octets, policy=policy.default)


class Stored(NamedTuple):
    mailbox: str
    octets: bytes
    flags: Sequence[str]
    create: bool


@dataclass
class Actuator:
    """Mailboxes in `full` take nothing; `in_dialogue`: a message can still be refused."""

    full: Sequence[str] = ()
    in_dialogue: bool = False
    stored: list[Stored] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def store(self, mailbox: str, message: bytes, flags: Sequence[str], create: bool) -> None:
        if mailbox in self.full:
            raise MailboxError(f"{mailbox} is full")
        self.stored.append(Stored(mailbox, message, flags, create))

    def send(self, sender: str | None, recipients: Sequence[str], message: bytes) -> None:
        self.sent.append(Sent(sender, recipients, message))

    def refuse(self, reason: str) -> bool:
        if self.in_dialogue:
            self.refused.append(reason)
        return self.in_dialogue

    @property
    def mailboxes(self) -> list[str]:
        return [stored.mailbox for stored in self.stored]


class Clock:
    def now(self) -> datetime:
        return datetime(2026, 11, 24, 17, 0, tzinfo=UTC)


@dataclass
class Memory:
    """Of responses and of duplicates: what was asked for, each time for how long."""

    asked: list[tuple[str, int]] = field(default_factory=list)

    def seen(self, key: str, seconds: int, last: bool = False) -> bool:
        known = any(key == before for before, _ in self.asked)
        self.asked.append((key, seconds))
        return known


def act(
    *scripts: str, message: bytes = LUNCH, actuator: Actuator | None = None, **delivery: Any
) -> tuple[Actuator, Result]:
    """Carry out scripts, one after the other, on a message from the coyote to the roadrunner."""
    actuator = actuator or Actuator()
    arguments: dict[str, Any] = {"envelope": ENVELOPE, "services": Services(clock=Clock()), **delivery}
    arrived = Delivery(Message(message), **arguments)
    return actuator, run_sequence([compile(script) for script in scripts], arrived, actuator)


def with_fields(*fields: str) -> bytes:
    """The message to the roadrunner with more fields on top."""
    return "".join(f"{one}\r\n" for one in fields).encode() + LUNCH


AWAY = 'require "vacation"; vacation "I am away.";'


def answers(script: str = AWAY, message: bytes = LUNCH, **delivery: Any) -> list[Sent]:
    """What goes out because of a script."""
    return act(script, message=message, **delivery)[0].sent


def answer(script: str = AWAY, message: bytes = LUNCH, **delivery: Any) -> Sent:
    """The only thing that goes out."""
    (sent,) = answers(script, message, **delivery)
    return sent
