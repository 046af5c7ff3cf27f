# SPDX-License-Identifier: GPL-3.0-or-later
"""Which extensions there are (RFC 5463)."""

from __future__ import annotations

import pytest

from sieve import SieveRuntimeError, SieveSyntaxError, compile
from tests.sieve.running import decide


def done(script: str, require: str = "") -> list[str]:
    """The names of what the script does."""
    names = ", ".join(f'"{name}"' for name in ["ihave", *require.split()])
    return [action.name for action in decide(f"require [{names}];\n{script}").actions]


def test_what_is_there_may_be_used_from_there_on() -> None:
    # RFC 5463, 4: even outside of the block.
    assert done('if ihave "fileinto" { keep; } fileinto "a";') == ["keep", "store"]


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ('ihave "fileinto"', True),
        ('ihave ["fileinto", "copy"]', True),
        ('ihave ["fileinto", "vnd.nobody.has"]', False),
        ('ihave "FileInto"', False),
        ('ihave "comparator-i;octet"', True),
        ('not ihave "vnd.nobody.has"', True),
        ('anyof (ihave "vnd.nobody.has", ihave "fileinto")', True),
        ('allof (ihave "vnd.nobody.has", frop)', False),
        ('anyof (ihave "fileinto", frop)', True),
        ('allof (not ihave "vnd.nobody.has", not ihave "fileinto")', False),
        ('anyof (true, ihave "vnd.nobody.has")', True),
        ('allof (true, ihave "vnd.nobody.has")', False),
    ],
)
def test_what_there_is(test: str, expected: bool) -> None:
    assert done(f"if {test} {{ keep; }} else {{ discard; }}") == (["keep"] if expected else ["discard"])


def test_of_several_none_may_be_used_unless_all_are_there() -> None:
    with pytest.raises(SieveRuntimeError, match="there is no command 'fileinto'"):
        done('if ihave ["fileinto", "vnd.nobody.has"] { keep; } else { fileinto "a"; }')


@pytest.mark.parametrize("name", ["variables", "encoded-character"])
def test_what_changes_how_scripts_are_read_is_not_to_be_had(name: str) -> None:
    # RFC 5463, 4
    assert done(f'if ihave "{name}" {{ keep; }} else {{ discard; }}') == ["discard"]
    # What is required is there, and says so.
    assert done(f'if ihave "{name}" {{ keep; }} else {{ discard; }}', name) == ["keep"]


@pytest.mark.parametrize(
    "script",
    [
        'if ihave "vnd.nobody.has" { frop :flup "x" { flip; } }',
        'if not ihave "vnd.nobody.has" { keep; } elsif frop { flip; } else { flup; }',
        'if anyof (ihave "vnd.nobody.has", header "a" "b") { stop; } keep;',
        'if not ihave "vnd.nobody.has" { stop; } frop "x"; if flip { keep; }',
        'if not ihave "vnd.nobody.has" { stop; } fileinto :frop 3 "x";',
        'if not ihave "vnd.nobody.has" { stop; } if header :frop "a" "b" "c" { keep; }',
        'if not ihave "vnd.nobody.has" { stop; } if header :comparator "i;frop" "a" "b" { keep; }',
    ],
)
def test_what_never_runs_may_use_what_is_not_there(script: str) -> None:
    done(script, "fileinto")


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("frop;", "there is no command 'frop'"),
        ("if frop { keep; }", "there is no test 'frop'"),
        ('fileinto :frop "x";', "fileinto has no argument :frop"),
        ('fileinto :copy "x";', 'fileinto has no argument :copy; it needs: require "copy"'),
        ('if header :frop "a" "b" { keep; }', "header has no argument :frop"),
        ('if header :comparator "i;frop" "a" "b" { keep; }', "there is no comparator 'i;frop'"),
    ],
)
def test_what_is_not_there_is_an_error_when_the_script_comes_to_it(command: str, message: str) -> None:
    # RFC 5463, 4: with ihave required, extensions are checked at run time. A warning tells before.
    source = f'require ["ihave", "fileinto"];\n{command}'
    with pytest.raises(SieveRuntimeError, match=f"line 2: {message}"):
        decide(source)
    assert [(problem.line, problem.message) for problem in compile(source).warnings] == [(2, message)]
    with pytest.raises(SieveSyntaxError, match=message):
        compile('require "fileinto";' + command)


def test_other_problems_are_told_before_the_script_runs() -> None:
    with pytest.raises(SieveSyntaxError, match="keep has no argument here"):
        compile('require "ihave"; keep "x";')


def test_tests_before_ihave_run_all_the_same() -> None:
    # RFC 5463, 4: from left to right; a match that is made sets match variables.
    script = 'if allof (header :matches "subject" "* have *", ihave "vnd.nobody.has") { stop; } fileinto "${1}";'
    (action,) = decide(f'require ["ihave", "variables", "fileinto"]; {script}').actions
    assert action.mailbox == "I"  # type: ignore[attr-defined]


def test_names_are_constants() -> None:
    with pytest.raises(SieveSyntaxError, match="the names of extensions have no variables in them"):
        compile('require ["ihave", "variables"]; if ihave "${x}" { stop; }')


def test_a_script_says_what_it_needs_in_the_end() -> None:
    script = compile('require "ihave"; if ihave ["fileinto", "copy"] { keep; }')
    assert script.capabilities == {"ihave", "fileinto", "copy"}


def test_an_error_ends_the_script_and_keeps_the_message() -> None:
    # RFC 5463, 5
    source = 'require ["ihave", "variables"];\nset "a" "böse";\nerror "it is ${a}";\ndiscard;'
    with pytest.raises(SieveRuntimeError) as caught:
        decide(source)
    assert (caught.value.line, caught.value.message) == (3, "it is böse")
