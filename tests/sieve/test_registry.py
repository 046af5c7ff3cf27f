# SPDX-License-Identifier: GPL-3.0-or-later
"""The registry as somebody uses it who writes extensions of their own: by the public names of the package."""

from __future__ import annotations

from typing import Any

import pytest

from sieve import (
    MATCH_TAGS,
    NUMBER,
    STRING,
    STRING_LIST,
    Arg,
    Command,
    Delivery,
    Extension,
    Message,
    Registry,
    Settings,
    SieveRuntimeError,
    SieveSyntaxError,
    Tag,
    Test,
    compile,
)
from sieve.actions import Store
from sieve.registry import AddressPart, Comparator, MatchType
from tests.sieve.running import MESSAGE


def run(script: str, *extensions: Extension, **delivery: Any) -> Delivery:
    """The delivery after the script."""
    registry = Registry.default()
    for extension in extensions:
        registry.add(extension)
    delivered = Delivery(Message(MESSAGE), **delivery)
    compile(script, registry).run(delivered)
    return delivered


def test_a_command_gets_its_arguments_by_name_after_variables_were_expanded() -> None:
    seen: list[dict[str, Any]] = []
    command = Command(
        "tell",
        [Arg("whom", STRING), Arg("what", STRING_LIST)],
        [Tag("times", NUMBER), Tag("loudly"), Tag("as", STRING), Tag("softly")],
        run=lambda run, arguments: seen.append(dict(arguments)),
    )
    script = 'require ["tell", "variables"]; set "n" "Bob"; tell :loudly :TIMES 1K :as "x" "${n}" ["a", "${N}${no}b"];'
    run(script, Extension("tell", [command]))
    assert seen == [{"whom": "Bob", "what": ["a", "Bobb"], "times": 1024, "loudly": True, "as": "x", "softly": None}]


def test_a_single_string_stands_for_a_list() -> None:
    seen: list[object] = []
    command = Command("tell", [Arg("what", STRING_LIST)], run=lambda run, arguments: seen.append(arguments["what"]))
    run('require "tell"; tell "a";', Extension("tell", [command]))
    assert seen == [["a"]]


def test_a_command_runs_its_block_as_often_as_it_likes() -> None:
    def repeat(run: Any, arguments: Any) -> None:
        for _ in range(arguments["times"]):
            run.execute(arguments.block)

    command = Command("repeat", [Arg("times", NUMBER)], block="required", run=repeat)
    script = 'require ["repeat", "variables"]; set "a" "x"; repeat 3 { set "a" "${a}x"; addflag "${a}"; }'
    delivered = run(script.replace('"variables"', '"variables", "imap4flags"'), Extension("repeat", [command]))
    assert delivered.message.flags == ("xx", "xxx", "xxxx")
    with pytest.raises(SieveSyntaxError, match="repeat needs a block"):
        run('require "repeat"; repeat 3;', Extension("repeat", [command]))


def test_a_command_has_tests() -> None:
    counted: list[int] = []

    def count(run: Any, arguments: Any) -> None:
        counted.append(sum(test(run) for test in arguments.tests))

    command = Command("count", tests="many", run=count)
    run('require "count"; count (true, false, exists "subject");', Extension("count", [command]))
    assert counted == [2]


def test_a_test_matches_with_whatever_comparator_and_match_type_there_is() -> None:
    day = Test("day", [Arg("keys", STRING_LIST)], [MATCH_TAGS], run=lambda run, given: run.match(given, ["Tuesday"]))
    extension = Extension("day", tests=[day])
    for test, holds in (
        ('day "tuesday"', True),
        ('day :comparator "i;octet" "tuesday"', False),
        ('day :matches ["x", "T*day"]', True),
        ('day :count "eq" "1"', True),
        ('day :value "lt" "Wednesday"', True),
    ):
        script = f'require ["day", "relational"]; if {test} {{ discard; }}'
        assert run(script, extension).result.implicit_keep is not holds, test


