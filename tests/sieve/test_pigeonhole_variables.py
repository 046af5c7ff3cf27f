# SPDX-License-Identifier: GPL-3.0-or-later
"""What scripts with variables, and scripts that include others, note on their way, against Pigeonhole."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from sieve import Delivery, Message, Services, compile
from tests.sieve.pigeonhole import needs_pigeonhole, pigeonhole
from tests.sieve.running import MESSAGE
from tests.sieve.test_include import Library
from tests.support import SHARED

_NOTED = re.compile(r"DEBUG: (.*)\.$", re.MULTILINE)
CORPUS = sorted((SHARED / "corpus" / "eml").glob("*.eml"))[::6] if SHARED.exists() else []
VALUES = ["", "a", "juMBlEd lETteRS", "Rock*?\\\\x", "ÉtÉ zÜ", "${a", "$${a}", "a  b "]
CASEMAP = ':comparator "i;ascii-casemap"'
GLOBS = ["*", "?*", "* *", "*?", "*a*", "?", "**", "*:*", "[*] *", "*-*-*", "\\\\*", "*\\\\?*"]
FIELDS = ["subject", "from", "message-id", "date"]
MODIFIERS = [
    "",
    ":length",
    ":lower",
    ":upper",
    ":lowerfirst",
    ":upperfirst",
    ":quotewildcard",
    ":length :quotewildcard",
    ":upper :lowerfirst",
    ":quotewildcard :lower :upperfirst",
]
WRITTEN = [
    "${}",
    "${doh!}",
    "${ full}",
    "${BAD${Company}",
    "${President, ${Company} Inc.}",
    r"${comp\any}",
    r"${comp\\any}",
    r"\${company}",
    r"\\${company}",
    "${1x}",
    "${company}${COMPANY}",
    "$${hex:40}",
    "${hex: 40 }",
    "${hex:40",
    "${hex:400}",
    "${hex:4${hex:30}}",
    "${unicode:40}",
    "${ unicode:40}",
    "${UnICoDE:0000040}",
    "${Unicode:Cool}",
    "${hex:63 6f}mpany",
    "${hex:24 7b}company}",
    "$${company}",
    "{company}",
    "${company",
    "${000}",
    "${01}",
]
# RFC 5228, 2.7.3: i;ascii-casemap is the default; for strings Pigeonhole takes i;octet, so it is named here.
STRINGS = [
    f'string {CASEMAP} "a" "A"',
    f'string {CASEMAP} " a" "a"',
    f'string {CASEMAP} ["a", "b"] ["c", "B"]',
    'string :contains "" ""',
    f'string {CASEMAP} :contains "abc" ["x", "BC"]',
    'string :matches "" "*"',
    'string :count "eq" :comparator "i;ascii-numeric" ["", "a", "b"] "2"',
    'string :count "ge" :comparator "i;ascii-numeric" "" "1"',
    'string :value "gt" :comparator "i;ascii-numeric" "10" "9"',
    'string :comparator "i;octet" "a" "A"',
    'environment :contains "item" ""',
    'environment :contains "vnd.dovecot.default-mailbox" "INBOX"',
    'environment "location" ["MDA", "MS"]',
]
INCLUDED = {
    "plain": 'debug_log "plain.";',
    "returns": 'require "include"; debug_log "before."; return; debug_log "after.";',
    "stops": 'debug_log "stops."; stop;',
    "sets": 'require ["include", "variables"]; global "g"; set "g" "${g}+"; set "a" "inner"; debug_log "${a}${g}.";',
    "reads": 'require "variables"; debug_log "<${a}${g}${1}>."; if string :matches "x y" "* *" { set "a" "${1}"; }',
    "nests": 'require "include"; include "plain"; include :once "plain"; include "returns"; include :once "sets";',
}
INCLUDING = [
    'include "plain"; include "plain"; include :once "plain";',
    'include :once "plain"; include :once "plain"; include "plain";',
    'include "returns"; debug_log "main.";',
    'if true { if true { include "stops"; } } debug_log "main.";',
    'global "g"; set "g" "1"; set "a" "outer"; include "sets"; include "sets"; debug_log "${a}${g}${global.g}.";',
    'set "g" "mine"; include "sets"; debug_log "${g} ${global.g}.";',
    'if string :matches "m n" "* *" { set "a" "outer"; include "reads"; debug_log "${a} ${1}."; }',
    'include "nests"; include :once "plain"; debug_log "${global.g}.";',
    'include :optional "nothing"; include :optional :personal "plain";',
    'debug_log "a."; return; debug_log "b.";',
]
REQUIRED = """require ["variables", "encoded-character", "include", "relational", "comparator-i;ascii-numeric",
    "environment", "ihave", "vnd.dovecot.environment", "vnd.dovecot.debug"];
