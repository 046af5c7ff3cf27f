# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables (RFC 5229) and encoded characters (RFC 5228, 2.4.2.4), with the examples of the RFCs."""

from __future__ import annotations

from typing import Any

import pytest

from sieve import Delivery, Message, Registry, Script, Settings, SieveRuntimeError, SieveSyntaxError, compile
from sieve.actions import Store
from sieve.registry import Extension
from tests.sieve.running import MESSAGE, decide


def into(script: str, require: str = "", **delivery: Any) -> str:
    """The mailbox that the script files into, which tells what a string was."""
    names = ", ".join(f'"{name}"' for name in ["variables", "fileinto", *require.split()])
    (action,) = decide(f"require [{names}];\n{script}", **delivery).actions
    assert isinstance(action, Store)
    return action.mailbox


def wrong(script: str, require: str = "variables", **settings: int) -> list[str]:
    """What is wrong with it."""
    names = ", ".join(f'"{name}"' for name in require.split())
    with pytest.raises(SieveSyntaxError) as caught:
        compile(f"require [{names}];\n{script}", settings=Settings(**settings))  # type: ignore[arg-type]
    return [problem.message for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("&%${}!", "&%${}!"),
        ("${doh!}", "${doh!}"),
        ("<${full}>", "<>"),
        ("${company}", "ACME"),
        ("${BAD${Company}", "${BADACME"),
        ("${President, ${Company} Inc.}", "${President, ACME Inc.}"),
        (r"${comp\any}", "ACME"),
        (r"${comp\\any}", r"${comp\any}"),
        (r"\${company}", "ACME"),
        (r"\\${company}", r"\ACME"),
        ("${1company}", "${1company}"),
        ("${company.}", "${company.}"),
        ("${ company}", "${ company}"),
        ("$${company}", "$ACME"),
    ],
)
def test_references_in_strings(written: str, meant: str) -> None:
    # RFC 5229, 3 and 3.1.
    assert into(f'set "company" "ACME"; fileinto "{written}";') == meant


def test_a_value_is_not_expanded_again() -> None:
    assert into('set "dollar" "$"; set "text" "regarding ${dollar}{beep}"; fileinto "${text}";') == "regarding ${beep}"


def test_encoded_characters_come_before_variables() -> None:
    script = 'set "name" "Ethelbert"; fileinto "dear${hex:20 24 7b 4e}ame}";'
    assert into(script, "encoded-character") == "dear Ethelbert"


def test_without_require_a_reference_is_text() -> None:
    (action,) = decide('require "fileinto"; fileinto "${x}";').actions
    assert isinstance(action, Store)
    assert action.mailbox == "${x}"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("$${hex:40}", "$@"),
        ("${hex: 40 }", "@"),
        ("${HEX: 40}", "@"),
        ("${hex:40", "${hex:40"),
        ("${hex:400}", "${hex:400}"),
        ("${hex:4${hex:30}}", "${hex:40}"),
        ("${unicode:40}", "@"),
        ("${ unicode:40}", "${ unicode:40}"),
        ("${UNICODE:40}", "@"),
        ("${UnICoDE:0000040}", "@"),
        ("${Unicode:40}", "@"),
        ("${Unicode:Cool}", "${Unicode:Cool}"),
        ("${unicode:200000", "${unicode:200000"),
        ("${hex:c3}${hex:bc}", "ü"),
        ("${unicode:1F600 fc}", "😀ü"),
        ("${hex:24}{unicode:40}", "${unicode:40}"),
        ("${unicode:24}{hex:40}", "${hex:40}"),
    ],
)
def test_encoded_characters(written: str, meant: str) -> None:
    (action,) = decide(f'require ["fileinto", "encoded-character"]; fileinto "{written}";').actions
    assert isinstance(action, Store)
    assert action.mailbox == meant


@pytest.mark.parametrize("written", ["${unicode:200000}", "${Unicode:DF01}", "${unicode:d800 40}"])
def test_numbers_of_no_character_are_an_error(written: str) -> None:
    assert wrong(f'if header "x" "{written}" {{ stop; }}', "encoded-character") == [f"{written} is no character"]


def test_an_octet_stays_one() -> None:
    script = 'if string "${hex:ff}" "${hex:ff}" { fileinto "same"; }'
    assert into(script, "encoded-character") == "same"


