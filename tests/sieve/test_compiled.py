# SPDX-License-Identifier: GPL-3.0-or-later
"""A compiled script: kept as octets, shared between threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from sieve import Delivery, Extension, Message, Registry, Script, Settings, compile
from tests.sieve.running import MESSAGE

SOURCE = """\
require ["fileinto", "imap4flags", "variables", "include", "relational"];
# A comment is not kept.
if header :matches "subject" "* number *" {
    set "number" "${2}";
    addflag "n${number}";
    if string :value "ge" "${number}" "5" { fileinto "${1} many"; } else { fileinto "${1} few"; }
}
include "other";
"""


class Scripts:
    def load(self, name: str, location: str) -> bytes | None:
        return b'require "imap4flags"; addflag "included";' if name == "other" else None


def script(registry: Registry | None = None) -> Script:
    return compile(SOURCE, registry, name="mine", scripts=Scripts())


def decided(compiled: Script, number: int) -> tuple[object, ...]:
    delivery = Delivery(Message(f"Subject: messages number {number}\r\n\r\n".encode()))
    result = compiled.run(delivery)
    return *((action.mailbox, action.flags) for action in result.actions), delivery.message.flags  # type: ignore[attr-defined]


def test_it_comes_back_whole_from_octets() -> None:
    before = script()
    after = Script.loads(before.dumps())
    assert (after.name, after.nodes, after.source()) == (before.name, before.nodes, before.source())
    assert (after.warnings, after.capabilities) == (before.warnings, before.capabilities)
    assert decided(after, 7) == decided(before, 7) == (("messages many", ("n7",)), ("n7", "included"))
    assert after.dumps() == before.dumps()


def test_its_octets_are_the_same_each_time() -> None:
    assert script().dumps() == script().dumps()


@pytest.mark.parametrize("octets", [b"", b"\0", b"ikserver sieve 0\nx\n[]", SOURCE.encode(), b"\xff\xfe" * 100])
def test_octets_of_something_else_are_refused(octets: bytes) -> None:
    with pytest.raises(ValueError, match="no compiled script"):
        Script.loads(octets)


def test_whatever_octet_is_damaged_the_rest_is_refused() -> None:
    octets = script().dumps()
    for at in range(0, len(octets), 7):
        with pytest.raises(ValueError, match="no compiled script"):
            Script.loads(octets[:at] + bytes([octets[at] ^ 1]) + octets[at + 1 :])
        with pytest.raises(ValueError, match="no compiled script"):
            Script.loads(octets[:at])


def test_octets_are_stale_where_there_are_other_extensions() -> None:
    octets = script().dumps()
    more = Registry.default()
    more.add(Extension("mine"))
    for registry in (more, Registry.default().without("vacation")):
        with pytest.raises(ValueError, match="no compiled script"):
            Script.loads(octets, registry)


def test_octets_are_stale_where_the_same_words_mean_something_else() -> None:
    registry = Registry.default()
    registry.add(Extension("fileinto"))
    with pytest.raises(ValueError, match="another one"):
        Script.loads(script().dumps(), registry)


def test_octets_that_are_no_utf_8_come_back_too() -> None:
    source = b'require "fileinto"; if header "subject" "\xff" { fileinto "a"; }'
    assert Script.loads(compile(source).dumps()).nodes == compile(source).nodes


def test_many_threads_run_it_at_the_same_time() -> None:
    shared = script()
    numbers = [number % 10 for number in range(400)]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda number: decided(shared, number), numbers))
    assert found == [
        ((f"messages {'many' if number >= 5 else 'few'}", (f"n{number}",)), (f"n{number}", "included"))
        for number in numbers
    ]


def test_it_never_changes() -> None:
    shared = script()
    before = shared.dumps(), shared.source()
    decided(shared, 1)
    assert (shared.dumps(), shared.source()) == before
    with pytest.raises(AttributeError):
        shared.name = "another"  # type: ignore[misc]


def test_settings_of_the_run_count_not_those_of_the_compilation() -> None:
    compiled = compile("keep;", settings=Settings(max_actions=0))
    assert len(compiled.run(Delivery(Message(MESSAGE))).actions) == 1
