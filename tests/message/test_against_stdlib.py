# SPDX-License-Identifier: GPL-3.0-or-later
"""Every mail of both corpora beside the parser of the standard library, which shares no code with ours."""

from __future__ import annotations

import email
import email.utils
import re
from collections.abc import Iterator
from contextlib import suppress
from email.header import decode_header, make_header
from email.message import Message
from pathlib import Path

import pytest

from protocols.message import UnknownEncoding, decode, normalise, scan, unpack_parts
from protocols.message.address import NO_MAILBOX, parse_addresses
from protocols.message.encodedword import header_text
from protocols.message.header import Header, header_end
from tests.message.reading import MAILS
from tests.support import SHARED, needs_shared

OURS = sorted(MAILS.glob("*.eml"))
THEIRS = sorted((SHARED / "corpus" / "eml").glob("*.eml"))

HEADER_ENDS_EARLY = "the library ends a header at the first line that is no field"
DIFFERENT = {
    "bare_cr": "the library takes a bare CR for a line end",
    "parts_empty": "the library does not see a delimiter that follows a header without empty line",
    "mbox_from_line": HEADER_ENDS_EARLY,
    "rfc822_base64": HEADER_ENDS_EARLY,
    "example13": HEADER_ENDS_EARLY,
    "raw_email_incorrect_header": HEADER_ENDS_EARLY,
}


def every_mail(**different: str) -> pytest.MarkDecorator:
    """Both corpora but for the mails named, each with the reason why the library reads it otherwise."""
    left_out = DIFFERENT | different
    return pytest.mark.parametrize(
        "path",
        [
            *(pytest.param(path, id=path.stem) for path in OURS if path.stem not in left_out),
            *(
                pytest.param(path, id=f"shared-{path.stem}", marks=needs_shared)
                for path in THEIRS
                if path.stem not in left_out
            ),
        ],
    )


def their_leaves(message: Message[str, str]) -> Iterator[tuple[str, bytes | None]]:
    """Type and decoded octets of each part that holds no others; None where the library has parsed them away."""
    payload = message.get_payload()
    kind = message.get_content_type()
    if isinstance(payload, list) and (message.get_content_maintype() == "multipart" or kind == "message/rfc822"):
        for part in payload:
            assert isinstance(part, Message)
            yield from their_leaves(part)
    elif message.get_content_maintype() == "multipart":
        yield "text/plain", None
    elif message.get_content_maintype() == "message":
        yield kind, None
    else:
        octets = message.get_payload(decode=True)
        assert isinstance(octets, bytes)
        yield kind, octets.rstrip(b"\r\n")


def our_leaves(data: bytes) -> Iterator[tuple[str, bytes]]:
    for part in unpack_parts(scan(data).parts):
        if part.kind != "message/rfc822" and not part.kind.startswith("multipart/"):
            octets = data[part.body : part.end]
            with suppress(UnknownEncoding):
                octets = decode(octets, part.encoding)
            yield part.kind, octets.rstrip(b"\r\n")


@every_mail(
    type_broken="the library does not know an encoding with a semicolon behind it",
    attachment_message_rfc822_inline_image="the library keeps white space at the end of a quoted-printable line",
)
def test_the_same_parts_with_the_same_octets(path: Path) -> None:
    data = path.read_bytes()
    theirs = list(their_leaves(email.message_from_bytes(data)))
    ours = list(our_leaves(data))
    assert [kind for kind, _ in ours] == [kind for kind, _ in theirs]
    for (_, our_octets), (_, their_octets) in zip(ours, theirs, strict=True):
        assert their_octets is None or our_octets == their_octets


def read_header(path: Path) -> tuple[Message[str, str], Header]:
    """A header by the library, which reads raw 8-bit text only with loss: so without it."""
    data = path.read_bytes()
    block = data[: header_end(data, 0, len(data))].decode("ascii", "ignore").encode()
    return email.message_from_bytes(block), Header(block)


@every_mail()
def test_the_same_fields(path: Path) -> None:
    theirs, ours = read_header(path)
    for name in ("subject", "message-id", "in-reply-to", "date", "from", "to", "x-mailer"):
        value = ours.first(name.encode())
        assert (value is None) is (theirs[name] is None)
        assert (value or b"").decode().split() == (theirs[name] or "").split()


@every_mail(
    raw_email_with_at_display_name="the library takes an @ in a display name for one in an address",
)
def test_the_same_addresses_where_the_library_finds_whole_ones(path: Path) -> None:
    theirs, ours = read_header(path)
    for name in ("from", "sender", "reply-to", "to", "cc"):
        expected = [address for _, address in email.utils.getaddresses(theirs.get_all(name, [])) if address]
        if all(re.fullmatch(r"[^@\s]+@[^@\s]+", address) for address in expected):
            found = [a for value in ours.every(name.encode()) for a in parse_addresses(value)]
            whole = [b"%b@%b" % (a.mailbox, a.host) for a in found if a.mailbox and a.host and a.mailbox != NO_MAILBOX]
            assert whole == [address.encode() for address in expected]


@every_mail(
    dates_bad="the library takes the 31st of February for a date",
    bad_date_header2="the library takes 59:10 for a time of day",
    raw_email_string_in_date_field="the library guesses",
)
def test_the_same_date(path: Path) -> None:
    theirs = email.utils.parsedate_tz(read_header(path)[0]["date"])
    assert scan(path.read_bytes()).sent == (theirs and email.utils.mktime_tz(theirs))


@every_mail(
    subject_split_character="the library decodes the halves of a character apart",
    empty_in_reply_to="the library decodes the halves of a character apart",
    bad_encoded_subject="the library gives up",
    korean_ks_c_5601="the library does not know how Windows extends the charset",
)
def test_the_same_subject(path: Path) -> None:
    theirs, ours = read_header(path)
    subject = str(make_header(decode_header(theirs["subject"]))) if theirs["subject"] else ""
    assert normalise(header_text(ours.first(b"subject") or b"")).strip() == normalise(subject).strip()
