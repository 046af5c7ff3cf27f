# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.terminal import Terminal
from tests.cli.typed import typed
from tests.support import on_loop

BROKEN = 'if header "a" "b" { keep }\nfilinto "x";\n'
RULES = 'require "fileinto";\nif header :contains "subject" "invoice" {\n  fileinto "Invoices";\n  stop;\n}\n'
MESSAGE = b"From: eve@far.test\r\nTo: alice@a.test\r\nSubject: Invoice 17\r\n\r\nPlease pay.\r\n"


@on_loop
async def test_the_scripts_of_an_address(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "rules").write_text(RULES)
    (tmp_path / "broken").write_text(BROKEN)
    await terminal.run("org add Example")
    await terminal.run("domain add a.test")
    await terminal.run("echo very-secret-1 | account add alice@a.test --password-stdin")
    await terminal.shows(f"""
        $ sieve list alice@a.test --json
        []
        $ sieve put alice@a.test main {tmp_path}/rules --activate
        $ echo discard; | sieve put alice@a.test other -
        $ sieve list alice@a.test
        NAME   ACTIVE  SIZE
        main   True    95
        other  False   9
        $ sieve get alice@a.test other
        discard;
        $ sieve get alice@a.test other --json
        {{"name": "other", "content": "discard;\\n"}}
        $ echo keep; | sieve put alice@a.test third - --json
        {{"name": "third", "size": 6, "warnings": []}}
        $ sieve delete alice@a.test third
        $ sieve put alice@a.test main {tmp_path}/broken
        ! ikserver: the script has errors:
        ! main:1:...: error: ...
        ! main:2:...: error: ...
        = 1
        $ sieve delete alice@a.test main
        ! ikserver: the script main is active
        = 1
        $ sieve activate alice@a.test other
        $ sieve rename alice@a.test main old
        $ sieve delete alice@a.test old
        $ sieve activate alice@a.test --none
        $ sieve activate alice@a.test nothing
        ! ikserver: there is no script nothing
        = 1
        $ sieve list alice@a.test --json
        [{{"name": "other", "active": false, "size": 9}}]
    """)


@on_loop
async def test_the_scripts_of_an_organisation(terminal: Terminal) -> None:
    await terminal.run("org add Example")
    await terminal.run("domain add a.test")
    await terminal.run("echo very-secret-1 | account add alice@a.test --password-stdin")
    await terminal.shows("""
        $ echo keep; | sieve share - --name common --moment included
        $ echo discard; | sieve share - --name first --moment before
        $ sieve shared
        NAME    MOMENT    SIZE
        common  included  6
        first   before    9
        $ echo require "include"; include :global "common"; | sieve put alice@a.test main -
        $ echo require "include"; include :global "nothing"; | sieve put alice@a.test main -
        ! ikserver: the script has errors:
        ! main:1:...: error: ...nothing...
        = 1
        $ sieve unshare first
        $ sieve shared --json
        [{"name": "common", "moment": "included", "size": 6}]
        $ sieve unshare first
        ! ikserver: there is no script first
        = 1
    """)


def test_check_tells_everything_that_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "broken").write_text(BROKEN)
    assert typed("sieve", "check", str(tmp_path / "broken")) == 1
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith(f"{tmp_path}/broken:1:")
    assert second.startswith(f"{tmp_path}/broken:2:1: error: ")
    (tmp_path / "rules").write_text(RULES)
    assert typed("sieve", "check", str(tmp_path / "rules"), "--json") == 0
    assert json.loads(capsys.readouterr().out) == []


def test_run_tells_what_a_script_would_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "rules").write_text(RULES)
    (tmp_path / "message").write_bytes(MESSAGE)
    words = "sieve", "run", str(tmp_path / "rules"), str(tmp_path / "message")
    assert typed(*words) == 0
    assert capsys.readouterr().out == "store Invoices (line 3)\n"
    assert typed(*words, "--trace", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["actions"] == [{"line": 3, "action": "store", "what": "Invoices"}]
    assert {"line": 3, "what": "store"} in told["trace"]
