# SPDX-License-Identifier: GPL-3.0-or-later
"""APPEND and FETCH: octets in and out, sections, flags, what sets \\Seen."""

from __future__ import annotations

from base64 import encodebytes

import pytest

from ikserver.imap.backend import ImapLimits
from tests.imap_site import Site
from tests.support import on_loop

NESTED = (
    b"From: Ann <ann@demo.test>\r\n"
    b"Subject: outer\r\n"
    b"MIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="b"\r\n'
    b"\r\n"
    b"--b\r\n"
    b"Content-Type: text/plain\r\n"
    b"Content-Transfer-Encoding: quoted-printable\r\n"
    b"\r\n"
    b"caf=C3=A9\r\n"
    b"--b\r\n"
    b"Content-Type: application/octet-stream\r\n"
    b"Content-Transfer-Encoding: base64\r\n"
    b"\r\n"
    b"AAECAw==\r\n"
    b"--b\r\n"
    b"Content-Type: message/rfc822\r\n"
    b"\r\n"
    b"From: Bob <bob@demo.test>\r\n"
    b"Subject: inner\r\n"
    b"\r\n"
    b"inside\r\n"
    b"--b\r\n"
    b"Content-Type: text/plain\r\n"
    b"Content-Transfer-Encoding: x-rot13\r\n"
    b"\r\n"
    b"uryyb\r\n"
    b"--b--\r\n"
)


@on_loop
async def test_sections_of_a_nested_message(site: Site) -> None:
    await site.file(NESTED)
    ann = await site.client(mailbox="INBOX")
    await ann.says("""
        C: a1 FETCH 1 BODYSTRUCTURE
        S: * 1 FETCH (BODYSTRUCTURE (("text" "plain" ...)("application" ...)("message" "rfc822" ...) "mixed" ...))
        S: a1 OK FETCH completed
        C: a2 FETCH 1 (BODY.PEEK[1] BODY.PEEK[1.MIME])
        S: * 1 FETCH (BODY[1] {9}
        S: caf=C3=A9 BODY[1.MIME] {73}
        S: Content-Type: text/plain
        S: Content-Transfer-Encoding: quoted-printable
        S:
        S: )
        S: a2 OK FETCH completed
        C: a3 FETCH 1 (BODY.PEEK[3.HEADER] BODY.PEEK[3.TEXT] BODY.PEEK[3.1])
        S: * 1 FETCH (BODY[3.HEADER] {45}
        S: From: Bob <bob@demo.test>
        S: Subject: inner
        S:
        S:  BODY[3.TEXT] {6}
        S: inside BODY[3.1] {6}
        S: inside)
        S: a3 OK FETCH completed
        C: a4 FETCH 1 (BODY.PEEK[9] BODY.PEEK[1.HEADER] BODY.PEEK[9.MIME])
        S: * 1 FETCH (BODY[9] NIL BODY[1.HEADER] NIL BODY[9.MIME] NIL)
        S: a4 OK FETCH completed
        C: a5 FETCH 1 (BODY.PEEK[3.HEADER.FIELDS (To subject To)]<9.3> BODY.PEEK[HEADER.FIELDS.NOT (From Content-Type)])
        S: * 1 FETCH (BODY[3.HEADER.FIELDS (To subject To)]<9> {3}
        S: inn BODY[HEADER.FIELDS.NOT (From Content-Type)] {37}
        S: Subject: outer
        S: MIME-Version: 1.0
        S:
        S: )
        S: a5 OK FETCH completed
        C: a6 FETCH 1 (BODY.PEEK[]<0.4> BODY.PEEK[]<99999.4> BODY.PEEK[TEXT]<0.3>)
        S: * 1 FETCH (BODY[]<0> {4}
        S: From BODY[]<99999> {0}
        S:  BODY[TEXT]<0> {3}
        S: --b)
        S: a6 OK FETCH completed
    """)