@pytest.mark.parametrize(
    ("modifiers", "value", "meant"),
    [
        ("", "juMBlEd lETteRS", "juMBlEd lETteRS"),
        (":length", "juMBlEd lETteRS", "15"),
        (":lower", "juMBlEd lETteRS", "jumbled letters"),
        (":upperfirst", "juMBlEd lETteRS", "JuMBlEd lETteRS"),
        (":upperfirst :lower", "juMBlEd lETteRS", "Jumbled letters"),
        (":lowerfirst :upper", "juMBlEd", "jUMBLED"),
        (":quotewildcard", "Rock*", r"Rock\*"),
        (":quotewildcard", r"a?\\b", r"a\?\\b"),
        (":length :quotewildcard", "Rock*", "6"),
        (":LENGTH", "Zürich", "6"),
        (":length", "", "0"),
        (":upper", "straße é", "STRAßE é"),
        (":upperfirst", "éa", "éa"),
        (":upperfirst", "", ""),
    ],
)
def test_modifiers(modifiers: str, value: str, meant: str) -> None:
    # RFC 5229, 4.1: the highest precedence comes first, whatever the order.
    assert into(f'set {modifiers} "b" "{value}"; fileinto "<${{b}}>";') == f"<{meant}>"


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ('set "1" "x";', "'1' is no name of a variable"),
        ('set "" "x";', "'' is no name of a variable"),
        ('set "a b" "x";', "'a b' is no name of a variable"),
        ('set "a." "x";', "nothing that is required has variables ${a.…}"),
        ('set "a.b" "x";', "nothing that is required has variables ${a.…}"),
        ('set "${x}" "x";', "the name of a variable has no variables in it"),
        ('set :upper :lower "a" "x";', ":lower cannot stand beside :upper"),
        ('set :upper :upper "a" "x";', ":upper is given twice"),
        ('set :frop "a" "x";', "set has no argument :frop"),
        ('set "a";', "set needs a string: value"),
        ('set "a" ["x", "y"];', "the argument 'value' of set is a string"),
        ('if string "${a.b}" "" { stop; }', "nothing that is required has variables ${a.…}"),
        ('if string "${33}" "" { stop; }', "there are no match variables beyond ${32}"),
        (f'if string "${{{"9" * 5000}}}" "" {{ stop; }}', "there are no match variables beyond ${32}"),
        (f'set "a" "{"x" * 4097}";', "the value of a variable has at most 4096 octets"),
    ],
)
def test_what_is_wrong_is_known_before_the_script_runs(script: str, message: str) -> None:
    assert wrong(script) == [message]


def test_there_are_so_many_variables() -> None:
    script = "".join(f'set "a{number}" "x"; set "A{number}" "x";' for number in range(128))
    assert wrong(script, variables_max_count=127)[-1] == "a script has at most 127 variables"
    compile(f'require "variables"; {script}', settings=Settings(variables_max_count=128))


@pytest.mark.parametrize(
    ("added", "meant"),
    [
        ("", "12345678"),
        ("b", "12345678b"),
        ("ab", "12345678ab"),
        ("abc", "12345678ab"),
        ("ü", "12345678ü"),
        ("七", "12345678"),
    ],
)
def test_a_long_value_is_cut_between_characters(added: str, meant: str) -> None:
    # RFC 5229, 6: and that is no error.
    script = f'set "a" "12345678"; set "a" "${{a}}{added}"; fileinto "${{a}}";'
    assert into(script, settings=Settings(variables_max_size=10)) == meant


def test_a_wildcard_is_not_cut_from_its_backslash() -> None:
    script = 'set "a" "0***"; set :quotewildcard "a" "${a}"; fileinto "${a}";'
    assert into(script, settings=Settings(variables_max_size=4)) == r"0\*"
    assert into(script, settings=Settings(variables_max_size=5)) == r"0\*\*"


def test_octets_that_are_no_characters_are_cut_anywhere() -> None:
    script = f'set "a" "{"${hex:bf}" * 5}"; set "a" "${{a}}${{a}}"; set :length "a" "${{a}}"; fileinto "${{a}}";'
    assert into(script, "encoded-character", settings=Settings(variables_max_size=8)) == "4"


LISTS = b"List-ID: The Acme List <acme-users@lists.example>\r\nTo: coyote@ACME.Example.COM\r\n\r\n"


def test_match_variables_of_a_list() -> None:
    script = 'if header :matches "List-ID" "*<*@*" { fileinto "INBOX.lists.${2}"; stop; }'
    assert into(script, message=LISTS) == "INBOX.lists.acme-users"