"""


class Judge:
    """Runs scripts in a folder where those that they include are."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        conf = folder / "dovecot.conf"
        more = (
            f"+vnd.dovecot.debug +vnd.dovecot.environment\n  sieve = file:{folder}/sieve;active={folder}/active.sieve"
        )
        conf.write_text(conf.read_text().replace("+vnd.dovecot.debug", more))
        (folder / "sieve").mkdir(mode=0o755)
        for name, script in _library().items():
            (folder / "sieve" / f"{name}.sieve").write_text(script)

    def notes(self, script: str, message: bytes) -> list[str]:
        (self._folder / "s.sieve").write_text(script)
        (self._folder / "m.eml").write_bytes(message)
        command = ["sieve-test", "-c", "dovecot.conf", "s.sieve", "m.eml"]
        done = subprocess.run(command, cwd=self._folder, capture_output=True, check=False, timeout=60)
        told = (done.stdout + done.stderr).decode(errors="replace")
        assert done.returncode == 0, told
        return _NOTED.findall(told)


def notes(script: str, message: bytes) -> list[str]:
    """Ours."""
    delivery = Delivery(Message(message), services=Services(scripts=Library(dict(_library()))))
    traced = compile(script).run(delivery).trace
    return [noted.what.removeprefix("debug: ") for noted in traced]


def _library() -> Mapping[str, str]:
    return {name: f'require "vnd.dovecot.debug"; {script}' for name, script in INCLUDED.items()}


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    with pigeonhole() as one:
        yield Judge(one._folder)


@needs_pigeonhole
def test_modifiers(judge: Judge) -> None:
    lines = [f'set {one} "x" "{value}"; debug_log "${{x}}.";' for one in MODIFIERS for value in VALUES]
    script = REQUIRED + "\n".join(lines)
    assert notes(script, MESSAGE) == judge.notes(script, MESSAGE)


@needs_pigeonhole
def test_strings(judge: Judge) -> None:
    written = [f'debug_log "<{one}>.";' for one in WRITTEN]
    tested = [f'if {one} {{ debug_log "{number} holds."; }}' for number, one in enumerate(STRINGS)]
    script = REQUIRED + 'set "company" "ACME";\n' + "\n".join([*written, *tested])
    assert notes(script, MESSAGE) == judge.notes(script, MESSAGE)


@needs_pigeonhole
@pytest.mark.parametrize("file", CORPUS, ids=lambda file: file.name)
def test_match_variables(judge: Judge, file: Path) -> None:
    text = " ".join(value for name in FIELDS for value in Message(file.read_bytes()).headers(name))
    # RFC 5228, 2.7.1: a question mark is a character; Pigeonhole takes an octet of it.
    globs = GLOBS if text.isascii() else [glob for glob in GLOBS if "?" not in glob]
    lines = [
        f'if header :matches "{name}" "{glob}" {{ debug_log "{name} {glob}: ${{0}}|${{1}}|${{2}}|${{3}}."; }}'
        for name in FIELDS
        for glob in globs
    ]
    script, message = REQUIRED + "\n".join(lines), file.read_bytes()
    assert notes(script, message) == judge.notes(script, message)


@needs_pigeonhole
@pytest.mark.parametrize("script", INCLUDING)
def test_included_scripts(judge: Judge, script: str) -> None:
    assert notes(REQUIRED + script, MESSAGE) == judge.notes(REQUIRED + script, MESSAGE)
