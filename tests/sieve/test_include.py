# SPDX-License-Identifier: GPL-3.0-or-later
"""Scripts in scripts (RFC 6609), found when the main one is compiled, or only when it runs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sieve import Delivery, Message, Result, Script, Services, Settings, SieveRuntimeError, SieveSyntaxError, compile
from sieve.actions import Store
from tests.sieve.running import MESSAGE

PERSONAL, GLOBAL = ":personal", ":global"


class Library:
    """Scripts by name; those that begin with a colon are everybody's."""

    def __init__(self, scripts: dict[str, str]) -> None:
        self._scripts = scripts

    def load(self, name: str, location: str) -> bytes | None:
        assert location in (PERSONAL, GLOBAL)
        found = self._scripts.get(name if location == PERSONAL else f":{name}")
        return None if found is None else found.encode()


Way = Callable[[str, dict[str, str]], Result]


def early(source: str, scripts: dict[str, str]) -> Result:
    """Everything is found when the script is compiled, and nothing later."""
    return compile(source, scripts=Library(scripts)).run(Delivery(Message(MESSAGE)))


def late(source: str, scripts: dict[str, str]) -> Result:
    """Nothing is found before the script runs."""
    return compile(source).run(Delivery(Message(MESSAGE), services=Services(scripts=Library(scripts))))


def stored(source: str, scripts: dict[str, str]) -> Result:
    """As `early`, and what is compiled goes through octets."""
    return Script.loads(compile(source, scripts=Library(scripts)).dumps()).run(Delivery(Message(MESSAGE)))


@pytest.fixture(params=[early, late, stored])
def run(request: pytest.FixtureRequest) -> Way:
    way: Way = request.param
    return way


def mailboxes(result: Result) -> list[str]:
    return [action.mailbox for action in result.actions if isinstance(action, Store)]


def filed(name: str) -> str:
    return f'require "fileinto"; fileinto "{name}";'


def test_a_default_script_that_includes_several_others(run: Way) -> None:
    # RFC 6609, 3.2
    main = """
        require ["include"];
        include :personal "always_allow";
        include :global "spam_tests";
        include :personal "spam_tests";
        include "mailing_lists";
    """
    scripts = {
        "always_allow": 'if address :is "from" "coyote@desert.example.org" { keep; }',
        ":spam_tests": filed("everybody's"),
        "spam_tests": filed("mine"),
        "mailing_lists": filed("lists"),
    }
    result = run(main, scripts)
    assert [action.name for action in result.actions] == ["keep", "store", "store", "store"]
    assert mailboxes(result) == ["everybody's", "mine", "lists"]
    assert [(traced.script, traced.line) for traced in result.trace] == [
        ("always_allow", 1),
        ("spam_tests", 1),
        ("spam_tests", 1),
        ("mailing_lists", 1),
    ]


def test_a_subroutine_with_global_variables(run: Way) -> None:
    # RFC 6609, 3.4.1
    main = """
        require ["fileinto", "include", "variables"];
        global "test";
        global "test_mailbox";
        set "test" "$$";
        include "subject_tests";
        set "test" "present";
        include "subject_tests";
        if not string "${test_mailbox}" "" { fileinto "${test_mailbox}"; stop; }
    """
    subject_tests = """
        require ["include", "variables"];
        global ["test", "test_mailbox"];
        if header :contains "Subject" "${test}" { set "test_mailbox" "spam-${test}"; }
    """
    assert mailboxes(run(main, {"subject_tests": subject_tests})) == ["spam-present"]


def test_both_names_of_a_global_variable_mean_the_same(run: Way) -> None:
    # RFC 6609, 3.4.2
    main = """
        require ["variables", "include", "fileinto"];
        global "a";
        set "global.A" "1";
        set "b" "mine";
        set :upper "global.b" "common";
        fileinto "${a}-${b}-${GLOBAL.b}-${global.c}";
    """
    assert mailboxes(run(main, {})) == ["1-mine-COMMON-"]


def test_variables_and_matches_belong_to_one_script(run: Way) -> None:
    # RFC 6609, 3.4
    main = """
        require ["include", "variables", "fileinto"];
        set "a" "outer";
        if header :matches "subject" "* present *" { include "inner"; fileinto "${a}-${1}"; }
    """
    inner = """
        require ["variables", "fileinto"];
        fileinto "<${a}${1}>";
        set "a" "inner";
        if header :matches "subject" "*" { set "b" "c"; }
    """
    assert mailboxes(run(main, {"inner": inner})) == ["<>", "outer-I have a"]


def test_a_script_that_does_not_declare_it_has_a_variable_of_its_own(run: Way) -> None:
    main = 'require ["include", "variables", "fileinto"]; global "a"; set "a" "1"; include "inner"; fileinto "${a}";'
    inner = 'require ["variables", "fileinto"]; fileinto "<${a}>"; set "a" "2"; fileinto "${a}";'
    assert mailboxes(run(main, {"inner": inner})) == ["<>", "2", "1"]