@pytest.mark.parametrize(
    ("reference", "meant"),
    [
        ("${1}", "acme-users"),
        ("${2}", "[fwd] version 1.0 is out"),
        ("${0002}", "[fwd] version 1.0 is out"),
        ("${0}", "[acme-users] [fwd] version 1.0 is out"),
        ("${00}", "[acme-users] [fwd] version 1.0 is out"),
        ("${3}", ""),
    ],
)
def test_match_variables_of_a_subject(reference: str, meant: str) -> None:
    message = b"Subject: [acme-users] [fwd] version 1.0 is out\r\n\r\n"
    script = f'if header :matches "Subject" "[*] *" {{ fileinto "<{reference}>"; }}'
    assert into(script, message=message) == f"<{meant}>"


def test_a_star_before_a_star_takes_nothing() -> None:
    script = """
        if address :matches ["To", "Cc"] ["coyote@**.com", "wile@**.com"] { fileinto "<${0}|${1}|${2}>"; }
    """
    assert into(script, message=LISTS) == "<coyote@ACME.Example.COM||ACME.Example>"


def test_a_test_that_is_not_reached_sets_nothing() -> None:
    script = 'if anyof (true, address :domain :matches "To" "*.com") { fileinto "<${0}>"; }'
    assert into(script, message=LISTS) == "<>"


def test_only_a_match_that_succeeds_sets_match_variables() -> None:
    script = """
        if string :matches "one two" "* *" { set "a" "${2}"; }
        if string :matches "three" "* *" { stop; }
        if string :is "four" "four" { fileinto "${1} ${a}"; }
    """
    assert into(script) == "one two"


def test_match_variables_are_kept_for_all_indexes() -> None:
    characters = "abcdefghijklmnopqrstuvwxyz012345"
    script = f'if string :matches "{characters}" "{"?" * 32}" {{ fileinto "${{1}}${{9}}${{32}}"; }}'
    assert into(script) == "ai5"


def test_a_string_that_has_a_word() -> None:
    script = """
        set "state" "${state} pending";
        if string :matches " ${state} " "* pending *" { fileinto "always"; }
    """
    assert into(script) == "always"


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ('string " a" "a"', False),
        ('string "A" "a"', True),
        ('string :comparator "i;octet" "A" "a"', False),
        ('string ["x", "a"] ["b", "a"]', True),
        ('string :contains "${1}" ""', True),
        ('string :is "" ""', True),
    ],
)
def test_strings_are_compared_as_they_are(test: str, expected: bool) -> None:
    script = f'if {test} {{ fileinto "yes"; }} else {{ fileinto "no"; }}'
    assert (into(script) == "yes") is expected


def test_names_have_no_case() -> None:
    assert into('set "Name" "a"; set "nAME" "${NAME}b"; fileinto "${name}";') == "ab"


def test_values_are_those_of_the_moment() -> None:
    assert into('set "a" "1"; set "b" "${a}"; set "a" "2"; fileinto "${b}${a}";') == "12"


def test_set_keeps_the_implicit_keep() -> None:
    result = decide('require "variables"; set "a" "b";')
    assert (result.actions, result.implicit_keep) == ([], True)


def test_an_extension_serves_variables_and_lets_some_of_them_be_set() -> None:
    registry = Registry.default()
    registry.add(Extension("tst", namespaces={"tst": lambda run, name: f"<{name}>"}))
    source = 'require ["variables", "tst", "fileinto"]; fileinto "${TST.a.1.b}";'
    (action,) = compile(source, registry).run(Delivery(Message(MESSAGE))).actions
    assert isinstance(action, Store)
    assert action.mailbox == "<a.1.b>"
    with pytest.raises(SieveSyntaxError, match=r"variables \$\{tst.…\} cannot be set"):
        compile('require ["variables", "tst"]; set "tst.a" "x";', registry)


def test_commands_of_others_find_variables_by_name() -> None:
    registry = Registry.default()
    registry.add(_third_party())
    source = 'require ["variables", "tst", "fileinto"]; set "A" "x"; twice "a"; fileinto "${a}";'
    (action,) = Script.loads(compile(source, registry).dumps(), registry).run(Delivery(Message(MESSAGE))).actions
    assert isinstance(action, Store)
    assert action.mailbox == "xx"


def _third_party() -> Extension:
    from sieve import STRING, Arg, Command

    def twice(run, arguments) -> None:  # type: ignore[no-untyped-def]
        name = arguments["name"]
        run.variables[name] = run.variables.get(name, "") * 2

    return Extension("tst", commands=[Command("twice", [Arg("name", STRING)], run=twice)])


def test_too_many_variables_of_others_stop_the_script() -> None:
    registry = Registry.default()
    registry.add(_third_party())
    script = compile('require ["tst"]; twice "a"; twice "b";', registry)
    with pytest.raises(SieveRuntimeError, match="more than 1 variables"):
        script.run(Delivery(Message(MESSAGE), settings=Settings(variables_max_count=1)))
