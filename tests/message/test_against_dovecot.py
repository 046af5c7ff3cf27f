# SPDX-License-Identifier: GPL-3.0-or-later
"""Every mail of both corpora beside what Dovecot tells of it: the same envelope and the same structure."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from protocols.message import scan
from tests.message.reading import MAILS, Value, read_list, read_value
from tests.support import SHARED, needs_program

IMAP = "/usr/lib/dovecot/imap"
NOBODY = 65534
"""Dovecot opens no mail as root."""

CONFIGURATION = """\
base_dir = {folder}
state_dir = {folder}
log_path = {folder}/log
mail_location = maildir:{folder}/mail
first_valid_uid = 1
mail_uid = {uid}
mail_gid = {gid}
protocols = imap
ssl = no
"""

EMPTY_ADDRESS = "Dovecot makes an address of nothing between two commas (RFC 5322, 4.4 allows that)"
INNER_LINE_END = "Dovecot counts the line end in front of a delimiter as part of the message inside (RFC 2046, 5.1.1)"
LAST_SUBJECT = "of two Subject fields Dovecot tells the last"
PIECES = "Dovecot puts pieces together (RFC 2231, 3), ours go as they were sent"
UNQUOTED = "ours takes a value with a sign or a space in it whole, though it is not quoted"
WHITE_SPACE = "Dovecot keeps the white space of a folded Date"
WRONG_ADDRESS = "a wrong address, of which ours keeps more"
WRONG_FIELD = "a broken field"
DIFFERENT = {
    "addresses_odd": WRONG_ADDRESS,
    "attachment_message_rfc822_inline_image": INNER_LINE_END,
    "attachment_with_unquoted_name": UNQUOTED,
    "bad_date_header": WHITE_SPACE,
    "bad_subject": WHITE_SPACE,
    "bare_cr": "Dovecot makes a space of a bare CR",
    "boundary_missing": "ours takes a multipart without boundary for text",
    "boundary_rfc2231": PIECES,
    "content_transfer_encoding_with_semi_colon": "ours reads over the semicolon",
    "example10": WHITE_SPACE,
    "example11": EMPTY_ADDRESS,
    "from_twice": LAST_SUBJECT,
    "japanese_attachment_long_name": PIECES,
    "missing_body": WRONG_ADDRESS,
    "missing_content_disposition": WRONG_FIELD,
    "mix_caps_content_type": WRONG_ADDRESS,
    "multiple_invalid_content_dispositions": WRONG_FIELD,
    "nested_rfc822": INNER_LINE_END,
    "nul_octets": "Dovecot puts U+FFFD in the place of NUL",
    "parameters_odd": UNQUOTED,
    "parameters_rfc2231": PIECES,
    "raw_email4": "a delimiter with a dash too few, which ours does not take for one",
    "raw_email_bad_time": UNQUOTED,
    "raw_email_multiple_from": WRONG_ADDRESS,
    "raw_email_with_at_display_name": WRONG_ADDRESS,
    "raw_email_with_binary_encoded": UNQUOTED,
    "raw_email_with_illegal_boundary": UNQUOTED,
    "raw_email_with_multipart_mixed_quoted_boundary": LAST_SUBJECT,
    "rfc9051_sections": INNER_LINE_END,
    "type_broken": WRONG_FIELD,
    "weird_to_header": EMPTY_ADDRESS,
}


def corpus() -> list[bytes]:
    """The mails that both read alike, with CRLF: Dovecot counts a bare LF as that."""
    paths = [*sorted(MAILS.glob("*.eml")), *sorted((SHARED / "corpus" / "eml").glob("*.eml"))]
    return [re.sub(rb"(?<!\r)\n", b"\r\n", path.read_bytes()) for path in paths if path.stem not in DIFFERENT]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A maildir and its configuration where another user than root can read them."""
    folder = Path(tempfile.mkdtemp(prefix="ikserver-dovecot-"))
    uid, gid = (NOBODY, NOBODY) if os.geteuid() == 0 else (os.geteuid(), os.getegid())
    (folder / "dovecot.conf").write_text(CONFIGURATION.format(folder=folder, uid=uid, gid=gid))
    for name in ("cur", "new", "tmp"):
        (folder / "mail" / name).mkdir(parents=True)
    for number, data in enumerate(corpus(), 1):
        (folder / "mail" / "cur" / f"{number:06}.M{number}.test:2,").write_bytes(data)
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, uid, gid)
    yield folder
    shutil.rmtree(folder)


def ask_dovecot(folder: Path, count: int) -> bytes:
    """One session over standard input, without a server."""
    fetches = [f"f FETCH {number} (ENVELOPE BODYSTRUCTURE)\r\n" for number in range(1, count + 1)]
    session = "".join(["s SELECT INBOX\r\n", *fetches, "l LOGOUT\r\n"]).encode()
    command = [IMAP, "-c", str(folder / "dovecot.conf")]
    environment = {"USER": "nobody", "HOME": str(folder), "PATH": os.environ["PATH"]}
    return subprocess.run(command, input=session, env=environment, capture_output=True, check=True, timeout=60).stdout


def told(answer: bytes, number: int) -> tuple[Value, Value]:
    start = re.search(rb"\* %d FETCH \((?:FLAGS \([^)]*\) )?ENVELOPE " % number, answer)
    assert start, f"no answer for message {number}"
    envelope, end = read_value(answer, start.end())
    assert answer[end : end + 15] == b" BODYSTRUCTURE "
    return envelope, read_value(answer, end + 15)[0]


@needs_program("dovecot", "dovecot-imapd")
def test_the_same_envelope_and_the_same_structure(folder: Path) -> None:
    mails = corpus()
    answer = ask_dovecot(folder, len(mails))
    for number, data in enumerate(mails, 1):
        found = scan(data)
        assert (read_list(found.envelope), read_list(found.structure)) == told(answer, number)
