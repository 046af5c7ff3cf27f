# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts and messages that are replaced, enclosed and extracted (RFC 5703, 5 to 7 and 9)."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message as Email
from typing import Any

import pytest

from sieve import Delivery, Envelope, Message, Services, Settings, SieveRuntimeError, SieveSyntaxError, compile

MAIL = b"""\
From: Coyote <coyote@desert.example.org>
To: roadrunner@acme.example.com
Subject: a present
Date: Tue, 1 Apr 1997 09:06:31 -0800
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=A

--A
Content-Type: multipart/alternative; boundary=B

--B
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Gr=FC=DFe
--B
Content-Type: text/html

<p>Gr&uuml;&szlig;e</p>
--B--
--A
Content-Type: application/exe
Content-Disposition: attachment; filename="anvil.com"
Content-Transfer-Encoding: base64

TVr/
--A--
""".replace(b"\n", b"\r\n")


class Noon:
    def now(self) -> datetime:
        return datetime(2026, 11, 24, 12, tzinfo=UTC)


def after(script: str, mail: bytes = MAIL) -> Message:
    """The message as the script leaves it. It may use all that parts can be used with."""
    required = 'require ["foreverypart", "mime", "replace", "enclose", "extracttext", "variables", "editheader"];'
    envelope = Envelope("coyote@desert.example.org", "roadrunner@acme.example.com")
    delivery = Delivery(Message(mail), envelope, services=Services(clock=Noon()))
    compile(f"{required} {script}").run(delivery)
    return delivery.message


def read(message: Message) -> Email[str, str]:
    """As somebody else's parser reads it."""
    return message_from_bytes(message.bytes())


def types(message: Message) -> list[str]:
    assert [part.get_content_type() for part in read(message).walk()] == [part.kind.type for part in message.parts]
    return [part.kind.type for part in message.parts]


def content(part: Any) -> bytes:
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload


def test_executables_are_replaced() -> None:
    # RFC 5703, 9.1.
    message = after(
        """foreverypart {
        if anyof (
          header :mime :contenttype :is "Content-Type" "application/exe",
          header :mime :param "filename" :matches ["Content-Type", "Content-Disposition"] "*.com") {
            replace "Executable attachment removed by user filter";
        }
    }"""
    )
    assert types(message) == ["multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/plain"]
    *_, last = read(message).walk()
    assert content(last) == b"Executable attachment removed by user filter\r\n"
    assert last["content-disposition"] is None
    assert message.bytes().startswith(MAIL[: MAIL.index(b"Content-Type: application/exe")])


def test_a_multipart_is_replaced_with_all_its_parts_and_the_loop_does_not_go_into_it() -> None:
    message = after(
        """foreverypart {
        addheader :last "X-Seen" "yes";
        if header :mime :subtype "content-type" "alternative" { replace "nothing here"; }
    }"""
    )
    assert types(message) == ["multipart/mixed", "text/plain", "application/exe"]
    assert len(message.headers("x-seen")) == 3


def test_an_outer_loop_does_not_go_into_what_an_inner_one_replaced() -> None:
    message = after(
        """foreverypart { addheader :last "X-Seen" "yes";
        foreverypart { if header :mime :subtype "content-type" "alternative" { replace "nothing here"; break; } } }"""
    )
    assert len(message.headers("x-seen")) == 3


def test_a_loop_does_not_go_into_new_parts_but_a_later_one_does() -> None:
    new = "Content-Type: multipart/mixed; boundary=C\n\n--C\n\none\n--C\n\ntwo\n--C--\n"
    message = after(
        f"""foreverypart {{ addheader :last "X-First" "yes";
        if header :mime :contenttype "content-type" "application/exe" {{ replace :mime "{new}"; }} }}
        foreverypart {{ addheader :last "X-Second" "yes"; }}"""
    )
    assert (len(message.headers("x-first")), len(message.headers("x-second"))) == (5, 7)


