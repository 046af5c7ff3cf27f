# SPDX-License-Identifier: GPL-3.0-or-later
"""What follows the path in MAIL and RCPT (RFC 5321, 4.1.2): keywords without case, values as they were sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from protocols.smtp.replies import BAD_SYNTAX, UNKNOWN_PARAMETER, Refused, Reply

_KEYWORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")
_VALUE = re.compile(r"[!-<>-~\u0080-\U0010FFFF]+")
_XTEXT = re.compile(r"(?:[!-*,-<>-~]|\+[0-9A-F]{2})+")
_SIZE = re.compile(r"[0-9]{1,20}")
_INTERVAL = re.compile(r"[1-9][0-9]{0,8}")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)
_NOTIFY = frozenset({"SUCCESS", "FAILURE", "DELAY"})


class MailParameters(NamedTuple):
    """Of MAIL. `size` (RFC 1870, 6) is 0 when not told; `body` is 7BIT, 8BITMIME (RFC 6152, 3) or BINARYMIME
    (RFC 3030, 3); `ret` FULL, HDRS or "" and `envid` as sent, in xtext (RFC 3461, 4.3 and 4.4).

    `hold_for` in seconds or `hold_until` in seconds since the epoch: a message that is to go later (RFC 4865, 3).
    """

    size: int = 0
    body: str = "7BIT"
    smtputf8: bool = False
    ret: str = ""
    envid: str = ""
    hold_for: int = 0
    hold_until: float = 0
    require_tls: bool = False
    """RFC 8689, 2."""

    def release(self, now: float) -> float:
        """When it is to go, in seconds since the epoch; 0 for at once."""
        return now + self.hold_for if self.hold_for else self.hold_until

    @property
    def hold(self) -> str:
        """How that was asked for, as reports tell it (RFC 4865, 5.1.2); "" when it was not."""
        if self.hold_for:
            return f"for;{self.hold_for}"
        return f"until;{datetime.fromtimestamp(self.hold_until, UTC):%Y-%m-%dT%H:%M:%SZ}" if self.hold_until else ""


_NOTHING_ASKED = MailParameters()


class RecipientParameters(NamedTuple):
    """Of RCPT: `notify` in upper case and `orcpt` as sent (RFC 3461, 4.1 and 4.2), "" when not given."""

    notify: str = ""
    orcpt: str = ""


def mail_parameters(text: str, *, authenticating: bool) -> MailParameters:
    """Raises Refused. `authenticating` servers take the AUTH parameter (RFC 4954, 5) and pass it over, and they alone
    hold messages (RFC 4865, 4.2)."""
    if not text:
        return _NOTHING_ASKED
    found = _split(text)
    hold_for, hold_until = 0, 0.0
    if authenticating:
        found.pop("AUTH", None)
        hold_for, hold_until = _hold(found.pop("HOLDFOR", None), found.pop("HOLDUNTIL", None))
    parameters = MailParameters(
        size=_size(found.pop("SIZE", "0")),
        body=_one_of("BODY", found.pop("BODY", "7BIT"), "7BIT", "8BITMIME", "BINARYMIME"),
        smtputf8=_flag(found, "SMTPUTF8"),
        ret=_one_of("RET", found.pop("RET"), "FULL", "HDRS") if "RET" in found else "",
        envid=_envid(found.pop("ENVID")) if "ENVID" in found else "",
        hold_for=hold_for,
        hold_until=hold_until,
        require_tls=_flag(found, "REQUIRETLS"),
    )
    _nothing_left(found)
    return parameters


def recipient_parameters(text: str) -> RecipientParameters:
    """Raises Refused."""
    found = _split(text)
    parameters = RecipientParameters(
        notify=_notify(found.pop("NOTIFY")) if "NOTIFY" in found else "",
        orcpt=_orcpt(found.pop("ORCPT")) if "ORCPT" in found else "",
    )
    _nothing_left(found)
    return parameters


def _split(text: str) -> dict[str, str]:
    """Keywords in upper case and their values; a keyword alone has the value ""."""
    found: dict[str, str] = {}
    if text and not text.startswith(" "):
        raise Refused(BAD_SYNTAX)
    for word in text.split():
        keyword, equals, value = word.partition("=")
        if not _KEYWORD.fullmatch(keyword) or (equals and not _VALUE.fullmatch(value)):
            raise Refused(BAD_SYNTAX)
        if keyword.upper() in found:
            raise _bad(f"{keyword.upper()} is there twice")
        found[keyword.upper()] = value
    return found


def _nothing_left(found: Mapping[str, str]) -> None:
    if found:
        raise Refused(UNKNOWN_PARAMETER)


def _bad(text: str) -> Refused:
    return Refused(Reply(501, "5.5.4", text))


def _flag(found: dict[str, str], keyword: str) -> bool:
    """Whether a keyword is there that takes no value."""
    if found.get(keyword):
        raise _bad(f"{keyword} takes no value")
    return found.pop(keyword, None) is not None


def _size(value: str) -> int:
    if not _SIZE.fullmatch(value):
        raise _bad("SIZE takes a number of octets")
    return int(value)


def _one_of(keyword: str, value: str, *allowed: str) -> str:
    if value.upper() not in allowed:
        raise _bad(f"{keyword} is one of {', '.join(allowed)}")
    return value.upper()


def _hold(interval: str | None, time: str | None) -> tuple[int, float]:
    if interval is not None and time is not None:
        raise _bad("HOLDFOR and HOLDUNTIL exclude each other")
    if interval is not None:
        if not _INTERVAL.fullmatch(interval):
            raise _bad("HOLDFOR takes a number of seconds")
        return int(interval), 0.0
    if time is None:
        return 0, 0.0
    try:
        return 0, datetime.fromisoformat(_TIME.fullmatch(time)[0]).timestamp()  # type: ignore[index]
    except (TypeError, ValueError) as error:
        raise _bad("HOLDUNTIL takes a time such as 2026-12-24T18:00:00Z") from error


def _envid(value: str) -> str:
    if len(value) > 100 or not _XTEXT.fullmatch(value):
        raise _bad("ENVID is at most 100 characters of xtext")
    return value


def _notify(value: str) -> str:
    words = value.upper().split(",")
    if words != ["NEVER"] and (not _NOTIFY.issuperset(words) or len(set(words)) < len(words)):
        raise _bad("NOTIFY is NEVER, or a list of SUCCESS, FAILURE and DELAY")
    return ",".join(words)


def _orcpt(value: str) -> str:
    kind, semicolon, address = value.partition(";")
    # RFC 6533, 3: of a utf-8 address the text may be sent as it is.
    encoded = _XTEXT.fullmatch(address) or (kind.lower() == "utf-8" and address)
    if len(value) > 500 or not semicolon or not _KEYWORD.fullmatch(kind) or not encoded:
        raise _bad("ORCPT is a type, a semicolon and an address in xtext")
    return value
