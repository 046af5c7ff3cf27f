# SPDX-License-Identifier: GPL-3.0-or-later
"""Feeds a receiver and tells what came out."""

from __future__ import annotations

from collections.abc import Iterable

from protocols.imap.commands import Command
from protocols.imap.receiver import Event, Limits, Problem, Receiver


class MemorySpool:
    """A spool that can be looked into; every one that a receiver asked for is in `made`."""

    def __init__(self) -> None:
        self.data = b""
        self.discarded = False

    @property
    def size(self) -> int:
        return len(self.data)

    def write(self, data: bytes) -> None:
        self.data += data

    def discard(self) -> None:
        self.discarded = True


class Spools:
    """The factory that a receiver is given."""

    def __init__(self) -> None:
        self.made: list[MemorySpool] = []

    def __call__(self) -> MemorySpool:
        self.made.append(MemorySpool())
        return self.made[-1]


def pending(receiver: Receiver) -> list[Event]:
    """All events that the receiver has now."""
    found = []
    while (event := receiver.next_event()) is not None:
        found.append(event)
    return found


def events(*pieces: bytes, limits: Limits | None = None, utf8: bool = False) -> list[Event]:
    """The events of a connection on which these pieces arrive one after another."""
    receiver = Receiver(Spools(), limits)
    if utf8:
        receiver.utf8_enabled()
    return list(_of_pieces(receiver, pieces))


def _of_pieces(receiver: Receiver, pieces: Iterable[bytes]) -> Iterable[Event]:
    for piece in pieces:
        receiver.feed(piece)
        yield from pending(receiver)


def command(line: bytes, *, utf8: bool = False) -> Command:
    """The one command that this line is; the tag `a` and the line end are added."""
    (event,) = events(b"a " + line + b"\r\n", utf8=utf8)
    assert isinstance(event, Command), event
    return event


def refusal(line: bytes) -> str:
    """What the one refusal of this line says; the tag `a` and the line end are added."""
    (event,) = events(b"a " + line + b"\r\n")
    assert isinstance(event, Problem), event
    assert event.tag == "a"
    assert not event.fatal
    return f"{event.error.status} {event.error}"
