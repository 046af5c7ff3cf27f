# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays a terminal session: what is typed after `$`, and what is to be seen below it.

    $ account add alice@a.test
    ...-...-...-...
    $ account remove alice@a.test
    ! ikserver: Remove alice@a.test and erase its mail? Say --yes
    = 1

Lines of standard error begin with `!`, an exit code other than 0 with `=`; `...` stands for anything in a line.
`$ echo secret | account …` gives the command its standard input.
"""

from __future__ import annotations

import asyncio
import io
import re
import shlex
import textwrap
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from ikserver.accounts.passwords import PasswordCosts
from ikserver.cli.main import main


class Terminal:
    def __init__(self, data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.data = data
        self._capsys = capsys
        self._monkeypatch = monkeypatch
        cheap = partial(PasswordCosts, time=1, memory=64, parallelism=1, iterations=4096)
        monkeypatch.setattr("ikserver.cli.secret.PasswordCosts", cheap)
        with ThreadPoolExecutor(1) as thread:
            thread.submit(main, ["init", "--data", str(data), "--hostname", "mail.a.test"]).result()
        capsys.readouterr()

    async def shows(self, session: str) -> None:
        """Type each command of a session and compare what is seen."""
        for part in re.split(r"^\$ ", textwrap.dedent(session).strip(), flags=re.MULTILINE)[1:]:
            command, _, expected = part.strip().partition("\n")
            seen = await self.run(command)
            assert _matches(expected.strip(), seen), f"$ {command}\n{seen}\nis not\n{expected}"

    async def run(self, command: str) -> str:
        """What a command shows, in the form of the sessions."""
        stdin, piped, rest = command.partition(" | ")
        arguments = shlex.split(rest if piped else command)
        self._monkeypatch.setattr("sys.stdin", io.StringIO(f"{stdin.removeprefix('echo').strip()}\n" if piped else ""))
        code = await asyncio.to_thread(self._main, [*arguments, "--data", str(self.data)])
        seen = self._capsys.readouterr()
        lines = [*seen.out.splitlines(), *(f"! {line}" for line in seen.err.splitlines())]
        return "\n".join(lines + [f"= {code}"] * (code != 0))

    def _main(self, arguments: list[str]) -> int:
        try:
            return main(arguments)
        except SystemExit as end:
            return int(end.code or 0)


def _matches(expected: str, seen: str) -> bool:
    pattern = ".*".join(map(re.escape, expected.split("...")))
    return re.fullmatch(pattern, seen) is not None
