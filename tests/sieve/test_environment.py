# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a script runs (RFC 5183), as tests and as variables, and what a script notes."""

from __future__ import annotations

import pytest

from sieve import SieveSyntaxError, compile
from tests.sieve.running import decide, holds

ENVIRONMENT = {
    "domain": "example.org",
    "host": "mail.example.org",
    "remote-host": "",
    "remote-ip": "192.0.2.1",
    "version": "1.0",
    "vnd.dovecot.username": "roadrunner",
}


def found(test: str, require: str = "environment") -> bool:
    return holds(test, require=require, environment=ENVIRONMENT)


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ('environment "domain" "EXAMPLE.org"', True),
        ('environment :comparator "i;octet" "domain" "EXAMPLE.org"', False),
        ('environment :contains "item" ""', False),
        ('not environment :contains "item" ""', True),
        ('environment :contains "remote-host" ""', True),
        ('environment :is "remote-host" ""', True),
        ('environment :matches "remote-ip" "192.0.2.*"', True),
        ('environment :matches "REMOTE-IP" "192.0.2.*"', True),
        ('environment "location" ["MTA", "MDA"]', True),
        ('environment "phase" "during"', True),
        ('environment :contains "name" "sieve"', True),
    ],
)
def test_items(test: str, expected: bool) -> None:
    # RFC 5183, 4
    assert found(test) is expected


@pytest.mark.parametrize(("item", "count"), [("remote-host", "0"), ("host", "1")])
def test_an_empty_item_counts_as_none(item: str, count: str) -> None:
    assert found(f'environment :count "eq" "{item}" "{count}"', "environment relational")


def test_who_runs_the_script_says_where_it_is() -> None:
    assert holds('environment "phase" "post"', require="environment", environment={"phase": "post"})


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("env.vnd.dovecot.default_mailbox", "INBOX"),
        ("env.vnd.dovecot.username", "roadrunner"),
        ("env.remote_ip", "192.0.2.1"),
        ("ENV.Domain", "example.org"),
        ("env.nothing", ""),
    ],
)
def test_items_are_variables_too(variable: str, value: str) -> None:
    # vnd.dovecot.environment brings the test along.
    test = f'allof (string "${{{variable}}}" "{value}", environment :contains "host" "")'
    assert found(test, "vnd.dovecot.environment variables")


def test_items_cannot_be_set() -> None:
    with pytest.raises(SieveSyntaxError, match=r"variables \$\{env.…\} cannot be set"):
        compile('require ["vnd.dovecot.environment", "variables"]; set "env.domain" "x";')


def test_the_namespace_needs_the_extension() -> None:
    with pytest.raises(SieveSyntaxError, match=r"nothing that is required has variables \$\{env.…\}"):
        compile('require ["environment", "variables"]; if string "${env.domain}" "x" { stop; }')


def test_a_note_of_the_script_is_in_its_trace() -> None:
    script = """require ["variables", "vnd.dovecot.debug"];
        if header :matches "subject" "* present *" { set "about" "${2}"; }
        debug_log "It is about ${about}.";
    """
    result = decide(script)
    assert [(traced.line, traced.what) for traced in result.trace] == [(3, "debug: It is about for you.")]
    assert (result.actions, result.implicit_keep) == ([], True)
