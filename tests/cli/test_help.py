# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterator

import pytest

from ikserver.cli.main import parser
from tests.cli.typed import typed


def _verbs(top: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Every verb that does something, those of groups too."""
    groups = [action for action in top._actions if isinstance(action, argparse._SubParsersAction)]
    if not groups:
        yield top
    for group in groups:
        for verb in group.choices.values():
            yield from _verbs(verb)


VERBS = {verb.prog: verb for verb in _verbs(parser())}
PLACELESS = {"ikserver demo", "ikserver sieve check", "ikserver sieve run"}


@pytest.mark.parametrize("name", VERBS)
def test_the_help_of_a_verb_has_an_example_that_is_right(name: str) -> None:
    epilog = VERBS[name].epilog or ""
    assert epilog.startswith("example:\n  ")
    example = epilog.partition("\n  ")[2]
    words = shlex.split(example.partition(" < ")[0])
    assert " ".join(words).startswith(name)
    parser().parse_args(words[1:])


@pytest.mark.parametrize("name", sorted(set(VERBS) - PLACELESS))
def test_a_verb_takes_a_data_directory_or_a_settings_file(name: str) -> None:
    text = VERBS[name].format_usage()
    assert "[--data DIR | --config FILE]" in " ".join(text.split())


def test_wrong_usage_exits_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        typed("acount", "list")
    assert end.value.code == 2
    assert "invalid choice: 'acount'" in capsys.readouterr().err


def test_without_a_server_to_work_on_a_verb_says_what_to_name(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("empty"))
    assert typed("domain", "list") == 1
    assert capsys.readouterr().err.startswith("ikserver: which server? Say --data DIR or --config FILE")
