# SPDX-License-Identifier: GPL-3.0-or-later
"""Sieve scripts decide where mail goes."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ikserver.model.mail import SpooledFile
from ikserver.model.scripts import Moment
from ikserver.model.spam import Listed, Side
from tests.delivery.scripted import MESSAGE, Home, home
from tests.support import on_loop

SRS = "=far.test=eve@example.org"


@on_loop
async def test_without_a_script_mail_is_in_the_inbox(tmp_path: Path) -> None:
    async with home(tmp_path) as ours:
        assert await ours.deliver() == [""]
        assert await ours.folders() == {"INBOX": 1}
        assert await ours.told() == [("received", "INBOX", "", "")]


@on_loop
async def test_a_rule_files_and_the_log_has_its_name_and_line(tmp_path: Path) -> None:
    async with home(tmp_path) as ours:
        await ours.script(
            'require "fileinto";\n# rule:[Invoices]\n'
            'if header :contains "subject" "invoice" {\n  fileinto "Archive";\n}\n'
        )
        assert await ours.deliver() == [""]
        assert await ours.folders() == {"Archive": 1}
        assert await ours.told() == [("filed", "Archive", "", "Invoices (main, line 4)")]


@on_loop
async def test_two_folders_and_the_inbox_get_a_copy_each(tmp_path: Path) -> None:
    async with home(tmp_path) as ours:
        await ours.script('require ["fileinto", "copy"]; fileinto :copy "Archive"; fileinto :copy "Drafts";')
        await ours.deliver()
        assert await ours.folders() == {"Archive": 1, "Drafts": 1, "INBOX": 1}
        assert [(status, folder) for status, folder, *_ in await ours.told()] == [
            ("filed", "Archive"),
            ("filed", "Drafts"),
            ("received", "INBOX"),
        ]


@on_loop
async def test_a_folder_that_is_not_there_is_no_reason_to_lose_mail(tmp_path: Path) -> None:
    async with home(tmp_path) as ours:
        await ours.script('require "fileinto"; fileinto "Nowhere";')
        await ours.deliver()
        await ours.deliver()
        inbox = await ours.messages()
        assert [b"Invoice 17" in octets for octets in inbox] == [True, False, True]
        assert b"there is no folder Nowhere" in inbox[1]


@on_loop
async def test_what_is_discarded_is_in_the_log_only(tmp_path: Path) -> None:
    async with home(tmp_path) as ours:
        await ours.script("# rule:[Away with it]\ndiscard;")
        assert await ours.deliver() == [""]
        assert await ours.folders() == {}
        assert await ours.told() == [("discarded", "", "", "Away with it (main, line 2)")]


@on_loop
async def test_redirected_mail_goes_through_the_queue_with_a_way_back(tmp_path: Path) -> None:
    async with home(tmp_path) as ours:
        await ours.script('redirect "bob@else.test";')
        await ours.deliver()
        assert await ours.folders() == {}
        ((sender, recipient),) = await ours.queued()
        assert sender.startswith("SRS0=")
        assert sender.endswith(SRS)
        assert recipient == "bob@else.test"
        (sent,) = await ours.sent()
        assert sent == b"Delivered-To: ann@example.org\r\nX-Sieve-Redirected-From: ann@example.org\r\n" + MESSAGE
        assert await ours.told() == [("redirected", "", "bob@else.test", "main, line 1")]


@on_loop
async def test_the_same_message_is_redirected_once(tmp_path: Path) -> None:
    async with home(tmp_path) as ours:
        await ours.script('redirect "bob@else.test";')
        await ours.deliver(id="first")
        await ours.deliver(id="second")
        assert len(await ours.queued()) == 1
        assert [status for status, *_ in await ours.told()] == ["redirected", "discarded"]


@on_loop
async def test_a_redirection_to_one_of_ours_ends_in_that_mailbox(tmp_path: Path) -> None:
    async with home(tmp_path) as ours:
        await ours.script('redirect "bob@example.org";')
        await ours.script('redirect "ann@example.org";', ours.bob)
        await ours.deliver()
        while await ours.retry.look():
            pass
        assert await ours.queued() == []
        # It has come round: whoever sees it again keeps it.
        assert (await ours.folders(), await ours.folders(ours.bob)) == ({"INBOX": 1}, {})


@on_loop
async def test_a_stranger_is_answered_once(tmp_path: Path) -> None:
    async with home(tmp_path) as ours:
        await ours.script('require "vacation"; vacation :subject "Away" "I am on holiday.";')
        await ours.deliver()
        await ours.deliver()
        assert await ours.folders() == {"INBOX": 2}
        assert await ours.queued() == [("", "eve@far.test")]
        (reply,) = await ours.sent()
        assert b"Auto-Submitted: auto-replied\r\n" in reply
        assert b"In-Reply-To: <17@far.test>\r\n" in reply
        statuses = [status for status, *_ in await ours.told()]
        assert statuses == ["received", "auto-reply", "received"]


@pytest.mark.parametrize("each", [True, False])
@on_loop
async def test_a_single_recipient_refuses_in_the_dialogue(tmp_path: Path, each: bool) -> None:
    async with home(tmp_path) as ours:
        await ours.script('require "reject"; reject "No, thank you.";')
        assert await ours.deliver(each=each) == ["No, thank you."]
        assert await ours.folders() == {}
        assert await ours.queued() == []


@on_loop
async def test_one_of_two_recipients_refuses_by_letter(tmp_path: Path) -> None:
    async with home(tmp_path) as ours:
        await ours.script('require "reject"; reject "No, thank you.";')
        assert await ours.deliver(MESSAGE, "ann@example.org", "bob@example.org", each=False) == [""]
        assert (await ours.folders(), await ours.folders(ours.bob)) == ({}, {"INBOX": 1})
        assert await ours.queued() == [("", "eve@far.test")]
        assert await ours.told() == [("rejected", "", "eve@far.test", "main, line 1")]


@on_loop
async def test_a_report_that_is_refused_is_in_the_log(tmp_path: Path) -> None:
    async with home(tmp_path) as ours:
        await ours.script('require "reject"; reject "No, thank you.";')
        await ours.deliver(MESSAGE, "ann@example.org", "bob@example.org", each=False, sender="")
        assert await ours.queued() == []
        assert await ours.told() == [("discarded", "", "", "main, line 1")]


@on_loop
async def test_in_lmtp_each_recipient_refuses_for_itself(tmp_path: Path) -> None:
    async with home(tmp_path) as ours:
        await ours.script('require "reject"; reject "No, thank you.";')
        assert await ours.deliver(MESSAGE, "bob@example.org", "ann@example.org") == ["", "No, thank you."]


@on_loop
async def test_a_script_that_fails_keeps_the_mail_and_its_owner_is_told_once_a_day(
    tmp_path: Path,
) -> None:
    async with home(tmp_path) as ours:
        await ours.script('require "variables";\nset "to" "nobody";\nredirect "${to}";')
        await ours.deliver()
        await ours.deliver()
        inbox = await ours.messages()
        assert [b"Invoice 17" in octets for octets in inbox] == [True, False, True]
        assert b"line 3" in inbox[1]


@on_loop
async def test_a_script_that_cannot_be_compiled_is_as_good_as_none(tmp_path: Path) -> None:
    async with home(tmp_path) as ours:
        await ours.script('fileinto "Archive"')
        await ours.deliver()
        inbox = await ours.messages()
        assert [b"Invoice 17" in octets for octets in inbox] == [True, False]
        assert b"main:1:" in inbox[1]


async def globally(ours: Home, name: str, moment: Moment, text: str) -> None:
    organisation = await ours.stores.directory.organisations.of_account(ours.ann.id)
    await ours.stores.global_scripts.put(organisation.id, name, text.encode(), moment)


@on_loop
async def test_the_organisation_has_the_first_word_and_the_last(tmp_path: Path) -> None:
    async with home(tmp_path) as ours:
        await globally(
            ours, "first", Moment.BEFORE, 'require "fileinto"; if header "subject" "A" { fileinto "Archive"; }'
        )
        await globally(ours, "last", Moment.AFTER, 'require "fileinto"; if header "subject" "C" { fileinto "Trash"; }')
        await ours.script('require "fileinto"; if header "subject" ["A", "B"] { fileinto "Drafts"; }')
        for subject in (b"A", b"B", b"C", b"D"):
            await ours.deliver(MESSAGE.replace(b"Invoice 17", subject))
        assert await ours.folders() == {"Archive": 1, "Drafts": 1, "INBOX": 1, "Trash": 1}


@on_loop
async def test_scripts_include_those_of_the_address_and_of_the_organisation(tmp_path: Path) -> None:
    async with home(tmp_path) as ours:
        await globally(ours, "shared", Moment.INCLUDED, 'require "fileinto"; fileinto "Archive";')
        scripts = (await ours.stores.mail.mail(ours.ann.id)).scripts
        await scripts.put("mine", b'require "include"; include :global "shared";')
        await ours.script('require "include"; include "mine";')
        await ours.deliver()
        await scripts.put("mine", b"discard;")
        await ours.deliver()
        assert await ours.folders() == {"Archive": 1}


@on_loop
async def test_an_organisation_may_include_what_each_address_calls_so(tmp_path: Path) -> None:
    async with home(tmp_path) as ours:
        await globally(ours, "first", Moment.BEFORE, 'require "include"; include :personal :optional "early";')
        await (await ours.stores.mail.mail(ours.ann.id)).scripts.put("early", b"discard;")
        await ours.deliver(MESSAGE, "ann@example.org", "bob@example.org")
        assert (await ours.folders(), await ours.folders(ours.bob)) == ({}, {"INBOX": 1})


@on_loop
async def test_a_large_message_is_filed_and_sent_on_whole(tmp_path: Path) -> None:
    async with home(tmp_path) as ours:
        await ours.script(
            'require ["fileinto", "copy", "editheader"];\n'
            'if size :over 600K { redirect :copy "bob@else.test"; addheader "X-Large" "yes"; fileinto "Archive"; }'
        )
        octets = MESSAGE + b"a line of some length that is repeated\r\n" * 20_000
        path = b"Return-Path: <eve@far.test>\r\n"
        (ours.stores.spool / "large").write_bytes(path + octets)
        await ours.deliver(SpooledFile(ours.stores.spool / "large", len(path + octets)))
        (stored,) = await ours.messages("Archive")
        assert stored.startswith(b"X-Large: yes\r\n")
        assert stored.endswith(octets)
        (sent,) = await ours.sent()
        assert sent == b"Delivered-To: ann@example.org\r\nX-Sieve-Redirected-From: ann@example.org\r\n" + octets
        assert list(ours.stores.spool.iterdir()) == []


@on_loop
async def test_an_edited_header_is_what_is_stored_and_found(tmp_path: Path) -> None:
    async with home(tmp_path) as ours:
        await ours.script('require "editheader"; deleteheader "subject"; addheader "Subject" "Other words";')
        await ours.deliver()
        (stored,) = await ours.messages()
        assert b"Subject: Other words\r\n" in stored
        assert b"Invoice" not in stored


@on_loop
async def test_a_full_mailbox_sends_nothing_on(tmp_path: Path) -> None:
    async with home(tmp_path) as ours:
        await (await ours.stores.mail.mail(ours.ann.id)).set_quota(10, None)
        await ours.script('require "copy"; redirect :copy "bob@else.test";')
        assert await ours.deliver() == ["mailbox full"]
        assert await ours.queued() == []


@on_loop
async def test_what_a_killed_process_left_is_sent_once(tmp_path: Path) -> None:
    async with home(tmp_path) as ours:
        await ours.script('redirect "bob@else.test";')
        carrier = ours.scripting.carrier
        decisions = (await ours.stores.mail.mail(ours.ann.id)).decisions

        class Dead:
            async def put_once(self, *_: object) -> None:
                raise OSError("killed")

        object.__setattr__(ours.scripting, "carrier", type(carrier)(carrier.mail, Dead(), *_rest(carrier)))  # type: ignore[arg-type]
        assert await ours.deliver() == [""]
        assert await ours.queued() == []
        (post,) = await decisions.waiting_posts()
        await carrier.carry_from([ours.ann.id])
        assert len(await ours.queued()) == 1
        assert await decisions.waiting_posts() == []
        await ours.stores.queue.put_once(post.key)
        assert len(await ours.queued()) == 1


def _rest(carrier: object) -> tuple[object, ...]:
    return carrier.router, carrier.spool, carrier.threads  # type: ignore[attr-defined]


async def block(ours: Home, sender: str) -> None:
    """Mail of this sender is spam for Ann."""
    await ours.stores.spam.change_lists([Listed(Side.BLOCKED, sender)], [], account=ours.ann.id)


@on_loop
async def test_spam_is_filed_as_spam_and_no_script_of_the_address_sees_it(tmp_path: Path) -> None:
    async with home(tmp_path) as ours:
        await block(ours, "eve@far.test")
        await ours.script('require ["vacation", "copy"]; redirect :copy "bob@else.test"; vacation "Away.";')
        await ours.deliver()
        assert await ours.folders() == {"Junk": 1}
        assert await ours.queued() == []
        assert [(status, folder) for status, folder, *_ in await ours.told()] == [("spam", "Junk")]


@on_loop
async def test_the_organisation_may_want_spam_elsewhere(tmp_path: Path) -> None:
    async with home(tmp_path) as ours:
        await block(ours, "eve@far.test")
        rule = 'require ["fileinto", "spamtest", "relational", "comparator-i;ascii-numeric"];'
        test = 'if spamtest :value "ge" :comparator "i;ascii-numeric" "1" { fileinto "Trash"; }'
        await globally(ours, "first", Moment.BEFORE, rule + test)
        await ours.deliver()
        assert await ours.folders() == {"Trash": 1}


@on_loop
async def test_where_the_filter_is_off_spam_is_not_sent_on_all_the_same(tmp_path: Path) -> None:
    async with home(tmp_path) as ours:
        await block(ours, "eve@far.test")
        await ours.stores.spam.set_on(ours.ann.id, False)
        await ours.script('require "vacation"; redirect "bob@else.test"; vacation "Away.";')
        await ours.deliver()
        assert await ours.folders() == {"INBOX": 1}
        assert await ours.queued() == []


@on_loop
async def test_folders_are_made_and_found_by_their_use(tmp_path: Path) -> None:
    async with home(tmp_path) as ours:
        await ours.script(
            'require ["fileinto", "mailbox", "special-use", "copy"];\n'
            'fileinto :copy :create "Work/2026"; fileinto :specialuse "\\\\Trash" "Bin";\n'
        )
        await ours.deliver()
        assert await ours.folders() == {"Trash": 1, "Work/2026": 1}
        assert "Work/2026" in await (await ours.stores.mail.mail(ours.ann.id)).subscriptions()


@on_loop
async def test_a_folder_that_cannot_be_keeps_no_mail_waiting(tmp_path: Path) -> None:
    async with home(tmp_path) as ours:
        await ours.script('require ["fileinto", "mailbox"]; fileinto :create "Work//2026";')
        assert await ours.deliver() == [""]
        assert await ours.folders() == {"INBOX": 1}


@on_loop
async def test_flags_are_set_and_what_is_none_is_left_out(tmp_path: Path) -> None:
    async with home(tmp_path) as ours:
        await ours.script('require "imap4flags"; addflag ["\\\\seen", "$Work", "\\\\Recent"]; keep;')
        await ours.deliver()
        assert await ours.flags() == [{"\\Seen", "$Work"}]


@on_loop
async def test_duplicates_are_known_by_what_was_delivered(tmp_path: Path) -> None:
    async with home(tmp_path) as ours:
        await ours.script('require "duplicate"; if duplicate { discard; }')
        mail = await ours.stores.mail.mail(ours.ann.id)
        await mail.set_quota(10, None)
        assert await ours.deliver() == ["mailbox full"]
        await mail.set_quota(None, None)
        await ours.deliver()
        await ours.deliver()
        assert await ours.folders() == {"INBOX": 1}


@on_loop
async def test_of_two_that_come_at_once_one_is_the_duplicate(tmp_path: Path) -> None:
    async with home(tmp_path) as ours:
        await ours.script('require "duplicate"; if duplicate { discard; }')
        await asyncio.gather(*(ours.deliver(id=str(number)) for number in range(4)))
        assert await ours.folders() == {"INBOX": 1}


@on_loop
async def test_of_four_that_come_at_once_one_is_answered(tmp_path: Path) -> None:
    async with home(tmp_path) as ours:
        await ours.script('require "vacation"; vacation "Away.";')
        await asyncio.gather(*(ours.deliver(id=str(number)) for number in range(4)))
        assert await ours.folders() == {"INBOX": 4}
        assert len(await ours.queued()) == 1


@on_loop
async def test_a_copy_of_an_answer_is_kept(tmp_path: Path) -> None:
    async with home(tmp_path) as ours:
        await ours.script('require ["vacation", "fcc"]; vacation :fcc "Sent" "Away.";')
        await ours.deliver()
        assert await ours.folders() == {"INBOX": 1, "Sent": 1}
        assert (await ours.messages("Sent")) == await ours.sent()


@on_loop
async def test_what_is_addressed_with_a_detail_can_be_filed_by_it(tmp_path: Path) -> None:
    async with home(tmp_path) as ours:
        await ours.script(
            'require ["fileinto", "envelope", "subaddress", "variables", "mailbox"];\n'
            'if envelope :detail :matches "to" "*" { fileinto :create "${1}"; }\n'
        )
        await ours.deliver(MESSAGE, "ann+lists@example.org")
        assert await ours.folders() == {"lists": 1}