@on_loop
async def test_binary_decodes(site: Site) -> None:
    await site.file(NESTED)
    ann = await site.client(mailbox="INBOX")
    await ann.says("""
        C: a1 FETCH 1 (BINARY.SIZE[1] BINARY.SIZE[2] BINARY.SIZE[3] BINARY.PEEK[1] BINARY.PEEK[1]<3.9> BINARY.PEEK[9])
        S: * 1 FETCH (BINARY.SIZE[1] 5 BINARY.SIZE[2] 4 BINARY.SIZE[3] 51 BINARY[1] {5}
        S: café BINARY[1]<3> {2}
        S: é BINARY[9] NIL)
        S: a1 OK FETCH completed
        C: a2 FETCH 1 BINARY.PEEK[4]
        S: a2 NO [UNKNOWN-CTE] ...
        C: a3 FETCH 1 BINARY.PEEK[2]
        S: * 1 FETCH (BINARY[2] ~{4}
    """)
    assert await ann.hears_octets(4) == b"\x00\x01\x02\x03"
    await ann.says("""
        S: )
        S: a3 OK FETCH completed""")


@on_loop
async def test_binary_decodes_large_parts_in_pieces(site: Site) -> None:
    text = b"0123456789abcdef" * 60_000
    digits = encodebytes(text).replace(b"\n", b"\r\n")
    parts = [b"Content-Transfer-Encoding: %b\r\n\r\n%b" % part for part in ((b"base64", digits), (b"x-moon", digits))]
    await site.file(
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" + b"\r\n--b\r\n".join(parts) + b"\r\n--b--\r\n"
    )
    ann = await site.client(mailbox="INBOX")
    await ann.says(f"""
        C: a1 FETCH 1 (BINARY.SIZE[1] BINARY.SIZE[9] BINARY.PEEK[9] BINARY.PEEK[1]<700001.9> BINARY.PEEK[1]<959999.99>)
        S: * 1 FETCH (BINARY.SIZE[1] 960000 BINARY.SIZE[9] 0 BINARY[9] NIL BINARY[1]<700001> {{9}}
        S: 123456789 BINARY[1]<959999> {{1}}
        S: f)
        S: a1 OK FETCH completed
        C: a2 FETCH 1 (UID BINARY.PEEK[2])
        S: a2 NO [UNKNOWN-CTE] ...
        C: a3 FETCH 1 (BINARY.PEEK[1]<960000.4> UID BINARY.PEEK[1])
        S: * 1 FETCH (BINARY[1]<960000> {{0}}
        S:  UID 1 BINARY[1] {{{len(text)}}}
    """)
    assert await ann.hears_octets(len(text)) == text
    await ann.says("""
        S: )
        S: a3 OK FETCH completed""")


@on_loop
async def test_what_sets_seen_and_what_does_not(site: Site) -> None:
    await site.file(*[b"Subject: x\r\n\r\nbody\r\n"] * 6)
    ann = await site.client(mailbox="INBOX")
    await ann.says(r"""
        C: a1 FETCH 1 (BODY.PEEK[] RFC822.HEADER ENVELOPE BODYSTRUCTURE BODY)
        S: ...
        S: a1 OK FETCH completed
        C: a2 FETCH 2 RFC822
        S: ...
        S:  FLAGS (\Seen))
        S: a2 OK FETCH completed
        C: a3 FETCH 3 RFC822.TEXT
        S: ...
        S:  FLAGS (\Seen))
        S: a3 OK FETCH completed
        C: a4 UID FETCH 4 BODY[HEADER.FIELDS (SUBJECT)]
        S: * 4 FETCH (UID 4 BODY[HEADER.FIELDS (SUBJECT)] {14}
        S: ...
        S:  FLAGS (\Seen))
        S: a4 OK FETCH completed
        C: a5 FETCH 5 BINARY[1]
        S: ...
        S:  FLAGS (\Seen))
        S: a5 OK FETCH completed
        C: a6 FETCH 1:6 (FLAGS)
        S: * 1 FETCH (FLAGS ())
        S: * 2 FETCH (FLAGS (\Seen))
        S: * 3 FETCH (FLAGS (\Seen))
        S: * 4 FETCH (FLAGS (\Seen))
        S: * 5 FETCH (FLAGS (\Seen))
        S: * 6 FETCH (FLAGS ())
        S: a6 OK FETCH completed
        C: a7 EXAMINE INBOX
        S: * OK [CLOSED] ...
        S: ...
        S: * OK [PERMANENTFLAGS ()] ...
        S: ...
        S: * OK [UNSEEN 1] ...
        S: ...
        S: a7 OK [READ-ONLY] EXAMINE completed
        C: a8 FETCH 6 BODY[TEXT]
        S: * 6 FETCH (BODY[TEXT] {6}
        S: body
        S: )
        S: a8 OK FETCH completed
        C: a9 STORE 6 FLAGS (\Seen)
        S: a9 NO [READ-ONLY] ...
        C: b1 UID MOVE 6 Trash
        S: b1 NO [READ-ONLY] ...
        C: b2 EXPUNGE
        S: b2 NO [READ-ONLY] ...
        C: b3 COPY 6 Trash
        S: b3 OK [COPYUID ... 6 1] COPY completed
    """)


