# SPDX-License-Identifier: GPL-3.0-or-later
"""Every mail of the corpora beside the parser of the standard library, which shares no code with ours."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage, Message
from email.utils import getaddresses
from pathlib import Path
from typing import Any

import pytest

from protocols.message import decode, scan, section, unpack_parts
from protocols.message.address import parse_addresses
from protocols.message.header import Header, header_end
from tests.message.reading import MAILS
from tests.support import SHARED, needs_shared

OURS = sorted(MAILS.glob("*.eml"))
THEIRS = sorted((SHARED / "corpus" / "eml").glob("*.eml"))
every_mail = pytest.mark.parametrize(
    "path", [*OURS, *(pytest.param(path, marks=needs_shared) for path in THEIRS)], ids=lambda path: path.stem
)

def leaves(message: Message[str, str]) -> list[tuple[str, bytes]]:
    found = []
    for part in message.walk():
        print(part.get_content_type(), part.is_multipart())
        if not part.is_multipart():
            found.append((part.get_content_type(), part.get_payload().encode('ascii','surrogateescape')))
    return found

@every_mail
def test_leaves(path):
    data=path.read_bytes()
    them = leaves(email.message_from_bytes(data))
    parts = unpack_parts(scan(data).parts)
    us = [(p.kind, data[p.body:p.end]) for p in parts if not p.kind.startswith('multipart/') and p.kind!='message/rfc822']
    assert us == them
