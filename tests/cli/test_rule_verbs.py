# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.terminal import Terminal
from tests.support import on_loop


async def with_alice(terminal: Terminal) -> None:
    await terminal.run("org add Example")
    await terminal.run("domain add a.test")
    await terminal.run("echo very-secret-1 | account add alice@a.test --password-stdin")


@on_loop
async def test_the_rules_of_an_address(terminal: Terminal) -> None:
    await with_alice(terminal)
    await terminal.shows("""
        $ rule list alice@a.test --json
        []
        $ rule add alice@a.test Invoices --if subject contains invoice --move Bills --mark read --stop
        $ rule add alice@a.test Large --if size over 10M --if-not from ends @a.test --any --delete --off
        $ rule add alice@a.test Large --delete
        ! ikserver: alice@a.test has a rule Large
        = 1
        $ rule list alice@a.test
        PLACE  NAME      ON   IF                                           THEN
        1      Invoices  yes  subject contains invoice                     mark read, move Bills, stop
        2      Large     no   size over 10485760 or not from ends @a.test  delete
        $ sieve list alice@a.test
        NAME   ACTIVE  SIZE
        rules  True    ...
        $ rule on alice@a.test Large
        $ rule move alice@a.test Large 1
        $ rule remove alice@a.test Nothing
        ! ikserver: there is no rule Nothing
        = 1
    """)
    shown = await terminal.run("rule remove alice@a.test Invoices --json")
    assert json.loads(shown) == [
        {
            "place": 1,
            "name": "Large",
            "on": True,
            "any": True,
            "if": [
                {"field": "size", "how": "over", "value": 10485760, "not": False},
                {"field": "from", "how": "ends", "value": "@a.test", "not": True},
            ],
            "then": [{"action": "delete", "value": ""}],
            "stop": False,
        }
    ]


@on_loop
async def test_a_script_of_ones_own_goes_first_until_it_is_put_away(terminal: Terminal) -> None:
    await with_alice(terminal)
    await terminal.shows("""
        $ echo keep; | sieve put alice@a.test main - --activate
        $ rule add alice@a.test A --delete
        ! ikserver: these rules do not run: ikserver sieve activate alice@a.test rules
        $ sieve activate alice@a.test rules
        $ rule list alice@a.test
        PLACE  NAME  ON   IF      THEN
        1      A     yes  always  delete
    """)


@on_loop
async def test_what_somebody_else_wrote_into_the_script_is_not_lost(terminal: Terminal, tmp_path: Path) -> None:
    await with_alice(terminal)
    (tmp_path / "rules").write_text('if header :contains "subject" "a" {\n  discard;\n}\n')
    (tmp_path / "others").write_text('if true {\n  discard;\n}\nif exists "x" {\n  keep;\n}\n')
    await terminal.shows(f"""
        $ sieve put alice@a.test rules {tmp_path}/rules
        $ rule add alice@a.test B --if subject contains b --delete
        $ rule list alice@a.test
        PLACE  NAME    ON   IF                  THEN
        1      Rule 1  yes  subject contains a  delete
        2      B       yes  subject contains b  delete
        $ sieve put alice@a.test rules {tmp_path}/others
        $ rule remove alice@a.test B
        ! ikserver: the script rules of alice@a.test is not made of rules: line 4: no rule has this condition: exists
        = 1
        $ sieve get alice@a.test rules
        if true {{
          discard;
        }}
        if exists "x" {{
          keep;
        }}
    """)


@on_loop
@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("A", "the rule A does nothing"),
        ("A --if subject contains '' --delete", "names and texts of a rule are not empty and have no control ..."),
        ("A --if subject has a --delete", "has is none of: is, contains, begins, ends, matches"),
        ("A --if sender is a --delete", "sender is none of: from, to, cc, reply-to, subject, content"),
        ("A --if size over much --delete", "much is no size: say 500K or 10M"),
        ("A --if size is 1M --delete", "a size is over or under, not is"),
        ("A --forward alice@a.test", "mail redirected to alice@a.test would come back to alice@a.test"),
        ("A --forward nobody@a.test", "there is no address nobody@a.test"),
    ],
)
async def test_a_rule_that_cannot_be_meant_is_refused(terminal: Terminal, rule: str, told: str) -> None:
    await with_alice(terminal)
    await terminal.shows(f"""
        $ rule add alice@a.test {rule}
        ! ikserver: {told}
        = 1
        $ rule list alice@a.test --json
        []
    """)


@on_loop
async def test_more_is_not_forwarded_than_scripts_may(terminal: Terminal) -> None:
    await with_alice(terminal)
    many = " ".join(f"--forward bob{number}@far.test" for number in range(5))
    assert (await terminal.run(f"rule add alice@a.test A {many}")).startswith("! ikserver: no script can have these")
    assert await terminal.run("rule list alice@a.test --json") == "[]"