@on_loop
async def test_close_of_an_examined_mailbox_expunges_nothing(site: Site) -> None:
    await site.file(*[b"Subject: x\r\n\r\nbody\r\n"] * 2)
    ann = await site.client(mailbox="INBOX")
    await ann.says(r"""
        C: a1 STORE 1 +FLAGS.SILENT (\Deleted)
        S: a1 OK STORE completed
        C: a2 UNSELECT
        S: a2 OK UNSELECT completed
        C: a3 EXAMINE INBOX
        S: ...
        S: a3 OK ...
        C: a4 CLOSE
        S: a4 OK CLOSE completed
        C: a5 SELECT INBOX
        S: ...
        S: * 2 EXISTS
        S: ...
        S: a5 OK ...
        C: a6 CLOSE
        S: a6 OK CLOSE completed
        C: a7 STATUS INBOX (MESSAGES)
        S: * STATUS INBOX (MESSAGES 1)
        S: a7 OK STATUS completed
        C: a8 CLOSE
        S: a8 BAD select a mailbox first
    """)


@on_loop
async def test_keywords_are_kept_whatever_they_are_called(site: Site) -> None:
    ann = await site.client()
    await ann.says(r"""
        C: a1 APPEND INBOX (NIL \SEEN) {14+}
        C: Subject: x
        C:
        C:
        S: a1 OK [APPENDUID ... 1] APPEND completed
        C: a2 SELECT INBOX
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft NIL)
        S: * OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft NIL \*)] ...
        S: ...
        S: a2 OK ...
        C: a3 STORE 1 +FLAGS ($Forwarded nil)
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft NIL $Forwarded)
        S: * 1 FETCH (FLAGS (\Seen $Forwarded NIL))
        S: a3 OK STORE completed
        C: a4 SEARCH KEYWORD nil UNKEYWORD other
        S: * SEARCH 1
        S: a4 OK SEARCH completed
        C: a5 COPY 1 Archive
        S: a5 OK ...
        C: a6 STORE 1 -FLAGS (NIL)
        S: * 1 FETCH (FLAGS (\Seen $Forwarded))
        S: a6 OK ...
        C: a7 STORE 1 +FLAGS (\Recent)
        S: a7 BAD ...
        C: a8 STORE 1 +FLAGS (\Nonsense)
        S: a8 BAD ...
        C: a9 SELECT Archive
        S: ...
        S: a9 OK ...
        C: b1 FETCH 1 FLAGS
        S: * 1 FETCH (FLAGS (\Seen $Forwarded NIL))
        S: b1 OK FETCH completed
        C: b2 STORE 1 FLAGS ()
        S: * 1 FETCH (FLAGS ())
        S: b2 OK STORE completed
    """)


@on_loop
async def test_append_refuses_what_it_cannot_keep(site: Site) -> None:
    ann = await site.client()
    ann.sends(b"a1 APPEND Nowhere {5+}\r\nhello\r\n")
    await ann.says("S: a1 NO [TRYCREATE] ...")
    ann.sends(b"a2 APPEND INBOX {5+}\r\nhe\0lo\r\n")
    await ann.says("S: a2 BAD ...")
    ann.sends(b"a3 APPEND INBOX (\\Foo) {5+}\r\nhello\r\n")
    await ann.says("S: a3 BAD ...")
    await ann.says("""
        C: a4 STATUS INBOX (MESSAGES)
        S: * STATUS INBOX (MESSAGES 0)
        S: a4 OK STATUS completed
        C: a5 APPEND INBOX {999999999}
        S: a5 NO [TOOBIG] ...
    """)