def test_the_whole_message_keeps_its_fields_but_for_those_of_its_content() -> None:
    message = after('replace :subject "Grüße" :from "Acme <a@acme.example.com>" "nothing here";')
    mail = read(message)
    assert mail.keys() == [
        "From",
        "Subject",
        "Original-From",
        "To",
        "Original-Subject",
        "Date",
        "MIME-Version",
        "Content-Type",
        "Content-Transfer-Encoding",
    ]
    assert message.headers("subject") == ["Grüße"]
    assert message.headers("original-subject") == ["a present"]
    assert message.headers("from") == ["Acme <a@acme.example.com>"]
    assert message.headers("original-from") == ["Coyote <coyote@desert.example.org>"]
    assert message.bytes().split(b"\r\n")[1].isascii()
    assert content(mail) == b"nothing here\r\n"
    assert message.original == MAIL


def test_what_the_subject_was_stays_for_good() -> None:
    # RFC 5703, 5.
    message = after(
        'replace :subject "new" "x"; replace "y"; addheader "Original-Subject" "own"; deleteheader "original-subject";'
    )
    assert message.headers("original-subject") == ["a present"]


def test_in_a_loop_the_first_part_is_the_whole_message() -> None:
    message = after('foreverypart { replace :subject "new" "nothing here"; }')
    assert (types(message), message.headers("subject")) == (["text/plain"], ["new"])


def test_a_part_has_no_subject_and_no_author() -> None:
    message = after('foreverypart { foreverypart { replace :subject "new" :from "a@b.org" "x"; } break; }')
    assert (message.headers("subject"), message.headers("from")) == (
        ["a present"],
        ["Coyote <coyote@desert.example.org>"],
    )


def test_what_is_no_ascii_is_encoded() -> None:
    message = after('replace "Grüße";')
    assert message.bytes().isascii()
    assert content(read(message)) == "Grüße\r\n".encode()


def test_text_cannot_end_the_parts_around_it() -> None:
    message = after('foreverypart { if header :mime :type "content-type" "application" { replace "--A--\nmore"; } }')
    assert types(message) == ["multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/plain"]
    assert message.parts[-1].seen == "--A--\r\nmore\r\n"


def test_an_entity_cannot_end_the_parts_around_it() -> None:
    with pytest.raises(SieveRuntimeError, match="it holds a delimiter"):
        after('foreverypart { foreverypart { replace :mime "Content-Type: text/plain\n\n--A--\n"; } }')


def test_an_enclosed_message_keeps_its_fields() -> None:
    mail = b"Content-Type: message/rfc822\r\n\r\nSubject: inside\r\nContent-Type: text/html\r\n\r\n<p>\r\n"
    message = after('foreverypart { if header :mime "subject" "inside" { replace "x"; } }', mail)
    assert (types(message), message.parts[1].header.values("subject")) == (["message/rfc822", "text/plain"], ["inside"])


@pytest.mark.parametrize(
    ("script", "problem"),
    [
        ('replace :mime :subject "x" "y";', ":subject has no meaning beside :mime"),
        ('replace :mime :from "a@b.org" "y";', ":from has no meaning beside :mime"),
        ('replace :from "nobody" "y";', "'nobody' is no list of addresses"),
        ('extracttext "x";', "extracttext stands in a block of foreverypart"),
        ('foreverypart { extracttext :first "x" "y"; }', ":first is a number"),
        ('foreverypart { extracttext "no name"; }', "'no name'"),
    ],
)
def test_what_is_wrong_is_told_when_the_script_is_compiled(script: str, problem: str) -> None:
    with pytest.raises(SieveSyntaxError, match=problem):
        after(script)


def test_an_author_that_variables_make_wrong_is_an_error() -> None:
    with pytest.raises(SieveRuntimeError, match="'nobody' is no list of addresses"):
        after('set "x" "nobody"; replace :from "${x}" "y";')


def test_a_message_with_executables_is_enclosed() -> None:
    # RFC 5703, 9.2.
    message = after(
        """foreverypart {
        if header :mime :param "filename" :matches ["Content-Type", "Content-Disposition"] ["*.com", "*.exe"] {
            enclose :subject "Warning" text:
WARNING! The enclosed message contains executable attachments.
.
;
            break;
        }
    }"""
    )
    mail = read(message)
    assert types(message)[:4] == ["multipart/mixed", "text/plain", "message/rfc822", "multipart/mixed"]
    assert (mail["subject"], mail["from"], mail["date"]) == (
        "Warning",
        "roadrunner@acme.example.com",
        "Tue, 24 Nov 2026 12:00:00 +0000",
    )
    # RFC 5703, 11: octet for octet.
    assert MAIL in message.bytes()
    assert message.original == MAIL