def test_a_match_leaves_its_variables() -> None:
    day = Test("day", [Arg("keys", STRING_LIST)], [MATCH_TAGS], run=lambda run, given: run.match(given, ["Tuesday"]))
    script = 'require ["day", "variables", "imap4flags"]; if day :matches "*es*" { setflag "${1}-${2}"; }'
    assert run(script, Extension("day", tests=[day])).message.flags == ("Tu-day",)


def test_commands_and_tests_have_names_apart() -> None:
    both = Extension(
        "both",
        [Command("date", run=lambda run, arguments: run.add(Store("a")))],
        [Test("date", run=lambda run, arguments: True)],
    )
    assert [one.name for one in run('require "both"; if date { date; }', both).result.actions] == ["store"]


def test_variables_of_a_namespace_are_asked_for() -> None:
    extension = Extension("test", namespaces={"tst": lambda run, name: {"path.x": "value"}.get(name)})
    script = 'require ["test", "variables", "imap4flags"]; setflag ["${tst.path.x}", "${TST.PATH.X}2", "a${tst.no}"];'
    assert run(script, extension).message.flags == ("value", "value2", "a")


def test_a_namespace_that_is_not_required_is_a_problem() -> None:
    with pytest.raises(SieveSyntaxError, match=r"has variables \$\{tst\.…\}"):
        run('require ["variables", "imap4flags"]; setflag "${tst.path}";')


def test_a_tag_is_hung_on_a_command_of_somebody_else() -> None:
    seen: list[object] = []
    fileinto = Registry.default().get("fileinto")
    assert fileinto is not None
    [own] = fileinto.commands

    def watched(run: Any, arguments: Any) -> None:
        seen.append(arguments.get("priority"))
        assert own.run is not None
        own.run(run, arguments)

    extensions = [
        Extension("fileinto", [Command("fileinto", own.positional, own.tags, check=own.check, run=watched)]),
        Extension("priority", tags={"fileinto": [Tag("priority", NUMBER)]}),
    ]
    run('require ["fileinto", "priority"]; fileinto :priority 3 "A"; fileinto "B";', *extensions)
    assert seen == [3, None]
    with pytest.raises(SieveSyntaxError, match='has no argument :priority; it needs: require "priority"'):
        run('require "fileinto"; fileinto :priority 3 "A";', *extensions)


def test_a_comparator_of_somebody_else_folds_and_orders() -> None:
    def fold(text: str) -> str:
        return text.replace(" ", "")

    blank = Comparator("x;blank", fold, lambda one, other: (fold(one) > fold(other)) - (fold(one) < fold(other)))
    extension = Extension("comparator-x;blank", comparators=[blank])
    test = 'header :{} :comparator "x;blank" "subject" "Ihavea presentforyou"'
    for match_type in ("is", "contains", "matches", 'value "ge"'):
        script = f'require ["comparator-x;blank", "relational"]; if {test.format(match_type)} {{ discard; }}'
        assert not run(script, extension).result.implicit_keep, match_type
    with pytest.raises(SieveSyntaxError, match="no comparator 'x;blank'; it needs: require \"comparator-x;blank\""):
        run(f"if {test.format('is')} {{ discard; }}", extension)


def test_a_match_type_of_somebody_else_gives_match_variables() -> None:
    def backwards(comparator: Comparator, value: str, key: str) -> tuple[str, ...] | None:
        return (value, key) if comparator.order(value[::-1], key) == 0 else None

    extension = Extension("backwards", match_types=[MatchType("backwards", backwards)])
    script = (
        'require ["backwards", "fileinto", "variables"];'
        ' if header :backwards "subject" ["no", "uoy rof tneserp a evah i"] { fileinto "${1}"; }'
    )
    [action] = run(script, extension).result.actions
    assert isinstance(action, Store)
    assert action.mailbox == "uoy rof tneserp a evah i"


def test_a_match_type_of_somebody_else_judges_its_keys_when_a_script_is_compiled() -> None:
    def check(key: str, comparator: Comparator) -> str | None:
        return f"{key} is too long" if len(key) > 4 else None

    short = MatchType("starts", lambda comparator, value, key: None, check=check)
    with pytest.raises(SieveSyntaxError, match="12345 is too long"):
        run('require "starts"; if header :starts "subject" "12345" { keep; }', Extension("starts", match_types=[short]))