def test_return_ends_the_included_script_alone(run: Way) -> None:
    # RFC 6609, 3.3
    main = 'require ["include", "fileinto"]; include "inner"; fileinto "outer";'
    inner = 'require ["include", "fileinto"]; if true { if true { fileinto "inner"; return; } } fileinto "never";'
    assert mailboxes(run(main, {"inner": inner})) == ["inner", "outer"]


def test_return_in_the_main_script_is_a_stop(run: Way) -> None:
    result = run('require ["include", "fileinto"]; return; fileinto "never";', {})
    assert (result.actions, result.implicit_keep) == ([], True)


def test_stop_ends_all_of_them(run: Way) -> None:
    main = 'require ["include", "fileinto"]; include "inner"; fileinto "never";'
    assert mailboxes(run(main, {"inner": f"{filed('inner')} stop; keep;"})) == ["inner"]


def test_once_and_again(run: Way) -> None:
    main = (
        'require "include"; include "a"; include :once "a"; include "b"; include :once "b"; include "c"; include "b";'
    )
    scripts = {
        "a": filed("a"),
        "b": 'require "include"; include "d";',
        "c": 'require "include"; include :once "d";',
        "d": 'require ["include", "variables", "fileinto"]; set "global.n" "${global.n}i"; fileinto "d${global.n}";',
    }
    assert mailboxes(run(main, scripts)) == ["a", "di", "dii"]


def test_once_of_a_script_that_is_open_does_nothing(run: Way) -> None:
    # RFC 6609, 3.2: what would be recursive is considered included.
    main = 'require "include"; include "a";'
    scripts = {"a": 'require ["include", "fileinto"]; fileinto "a"; include :once "a"; include :once "main";'}
    assert mailboxes(run(main, {**scripts, "main": main})) == ["a"]


def test_optional_scripts_may_be_missing(run: Way) -> None:
    main = 'require ["include", "fileinto"]; include :optional "nothing"; include :optional :once "a"; fileinto "b";'
    assert mailboxes(run(main, {"a": filed("a")})) == ["a", "b"]


def test_an_optional_script_that_was_missing_may_be_there_later() -> None:
    script = compile('require "include"; include :optional "later";', scripts=Library({}))
    services = Services(scripts=Library({"later": filed("later")}))
    assert mailboxes(script.run(Delivery(Message(MESSAGE), services=services))) == ["later"]


def test_each_script_has_its_own_require(run: Way) -> None:
    # RFC 6609, 3.2
    with pytest.raises((SieveSyntaxError, SieveRuntimeError), match="there is no command 'fileinto'"):
        run('require ["include", "fileinto"]; include "inner";', {"inner": 'fileinto "x";'})
    with pytest.raises(SieveSyntaxError, match="there is no command 'fileinto'"):
        run('require "include"; include :optional "inner"; fileinto "x";', {"inner": filed("x")})


def test_a_chain_of_scripts_is_as_deep_as_allowed(run: Way) -> None:
    def chain(length: int) -> dict[str, str]:
        links = {f"s{number}": f'require "include"; include "s{number + 1}";' for number in range(1, length)}
        return {**links, f"s{length}": filed("end")}

    main = 'require "include"; include "s1";'
    assert mailboxes(run(main, chain(10))) == ["end"]
    with pytest.raises((SieveSyntaxError, SieveRuntimeError), match="more than 10 deep"):
        run(main, chain(11))


def test_what_was_compiled_elsewhere_counts_with_its_depth(run: Way) -> None:
    # s6 to s9 are compiled at a low depth first; then s5 finds them ready, and too deep.
    scripts = {f"s{number}": f'require "include"; include "s{number + 1}";' for number in range(1, 12)}
    with pytest.raises((SieveSyntaxError, SieveRuntimeError), match="more than 10 deep"):
        run('require "include"; include "s6"; include "s1";', {**scripts, "s12": "keep;"})


@pytest.mark.parametrize(
    "scripts",
    [
        {"a": 'require "include"; include "a";'},
        {"a": 'require "include"; include "b";', "b": 'require "include"; include "a";'},
        {
            "a": 'require "include"; include "b";',
            "b": 'require "include"; include "c";',
            "c": 'require "include"; include "a";',
        },
        {"a": 'require "include"; include "main";', "main": 'require "include"; include "a";'},
    ],
)
def test_scripts_that_include_themselves_are_an_error(run: Way, scripts: dict[str, str]) -> None:
    # RFC 6609, 3.1
    with pytest.raises((SieveSyntaxError, SieveRuntimeError), match="includes itself"):
        run('require "include"; include "a";', scripts)


