# SPDX-License-Identifier: GPL-3.0-or-later
"""Replies with their enhanced codes (RFC 5321, 4.2; RFC 3463; RFC 5248), and the refusal that carries one."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply: `enhanced` is "" only where RFC 2034, 4 wants none (220 greeting, 250 of EHLO, 334, 354)."""

    code: int
    enhanced: str
    text: str

    def __str__(self) -> str:
        return f"{self.code} {self.enhanced} {self.text}" if self.enhanced else f"{self.code} {self.text}"

    @property
    def is_error(self) -> bool:
        return self.code >= 400


class Refused(Exception):
    """The command ends with `reply`; the session goes on."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(str(reply))
        self.reply = reply


_BARE = re.compile(r"(?P<code>[245]\d\d) (?:(?P<enhanced>[245]\.\d+\.\d+) )?(?P<text>.*)")
_GENERAL = {220: "", 250: "2.0.0", 421: "4.7.0", 500: "5.5.2", 501: "5.5.4", 502: "5.5.1", 503: "5.5.1"}


def parse(text: str) -> Reply:
    """A reply that was written without an enhanced code gets the general one of its kind."""
    found = _BARE.fullmatch(text)
    if found is None:
        return LOCAL_ERROR
    code = int(found["code"])
    return Reply(code, found["enhanced"] or _GENERAL.get(code, f"{code // 100}.0.0"), found["text"])


OK = Reply(250, "2.0.0", "OK")
BYE = Reply(221, "2.0.0", "Bye")
NOT_VERIFIED = Reply(252, "2.5.2", "Cannot verify; send the message and see")
HELP = Reply(214, "2.0.0", "See RFC 5321")
SENDER_OK = Reply(250, "2.1.0", "Sender OK")
RECIPIENT_OK = Reply(250, "2.1.5", "Recipient OK")
START_TLS = Reply(220, "2.0.0", "Ready to start TLS")
AUTHENTICATED = Reply(235, "2.7.0", "Authentication successful")
SEND_DATA = Reply(354, "", "End data with <CR><LF>.<CR><LF>")

LOCAL_ERROR = Reply(451, "4.3.0", "Local error; try again later")
TOO_MANY_ERRORS = Reply(421, "4.7.0", "Too many errors; closing the connection")
TOO_MANY_CONNECTIONS = Reply(421, "4.7.0", "Too many connections; try again later")
IDLE = Reply(421, "4.4.2", "Nothing was said for too long; closing the connection")
TOO_LONG_A_SESSION = Reply(421, "4.4.2", "The session lasted too long; closing the connection")
LOGIN_REVOKED = Reply(421, "4.7.0", "The login is no longer valid; closing the connection")
SHUTTING_DOWN = Reply(421, "4.3.2", "The service is shutting down; try again later")

LINE_TOO_LONG = Reply(500, "5.5.6", "Command line too long")
BAD_OCTET = Reply(500, "5.5.2", "A command holds no control characters and ends in <CR><LF>")
BAD_SYNTAX = Reply(501, "5.5.4", "Syntax error in the argument")
BAD_PATH = Reply(501, "5.1.7", "The sender must be an address in angle brackets, or <>")
HELD_TOO_MUCH = Reply(552, "5.7.16", "Your messages that wait for their time take all the room that they may")
HELD_TOO_LONG = Reply(501, "5.5.4", "The message would have to wait longer than this server holds one")
BAD_RECIPIENT = Reply(501, "5.1.3", "The recipient must be an address in angle brackets")
UTF8_NOT_ASKED = Reply(553, "5.6.7", "A non-ASCII address needs SMTPUTF8")
NOT_HERE = Reply(502, "5.5.1", "Command not available here")
HELLO_FIRST = Reply(503, "5.5.1", "Say hello first")
MAIL_FIRST = Reply(503, "5.5.1", "Need MAIL first")
RECIPIENT_FIRST = Reply(503, "5.5.1", "Need an accepted RCPT first")
NESTED_MAIL = Reply(503, "5.5.1", "A message is under way already; RSET drops it")
NOT_IN_BDAT = Reply(503, "5.5.1", "Only BDAT, RSET and QUIT may follow BDAT")
BINARY_NEEDS_BDAT = Reply(503, "5.5.1", "BINARYMIME needs BDAT")
TLS_ALREADY = Reply(503, "5.5.1", "TLS is active already")
UNKNOWN_PARAMETER = Reply(555, "5.5.4", "Parameter not recognised")

AUTH_ALREADY = Reply(503, "5.5.1", "Already authenticated")
AUTH_IN_MAIL = Reply(503, "5.5.1", "AUTH is not allowed while a message is under way")
AUTH_REQUIRED = Reply(530, "5.7.0", "Authentication required")
AUTH_NEEDS_TLS = Reply(538, "5.7.11", "Encryption required: STARTTLS first")
TLS_NEEDED = Reply(530, "5.7.10", "REQUIRETLS needs an encrypted session: STARTTLS first")
AUTH_UNKNOWN = Reply(504, "5.5.4", "Unrecognised authentication type")
AUTH_FAILED = Reply(535, "5.7.8", "Authentication credentials invalid")
AUTH_DISABLED = Reply(535, "5.7.13", "This account is disabled")
AUTH_LOCKED = Reply(454, "4.7.0", "Too many failed logins; try again later")
AUTH_CANCELLED = Reply(501, "5.7.0", "Authentication cancelled")
AUTH_MALFORMED = Reply(501, "5.5.2", "The response is not what this mechanism sends")

UNKNOWN_RECIPIENT = Reply(550, "5.1.1", "No such user here")
INACTIVE_RECIPIENT = Reply(550, "5.2.1", "Mailbox disabled")
RELAY_DENIED = Reply(550, "5.7.1", "Relay denied")
SENDER_NOT_OWNED = Reply(553, "5.7.1", "The sender must be an address of yours")
OVER_QUOTA = Reply(452, "4.2.2", "Mailbox full")
NEVER_FITS = Reply(552, "5.2.2", "The message is larger than the mailbox may become")
TOO_MANY_RECIPIENTS = Reply(452, "4.5.3", "Too many recipients; send the rest in another transaction")
TOO_LARGE = Reply(552, "5.3.4", "The message is larger than this server takes")
HEADER_TOO_LARGE = Reply(552, "5.3.4", "The header of the message is larger than this server takes")
BARE_OCTETS = Reply(550, "5.6.0", "The message has a bare CR, a bare LF or a NUL: not a valid mail")
STORAGE_FULL = Reply(452, "4.3.1", "Insufficient storage; try again later")
FILTER_DOWN = Reply(451, "4.7.1", "The spam filter does not answer; try again later")
SPAM_NOT_SENT_ON = Reply(550, "5.7.1", "The message looks like spam, which this address does not send on")
SCANNER_DOWN = Reply(451, "4.7.1", "The virus scanner does not answer; try again later")
FORWARDING_LOOP = Reply(554, "5.4.6", "This address has redirected the mail before: it goes round in circles")
LOOP = Reply(554, "5.4.6", "Too many hops: this mail goes round in circles")


def queued(queue_id: str) -> Reply:
    """The 250 that takes responsibility (RFC 5321, 6.1)."""
    return Reply(250, "2.0.0", f"Accepted as {queue_id}")


def malware(name: str) -> Reply:
    """RFC 3463, 3.8: refused by policy."""
    return Reply(550, "5.7.1", f"The message holds malware: {name}")


def refused_by_script(reason: str) -> Reply:
    """RFC 5429, 2.1.1: the words of a script that does not take the message, on one line."""
    return Reply(550, "5.7.1", " ".join(reason.split())[:400] or "The recipient does not take the message")


def sending_limit(text: str) -> Reply:
    """Too many recipients in too short a time: later they are taken."""
    return Reply(450, "4.7.1", text)


def chunk_received(octets: int) -> Reply:
    """RFC 3030, 2: the answer to a BDAT that is not the last."""
    return Reply(250, "2.0.0", f"{octets} octets received")