def binary(size: int) -> bytes:
    return (
        b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n\r\n"
        b"\x00\x01\r\n\xff%b" % bytes(size)
    )


@pytest.mark.parametrize("size", [10, 300_000])
@on_loop
async def test_a_binary_message_is_kept_in_base64(site: Site, size: int) -> None:
    """RFC 3516, 4.4."""
    ann = await site.client(mailbox="INBOX")
    body = binary(size)
    ann.sends(b"a1 APPEND INBOX ~{%d+}\r\n%b\r\n" % (len(body), body))
    await ann.says("""
        S: * 1 EXISTS
        S: * 0 RECENT
        S: a1 OK [APPENDUID ... 1] APPEND completed
        C: a2 FETCH 1 (BODY.PEEK[HEADER] BINARY.PEEK[1])
        S: * 1 FETCH (BODY[HEADER] {77}
        S: Content-Type: application/octet-stream
        S: Content-Transfer-Encoding: base64
        S:""")
    content = body.partition(b"\r\n\r\n")[2]
    await ann.says(f"S:  BINARY[1] ~{{{len(content)}}}")
    assert await ann.hears_octets(len(content)) == content
    await ann.says("""
        S: )
        S: a2 OK FETCH completed""")
    ann.sends(b"a3 APPEND INBOX ~{7+}\r\nx: \0\r\n\r\r\n")
    await ann.says("S: a3 NO [UNKNOWN-CTE] ...")
    assert list(site.backend.spool.iterdir()) == []


@on_loop
async def test_several_messages_in_one_append(site: Site) -> None:
    ann = await site.client(mailbox="INBOX")
    ann.sends(b'a1 APPEND INBOX (\\Seen) {3+}\r\none "01-Jan-2026 00:00:00 +0100" {3+}\r\ntwo {5+}\r\nthree\r\n')
    await ann.says(r"""
        S: * 3 EXISTS
        S: * 0 RECENT
        S: a1 OK [APPENDUID ... 1:3] APPEND completed
        C: a2 FETCH 1:3 (FLAGS BODY.PEEK[])
        S: * 1 FETCH (FLAGS (\Seen) BODY[] {3}
        S: one)
        S: * 2 FETCH (FLAGS () BODY[] {3}
        S: two)
        S: * 3 FETCH (FLAGS () BODY[] {5}
        S: three)
        S: a2 OK FETCH completed
        C: a3 FETCH 2 INTERNALDATE
        S: * 2 FETCH (INTERNALDATE " 1-Jan-2026 00:00:00 +0100")
        S: a3 OK FETCH completed
    """)


@on_loop
async def test_header_fields_too_long_to_be_kept_beside_the_message(site: Site) -> None:
    long = b"Subject: %b\r\nFrom: eve@demo.test\r\n\r\n" % (b"x" * 20_000)
    await site.file(b"From: ann@demo.test\r\n\r\n", long, b"\r\nno header\r\n")
    ann = await site.client(mailbox="INBOX")
    await ann.says("""
        C: a1 FETCH 1:3 BODY.PEEK[HEADER.FIELDS (FROM)]
        S: * 1 FETCH (BODY[HEADER.FIELDS (FROM)] {23}
        S: From: ann@demo.test
        S:
        S: )
        S: * 2 FETCH (BODY[HEADER.FIELDS (FROM)] {23}
        S: From: eve@demo.test
        S:
        S: )
        S: * 3 FETCH (BODY[HEADER.FIELDS (FROM)] {2}
        S:
        S: )
        S: a1 OK FETCH completed""")