def test_a_circle_that_only_once_hides_is_found_when_it_is_run(run: Way) -> None:
    # a is compiled with b, which leaves it out; b alone, when a was not there before, is a circle.
    scripts = {
        "a": 'require "include"; include "b";',
        "b": 'require ["include", "fileinto"]; include :once "a"; fileinto "b";',
    }
    main = 'require "include"; if false { include "a"; } if true { include "b"; }'
    with pytest.raises((SieveSyntaxError, SieveRuntimeError), match=r"'[ab]' includes itself"):
        run(main, scripts)


def test_a_missing_script_is_an_error_when_it_is_sought() -> None:
    # RFC 6609, 3.1: not when a script is uploaded, before those that it includes.
    main = 'require "include"; keep;\ninclude "nothing";'
    with pytest.raises(SieveSyntaxError, match=":2:1: error: there is no script 'nothing' in :personal"):
        early(main, {})
    with pytest.raises(SieveRuntimeError, match="line 2: there is no script 'nothing' in :personal"):
        late(main, {})
    with pytest.raises(SieveRuntimeError, match="there is no script 'nothing' in :personal"):
        compile(main).run(Delivery(Message(MESSAGE)))


def test_what_is_wrong_inside_is_told_with_its_place() -> None:
    main, scripts = 'require "include"; include "inner";', {"inner": "keep;\nfoo;"}
    with pytest.raises(SieveSyntaxError) as caught:
        compile(main, name="main", scripts=Library(scripts))
    assert str(caught.value) == "inner:2:1: error: there is no command 'foo'"
    with pytest.raises(SieveRuntimeError, match="'inner', line 2: there is no command 'foo'"):
        late(main, scripts)


def test_an_error_in_an_included_script_names_it(run: Way) -> None:
    main = 'require "include";\n\ninclude "inner";'
    with pytest.raises(SieveRuntimeError) as caught:
        run(main, {"inner": 'require "variables";\nrequire "fileinto"; fileinto "${x}";'})
    assert (caught.value.script, caught.value.line) == ("inner", 2)
    assert str(caught.value).startswith("'inner', line 2: ")


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ('include "${x}";', "the name of an included script has no variables in it"),
        ('include "";', "'' is no name of a script"),
        ('include "a\x7f";', "'a\\x7f' is no name of a script"),
        ('include :personal :global "a";', ":global cannot stand beside :personal"),
        ('global "${x}";', "the name of a variable has no variables in it"),
        ('global "1";', "'1' is no name of a variable"),
        ('global "global.a";', "'global.a' is no name of a variable"),
        ('set "a" "b"; global ["b", "A"];', "'A' is set before it is global"),
        ('set "global.12" "x";', "there can be no variable ${global.12}"),
        ('set "global.data.from" "me@example.com";', "there can be no variable ${global.data.from}"),
        ('if string "${global.a.b}" "" { stop; }', "there can be no variable ${global.a.b}"),
        ('return "x";', "return has no argument here"),
    ],
)
def test_what_is_wrong_is_known_before_the_script_runs(script: str, message: str) -> None:
    with pytest.raises(SieveSyntaxError) as caught:
        compile(f'require ["include", "variables"]; {script}')
    assert [problem.message for problem in caught.value.problems] == [message]


def test_a_variable_may_be_declared_twice() -> None:
    assert mailboxes(
        late('require ["include", "variables", "fileinto"]; global "a"; set "a" "x"; global "a"; fileinto "${a}";', {})
    ) == ["x"]


@pytest.mark.parametrize(("require", "message"), [("include", "needs variables"), ("variables", "no command 'global'")])
def test_global_needs_both_extensions(require: str, message: str) -> None:
    with pytest.raises(SieveSyntaxError, match=message):
        compile(f'require "{require}"; global "a";')


def test_the_namespace_needs_include() -> None:
    with pytest.raises(SieveSyntaxError, match="nothing that is required has variables"):
        compile('require "variables"; set "global.a" "x";')


def test_so_many_scripts_and_no_more() -> None:
    main = 'require "include"; include "a"; include "b"; include "c"; include "a";'
    scripts = Library({"a": "keep;", "b": "keep;", "c": "keep;"})
    compile(main, scripts=scripts, settings=Settings(max_includes=3))
    with pytest.raises(SieveSyntaxError, match="more than 2 scripts are included"):
        compile(main, scripts=scripts, settings=Settings(max_includes=2))


def test_what_scripts_have_in_common_ends_with_the_run() -> None:
    script = compile('require ["include", "variables", "fileinto"]; fileinto "<${global.a}>"; set "global.a" "x";')
    assert [mailboxes(script.run(Delivery(Message(MESSAGE)))) for _ in range(2)] == [["<>"], ["<>"]]
