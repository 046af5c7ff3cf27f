# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages on their way into the database, with the files of their bodies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from ikserver.model.mail import Body


class _HasBody(Protocol):
    @property
    def body(self) -> Body: ...


M = TypeVar("M", bound=_HasBody)


@dataclass(frozen=True, slots=True)
class Kept(Generic[M]):
    """A message whose body, when large, is durable already in the file `file`."""

    message: M
    file: str | None = None

    @property
    def size(self) -> int:
        body = self.message.body
        return len(body) if isinstance(body, bytes) else body.size

    @property
    def content(self) -> Body | None:
        """What goes into the row."""
        return self.message.body if self.file is None else None
