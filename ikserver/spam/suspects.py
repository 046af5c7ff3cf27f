# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom a report may put on a list (SPM-07): never one of us, a mailing list, or somebody whose name was forged."""

from __future__ import annotations

import re
from collections.abc import Collection

from ikserver.accounts.names import canonical, split_detail
from protocols.message import brief
from protocols.message.header import Header, header_end

_POST = re.compile(rb"<mailto:([^>?]+)")
_LIST_ID = re.compile(rb"<([^<>\s]+)>\s*\Z")
_DMARC_FAILED = re.compile(rb"\bdmarc=fail\b")


def listable(octets: bytes, own: Collection[str], domains: Collection[str]) -> str | None:
    """The author of a message as a line of a list, None if he is to be on none.

    `own` are the addresses of the mailbox, `domains` those of its organisation.
    """
    header = Header(octets[: header_end(octets, 0, len(octets))])
    author = canonical(brief(octets).author)
    domain = author.rpartition("@")[2]
    if not author or header.first(b"return-path") == b"<>":
        return None
    if split_detail(author)[0] in own or domain in domains:
        return None
    if author in _list_addresses(header) or _is_forged(header):
        return None
    return author


def _list_addresses(header: Header) -> set[str]:
    """RFC 2369, 3.4 and RFC 2919, 2: where a list is written to, said or derived from its name."""
    found = {canonical(post.decode("ascii", "replace")) for post in _POST.findall(header.first(b"list-post") or b"")}
    name = _LIST_ID.search(header.first(b"list-id") or b"")
    if name is not None:
        found.add(canonical(name[1].decode("ascii", "replace").replace(".", "@", 1)))
    return found


def _is_forged(header: Header) -> bool:
    """By the results that we wrote: others' of our name are taken out at arrival, and ours is the first."""
    return bool(_DMARC_FAILED.search(header.first(b"authentication-results") or b""))
