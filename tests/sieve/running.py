# SPDX-License-Identifier: GPL-3.0-or-later
"""A script and a message in, a decision out."""

from __future__ import annotations

from typing import Any

from sieve import Delivery, Message, Result, compile

MESSAGE = b"""\
From: coyote@desert.example.org
To: roadrunner@acme.example.com
Subject: I have a present for you
Date: Tue, 1 Apr 1997 09:06:31 -0800 (PST)

Look, I'm sorry about the whole anvil thing.
""".replace(b"\n", b"\r\n")
"""The message of RFC 5228, 9."""


def decide(script: str, message: bytes = MESSAGE, **delivery: Any) -> Result:
    """What the script decides; `delivery` are further arguments of Delivery."""
    return compile(script).run(Delivery(Message(message), **delivery))


def holds(test: str, message: bytes = MESSAGE, require: str = "", **delivery: Any) -> bool:
    """Is a test true? `require` names extensions, with spaces between them."""
    names = ", ".join(f'"{name}"' for name in require.split())
    script = f"{f'require [{names}];' if names else ''} if {test} {{ discard; }}"
    return not decide(script, message, **delivery).implicit_keep