def test_an_address_part_of_somebody_else_may_be_missing() -> None:
    def top(address: str, delimiter: str) -> str | None:
        return address.rpartition(".")[2] or None

    script = 'require "top"; if address :top "from" "org" { discard; }'
    extension = Extension("top", address_parts=[AddressPart("top", top)])
    assert not run(script, extension).result.implicit_keep


def test_a_check_reports_what_is_wrong_with_literals() -> None:
    def check(bound: Any, compiler: Any) -> None:
        if bound.literal("color") not in (None, "red"):
            compiler.problem(bound, "only red")
        if bound.has("dim"):
            compiler.warn(bound, "red is never dim")

    command = Command("paint", [Arg("color", STRING)], [Tag("dim")], check=check, run=lambda run, arguments: None)
    registry = Registry.default()
    registry.add(Extension("paint", [command]))
    with pytest.raises(SieveSyntaxError, match=r"^mine:2:3: error: only red$"):
        compile('require "paint";\n  paint "blue";', registry, name="mine")
    script = compile('require ["paint", "variables"]; paint :dim "${any}";', registry)
    assert [(one.line, one.column, one.message) for one in script.warnings] == [(1, 33, "red is never dim")]


def test_an_exception_that_is_not_the_engines_passes_through_as_it_is() -> None:
    class Done(Exception):
        pass

    done = Done()

    def finish(run: Any, arguments: Any) -> None:
        raise done

    with pytest.raises(Done) as caught:
        run('require "finish"; if true { finish; } discard;', Extension("finish", [Command("finish", run=finish)]))
    assert caught.value is done


def test_a_runtime_error_has_its_line() -> None:
    def fail(run: Any, arguments: Any) -> None:
        raise run.error("I would rather not")

    registry = Registry.default()
    registry.add(Extension("fail", [Command("fail", run=fail)]))
    delivered = Delivery(Message(MESSAGE))
    with pytest.raises(SieveRuntimeError) as caught:
        compile('require ["fail", "fileinto"];\nfileinto "A";\nfail;\ndiscard;', registry).run(delivered)
    assert (caught.value.line, caught.value.message) == (3, "I would rather not")
    assert [one.name for one in delivered.result.actions] == ["store"]
    assert delivered.result.implicit_keep


def test_a_command_may_replace_what_is_delivered() -> None:
    def replace(run: Any, arguments: Any) -> None:
        run.delivery.message = Message(b"Subject: another\r\n\r\n")
        run.delivery.settings = Settings(max_actions=1)

    extension = Extension("replace-all", [Command("replaceall", run=replace)])
    script = 'require "replace-all"; replaceall; if header "subject" "another" { discard; }'
    assert not run(script, extension).result.implicit_keep


def test_who_requires_an_extension_gets_those_that_it_implies() -> None:
    run('require "all"; fileinto :copy "A";', Extension("all", implies=["fileinto", "copy"]))


def test_an_own_extension_takes_the_place_of_ours() -> None:
    silent = Extension("fileinto", [Command("fileinto", [Arg("mailbox", STRING)], run=lambda run, arguments: None)])
    assert run('require "fileinto"; fileinto "A";', silent).result.actions == []


def test_a_copy_of_a_registry_changes_apart() -> None:
    registry = Registry.default()
    other = registry.copy()
    other.add(Extension("mine"))
    assert "mine" in other.capabilities()
    assert "mine" not in registry.capabilities()
    assert "fileinto" not in other.without("fileinto").capabilities()
    assert "fileinto" in other.capabilities()
    with pytest.raises(SieveSyntaxError, match="there is no extension 'fileinto' here"):
        compile('require "fileinto";', other.without("fileinto"))


def test_what_scripts_may_require_is_what_standards_call_it() -> None:
    assert {
        *("fileinto", "copy", "imap4flags", "editheader", "mailbox", "mboxmetadata", "servermetadata"),
        *("special-use", "mailboxid", "imapsieve", "relational", "vacation", "reject", "ereject", "envelope"),
    } <= set(Registry.default().capabilities())