@on_loop
async def test_copy_keeps_flags_and_date(site: Site) -> None:
    ann = await site.client()
    ann.sends(b'a1 APPEND INBOX (\\Flagged $x) "01-Feb-1994 10:00:00 -0330" {5+}\r\nhello\r\n')
    await ann.says(r"""
        S: a1 OK ...
        C: a2 SELECT INBOX
        S: ...
        S: a2 OK ...
        C: a3 COPY 1 Nowhere
        S: a3 NO [TRYCREATE] ...
        C: a4 COPY 1 Archive
        S: a4 OK [COPYUID ... 1 1] COPY completed
        C: a5 UID COPY 77 Archive
        S: a5 OK nothing to copy
        C: a6 MOVE 1 Archive
        S: * OK [COPYUID ... 1 2] moved
        S: * 1 EXPUNGE
        S: a6 OK MOVE completed
        C: a7 SELECT Archive
        S: ...
        S: a7 OK ...
        C: a8 FETCH 1:* (FLAGS INTERNALDATE)
        S: * 1 FETCH (FLAGS (\Flagged $x) INTERNALDATE " 1-Feb-1994 10:00:00 -0330")
        S: * 2 FETCH (FLAGS (\Flagged $x) INTERNALDATE " 1-Feb-1994 10:00:00 -0330")
        S: a8 OK FETCH completed
    """)


class TestLargeMessages:
    @pytest.fixture
    def limits(self) -> ImapLimits:
        return ImapLimits(spool_above=1000)

    @on_loop
    async def test_a_large_message_goes_through_a_file(self, site: Site) -> None:
        ann = await site.client(mailbox="INBOX")
        body = b"Subject: large\r\n\r\n" + b"0123456789abcdef" * 40_000
        ann.sends(b"a1 APPEND INBOX {%d}\r\n" % len(body))
        await ann.says("S: + ready")
        ann.sends(body + b"\r\n")
        await ann.says("""
            S: * 1 EXISTS
            S: * 0 RECENT
            S: a1 OK [APPENDUID ... 1] APPEND completed
            C: a2 FETCH 1 (UID BODY.PEEK[] FLAGS BODY.PEEK[HEADER] BODY.PEEK[]<600000.10>)""")
        await ann.says(f"S: * 1 FETCH (UID 1 BODY[] {{{len(body)}}}")
        assert await ann.hears_octets(len(body)) == body
        await ann.says(r"""
            S:  FLAGS () BODY[HEADER] {18}
            S: Subject: large
            S:
            S:  BODY[]<600000> {10}
            S: ...)
            S: a2 OK FETCH completed""")

    @on_loop
    async def test_what_is_not_kept_leaves_no_file(self, site: Site) -> None:
        ann = await site.client()
        body = b"x" * 5000
        ann.sends(b"a1 APPEND Nowhere {5000+}\r\n%b\r\n" % body)
        await ann.says("S: a1 NO [TRYCREATE] ...")
        ann.sends(b"a2 APPEND INBOX {5000+}\r\n%b\0\r\n" % body[1:])
        await ann.says("S: a2 BAD ...")
        other = await site.client()
        other.sends(b"b1 APPEND INBOX {9000+}\r\n%b" % body)
        await other.hangs_up()
        await ann.says("""
            C: a3 LOGOUT
            S: ...
            S: a3 OK ...""")
        await ann.hears_end()
        assert list(site.backend.spool.iterdir()) == []


@on_loop
async def test_messages_between_small_and_large(site: Site) -> None:
    """In rows, in files read at once, and in files read by pieces."""
    ann = await site.client(mailbox="INBOX")
    bodies = [b"Subject: s\r\n\r\n" + b"z" * size for size in (10, 100_000, 300_000, 0, 700_000)]
    for body in bodies:
        ann.sends(b"a1 APPEND INBOX {%d+}\r\n%b\r\n" % (len(body), body))
        await ann.says("""
            S: ...
            S: a1 OK ...""")
    await ann.says("C: a2 UID FETCH 1:* (BODY.PEEK[TEXT])")
    for number, body in enumerate(bodies, start=1):
        text = body.partition(b"\r\n\r\n")[2]
        await ann.says(f"S: * {number} FETCH (UID {number} BODY[TEXT] {{{len(text)}}}")
        assert await ann.hears_octets(len(text)) == text
        await ann.says("S: )")
    await ann.says("S: a2 OK FETCH completed")
