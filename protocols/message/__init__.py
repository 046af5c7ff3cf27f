# SPDX-License-Identifier: GPL-3.0-or-later
"""A MIME message in one pass: what IMAP tells of it and where its parts lie (RFC 5322 and MIME).

Start with `scan.py`, then `structure.py`. The scanner never fails: whatever the octets are, it finds an envelope and
a structure in them. It takes linear time, and its limits (`structure.py`, `text.py`) bound what it keeps.
"""

from protocols.message.brief import Brief, brief
from protocols.message.decoding import Decoder, decoder
from protocols.message.insertion import with_fields
from protocols.message.listed import LISTED, field_selector, select_fields
from protocols.message.part import Part, pack_parts, unpack_parts
from protocols.message.scan import Scan, scan
from protocols.message.text import SearchText, normalise
from protocols.message.transfer import UnknownEncoding, decode

__all__ = [
    "LISTED",
    "Brief",
    "Decoder",
    "Part",
    "Scan",
    "SearchText",
    "UnknownEncoding",
    "brief",
    "decode",
    "decoder",
    "field_selector",
    "normalise",
    "pack_parts",
    "scan",
    "select_fields",
    "unpack_parts",
    "with_fields",
]
