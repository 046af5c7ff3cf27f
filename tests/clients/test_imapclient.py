# SPDX-License-Identifier: GPL-3.0-or-later
"""imapclient (Python): searches, idles, moves, reads its quota, and asks only for what has changed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from imapclient import IMAPClient

from tests.clients.person import Person, letter


@pytest.fixture
def client(person: Person) -> Iterator[IMAPClient]:
    with IMAPClient("localhost", person.ports["imaps"], ssl_context=person.trust()) as client:
        client.login(person.address, person.password)
        yield client


def test_special_mailboxes_are_there_and_named(client: IMAPClient) -> None:
    for flag in b"\\Drafts", b"\\Sent", b"\\Junk", b"\\Trash", b"\\Archive":
        assert client.find_special_folder(flag)
    assert {name for _, _, name in client.list_sub_folders()} >= {"INBOX", "Drafts", "Sent", "Junk", "Trash", "Archive"}


def test_a_saved_message_is_found_by_every_search(client: IMAPClient) -> None:
    uid = _appended(client.append("INBOX", letter("Größe", "Ein Haus am See."), flags=[b"\\Seen", b"$Work"]))
    client.select_folder("INBOX")
    for criteria in (["SUBJECT", "größe"], ["BODY", "haus am"], ["KEYWORD", "$Work"], ["SEEN"], ["FROM", "friend@"]):
        assert client.search(criteria, charset="UTF-8") == [uid]
    assert client.search(["TEXT", "Boot"], charset="UTF-8") == []


def test_an_idling_client_hears_of_new_mail(client: IMAPClient, person: Person) -> None:
    client.select_folder("INBOX")
    client.idle()
    person.receives(letter("news"))
    heard = client.idle_check(timeout=10)
    client.idle_done()
    assert (1, b"EXISTS") in heard


def test_a_message_moves_and_keeps_its_flags(client: IMAPClient, person: Person) -> None:
    person.appends("INBOX", letter("ticket"), flags="(\\Flagged)")
    client.select_folder("INBOX")
    client.move(client.search(), "Archive")
    assert client.search() == []
    assert person.subjects("Archive") == {"ticket": {"\\Flagged"}}


def test_the_quota_tells_what_is_used(client: IMAPClient, person: Person) -> None:
    before = _storage(client)
    person.receives(letter("long", "x" * 70 + "\r\n" + "\r\n".join(["word " * 14] * 2000)))
    used, limit = _storage(client)
    assert used - before[0] in range(135, 145)  # kilobytes
    assert limit == before[1] > used


def test_condstore_tells_only_what_has_changed_since(client: IMAPClient, person: Person) -> None:
    person.receives(letter("one"), letter("two"), letter("three"))
    client.enable("CONDSTORE")
    highest = client.select_folder("INBOX")[b"HIGHESTMODSEQ"]
    one, two, three = client.search()
    client.add_flags([two], [b"\\Flagged"])
    changed = client.fetch([one, two, three], ["FLAGS"], modifiers=[f"CHANGEDSINCE {highest}"])
    assert [(uid, b"\\Flagged" in facts[b"FLAGS"]) for uid, facts in changed.items()] == [(two, True)]
    assert client.fetch([one], ["MODSEQ"])[one][b"MODSEQ"][0] <= highest < changed[two][b"MODSEQ"][0]


def test_a_wrong_password_is_refused(person: Person) -> None:
    with IMAPClient("localhost", person.ports["imaps"], ssl_context=person.trust()) as client:
        with pytest.raises(client.Error, match=r"AUTHENTICATIONFAILED|[Aa]uthentication"):
            client.login(person.address, "wrong")
        client.login(person.address, person.password)


def _appended(answer: bytes) -> int:
    """Return the UID out of `[APPENDUID <uidvalidity> <uid>] …` (RFC 4315, 3)."""
    return int(answer.partition(b"]")[0].split()[-1])


def _storage(client: IMAPClient) -> tuple[int, int]:
    return next((quota.usage, quota.limit) for quota in client.get_quota("INBOX") if quota.resource == "STORAGE")
