# SPDX-License-Identifier: GPL-3.0-or-later
"""The transparency of DATA (RFC 5321, 4.5.2), in bulk: whole chunks are searched and replaced, never single lines."""

from __future__ import annotations

_DOT, _END = b"\r\n.", b"\r\n.\r\n"
_BEGINNINGS = (b"\r\n.\r", b"\r\n.", b"\r\n", b"\r")


class Unstuffer:
    """Takes what follows 354 in chunks, cut anywhere, and gives the message without its stuffed dots.

    Only <CR><LF>.<CR><LF> ends the data. No other line end does, alone or in part, so that no sender and no relay
    before us can disagree with us on where a message ends (RFC 5321, 4.1.1.4).
    """

    def __init__(self) -> None:
        # The data starts at the start of a line: as if a line end had come just before.
        self._held = b"\r\n"
        self._started = False

    def feed(self, chunk: bytes) -> tuple[bytes, bytes | None]:
        """The octets of the message that are certain by now, and what follows its end, or None before the end.

        What is given out never stops between a CR and its LF.
        """
        data = self._held + chunk
        # Most messages have no line that starts with a dot, and are searched just this once.
        dot = data.find(_DOT)
        end = data.find(_END, dot) if dot >= 0 else -1
        if end >= 0:
            self._held = b""
            return self._clean(data[: end + 2], stuffed=dot < end), data[end + 5 :]
        self._held = next((b for b in _BEGINNINGS if data.endswith(b)), b"")
        return self._clean(data[: len(data) - len(self._held)], stuffed=dot >= 0), None

    def _clean(self, data: bytes, *, stuffed: bool) -> bytes:
        if stuffed:
            data = data.replace(_DOT, b"\r\n")
        if not self._started and data:
            self._started = True
            return data[2:]
        return data


def stuff(message: bytes) -> bytes:
    """A whole message, which ends in CRLF or is empty, as it follows 354, with the end."""
    return (b"\r\n" + message).replace(b"\r\n.", b"\r\n..")[2:] + b".\r\n"