def test_fields_of_the_enclosed_message_are_copied_and_its_subject_is_taken() -> None:
    message = after('enclose :headers ["From", "date", "To", "Content-Type"] "look";')
    assert [field.name for field in message.fields] == [
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "MIME-Version",
        "Content-Type",
    ]
    assert message.headers("date") == ["Tue, 1 Apr 1997 09:06:31 -0800"]
    assert message.headers("subject") == ["a present"]


def test_a_message_may_be_enclosed_twice() -> None:
    message = after('enclose :subject "one" "1"; enclose :subject "two" "2";')
    assert [part.header.values("subject") for part in message.parts if part.path in ((1, 0), (1, 0, 1, 0))] == [
        ["one"],
        ["a present"],
    ]


def test_a_loop_goes_on_in_the_message_that_came() -> None:
    script = """foreverypart {
        if header :mime :subtype "content-type" "alternative" { enclose "look"; }
        if header :mime :contenttype "content-type" "application/exe" { replace "no"; }
    }"""
    message = after(script)
    assert types(message)[2:] == [
        "message/rfc822",
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/plain",
    ]


def test_tests_see_the_new_message_and_redirect_sends_the_one_that_came() -> None:
    script = """
        require ["enclose", "copy"];
        enclose :subject "new" "look";
        if header "subject" "new" { redirect :copy "a@example.org"; }
    """
    delivery = Delivery(Message(MAIL), settings=Settings(user_email="me@example.org"))
    (action,) = compile(script).run(delivery).actions
    assert action.message is not None
    assert action.message.bytes() == MAIL
    assert delivery.message.headers("from") == ["me@example.org"]


def extracted(command: str, mail: bytes = MAIL) -> list[str]:
    """What a command puts into the variable x for each part."""
    message = after(f'foreverypart {{ {command} addheader :last "X-Text" "<${{x}}>"; }}', mail)
    return [value[1:-1].strip() for value in message.headers("x-text")]


def test_text_is_decoded_and_its_markup_left_out() -> None:
    assert extracted('extracttext "x";') == ["", "", "Grüße", "Grüße", ""]


def test_only_the_first_characters_are_taken_and_modified_afterwards() -> None:
    assert extracted('extracttext :upper :first 3 "x";') == ["", "", "GRü", "GR", ""]
    assert extracted('extracttext :length :first 3 "x";') == ["0", "0", "3", "3", "0"]


@pytest.mark.parametrize(
    "fields",
    [
        b"Content-Type: text/plain; charset=nobody-knows",
        b"Content-Type: text/plain; charset=utf-8",
        b"Content-Type: text/plain",
        b"Content-Transfer-Encoding: x-own",
    ],
)
def test_what_cannot_be_decoded_is_the_empty_string(fields: bytes) -> None:
    assert extracted('set "x" "before"; extracttext "x";', fields + b"\r\n\r\nZ\xfc\r\n") == [""]


@pytest.mark.parametrize(
    ("mail", "text"),
    [
        ("Subject: x\r\n\r\nZü", "Zü"),
        ("Content-Type: text/plain; charset=us-ascii\r\n\r\nZü", "Zü"),
        ("Content-Type: message/delivery-status\r\n\r\nAction: failed", "Action: failed"),
        ("Content-Type: text/html\r\n\r\n<b>no</b>thing<!-- more -->", "nothing"),
    ],
)
def test_what_is_text_is_taken(mail: str, text: str) -> None:
    assert extracted('extracttext "x";', mail.encode()) == [text]


def test_the_first_text_of_the_boss() -> None:
    # RFC 5703, 9.3.
    script = """
        foreverypart {
            if header :mime :type :is "Content-Type" "text" { extracttext :first 100 "msgcontent"; break; }
        }
        addheader "X-Text" "${msgcontent}";
    """
    assert after(script).headers("x-text") == ["Grüße"]
