# SPDX-License-Identifier: GPL-3.0-or-later
"""A Sieve engine (RFC 5228): text and values in, decisions out; no files, no sockets, no clock of its own."""

from __future__ import annotations

from sieve.delivery import Delivery, Envelope
from sieve.errors import MailboxError, SieveError, SieveRuntimeError, SieveSyntaxError
from sieve.message import Message
from sieve.registry import MATCH_TAGS, NUMBER, STRING, STRING_LIST, Arg, Command, Extension, Registry, Tag, Test
from sieve.result import Result
from sieve.running import execute, run_sequence
from sieve.script import Script, compile
from sieve.services import Services
from sieve.settings import Settings

__all__ = [
    "MATCH_TAGS",
    "NUMBER",
    "STRING",
    "STRING_LIST",
    "Arg",
    "Command",
    "Delivery",
    "Envelope",
    "Extension",
    "MailboxError",
    "Message",
    "Registry",
    "Result",
    "Script",
    "Services",
    "Settings",
    "SieveError",
    "SieveRuntimeError",
    "SieveSyntaxError",
    "Tag",
    "Test",
    "compile",
    "execute",
    "run_sequence",
]
