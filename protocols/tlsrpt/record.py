# SPDX-License-Identifier: GPL-3.0-or-later
"""The record by which a domain asks for reports: TXT at `_smtp._tls` (RFC 8460, 3)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import unquote

_VERSION = b"v=TLSRPTv1;"
_MAILTO = re.compile(r"mailto:([^?]+)(?:\?.*)?", re.IGNORECASE)
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+")
MAX_URIS = 5
"""So many are used of a record; nobody needs more."""


def destinations(records: Sequence[bytes]) -> tuple[str, ...]:
    """The URIs that want reports; () when the domain wants none. Only one record may have the version."""
    ours = [record for record in records if record.startswith(_VERSION)]
    if len(ours) != 1:
        return ()
    fields = (field.strip() for field in ours[0][len(_VERSION) :].decode("ascii", "replace").split(";"))
    wanted = next((field.removeprefix("rua=") for field in fields if field.startswith("rua=")), "")
    return tuple(uri for uri in map(str.strip, wanted.split(",")) if uri)[:MAX_URIS]


def mail_address(uri: str) -> str | None:
    """The address of a mailto: URI; one that needs quotes is none."""
    found = _MAILTO.fullmatch(uri)
    address = _ADDRESS.fullmatch(unquote(found[1])) if found else None
    return address[0] if address else None
