# SPDX-License-Identifier: GPL-3.0-or-later
"""What scripts decide: each action with the message as it was when it was decided, and the line that did it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from sieve.message import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """`delivers`: somebody gets the message. `responds`: it is an answer to new mail (RFC 6785, 3.11)."""

    name: ClassVar[str] = ""
    delivers: ClassVar[bool] = False
    responds: ClassVar[bool] = False

    line: int = 0
    copy: bool = False
    """With `:copy` the implicit keep stays (RFC 3894)."""
    message: Message | None = field(default=None, compare=False, repr=False)
    """None: as it is when the action is performed."""

    @property
    def cancels(self) -> bool:
        """It takes the place of the implicit keep (RFC 5228, 2.10.2)."""
        return not self.copy

    def same(self, other: Action) -> bool:
        """Both come to the same thing: one of them does."""
        return False

    def merged(self, other: Action) -> Action:
        """This one, after the same was decided again."""
        return self

    def conflict(self, other: Action) -> str | None:
        """Why it cannot go together with an action that was decided before. Asked of both."""
        return None


@dataclass(frozen=True, slots=True)
class Keep(Action):
    """RFC 5228, 4.3. `flags` None: those that the message has (RFC 5232, 2.1)."""

    name: ClassVar[str] = "keep"
    delivers: ClassVar[bool] = True

    flags: tuple[str, ...] | None = None

    @property
    def cancels(self) -> bool:
        return False

    def same(self, other: Action) -> bool:
        return isinstance(other, Keep)

    def merged(self, other: Action) -> Action:
        return other


@dataclass(frozen=True, slots=True)
class Store(Action):
    """RFC 5228, 4.1: into a mailbox. It may be asked for by its special use (RFC 8579) or identifier (RFC 9042)."""

    name: ClassVar[str] = "store"
    delivers: ClassVar[bool] = True

    mailbox: str = ""
    flags: tuple[str, ...] | None = None
    create: bool = False
    special_use: str | None = None
    mailbox_id: str | None = None

    def same(self, other: Action) -> bool:
        return isinstance(other, Store) and other._target == self._target

    @property
    def _target(self) -> tuple[str, str | None, str | None]:
        return self.mailbox, self.special_use, self.mailbox_id

    def merged(self, other: Action) -> Action:
        return other


@dataclass(frozen=True, slots=True)
class Redirect(Action):
    """RFC 5228, 4.2. `notify`, `ret` and `by_*` are asked of the next server (RFC 6009)."""

    name: ClassVar[str] = "redirect"
    delivers: ClassVar[bool] = True

    address: str = ""
    notify: str | None = None
    ret: str | None = None
    by_time: int | None = None
    by_mode: str | None = None
    by_trace: bool = False

    def same(self, other: Action) -> bool:
        return isinstance(other, Redirect) and other.address.lower() == self.address.lower()


@dataclass(frozen=True, slots=True)
class Discard(Action):
    """RFC 5228, 4.4."""

    name: ClassVar[str] = "discard"

    def same(self, other: Action) -> bool:
        return isinstance(other, Discard)


@dataclass(frozen=True, slots=True)
class Reject(Action):
    """RFC 5429, 2. `extended`: it is an ereject, which prefers the dialogue of SMTP."""

    responds: ClassVar[bool] = True

    reason: str = ""
    extended: bool = False

    @property
    def name(self) -> str:  # type: ignore[override]
        return "ereject" if self.extended else "reject"

    def conflict(self, other: Action) -> str | None:
        if isinstance(other, Reject):
            return "a message is rejected once"
        # RFC 5429, 2.4: who refuses a message does not deliver it.
        if other.delivers or isinstance(other, Vacation):
            return f"what was decided before ({other.name}, line {other.line}) cannot go together with a reject"
        return None


@dataclass(frozen=True, slots=True)
class Vacation(Action):
    """RFC 5230. `addresses` are the owner's; `seconds` the time in which nobody gets a second answer."""

    name: ClassVar[str] = "vacation"
    responds: ClassVar[bool] = True

    reason: str = ""
    subject: str | None = None
    from_: str | None = None
    addresses: tuple[str, ...] = ()
    mime: bool = False
    handle: str | None = None
    seconds: int = 0
    fcc: Store | None = None
    identity: str = ""
    """Two answers that have the same are the same answer (RFC 5230, 4.2); "" where that is for the rest to say."""

    @property
    def cancels(self) -> bool:
        return False

    def conflict(self, other: Action) -> str | None:
        if isinstance(other, Vacation):
            return "there is an answer already (vacation)"
        return "a message that is rejected is not answered" if isinstance(other, Reject) else None


@dataclass(frozen=True, slots=True)
class Notify(Action):
    """RFC 5435. `method` is a URI; `importance` 1 (high) to 3."""

    name: ClassVar[str] = "notify"

    method: str = ""
    message_text: str | None = None
    from_: str | None = None
    importance: int = 2
    options: tuple[str, ...] = ()
    fcc: Store | None = None
    values: dict[str, Any] = field(default_factory=dict, compare=False)

    @property
    def cancels(self) -> bool:
        return False

    def same(self, other: Action) -> bool:
        # RFC 5436, 2.7: nobody gets the same twice because of one message.
        return isinstance(other, Notify) and (other.method, other.message_text) == (self.method, self.message_text)
