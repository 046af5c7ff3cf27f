# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that is wrong with a script is told at once, each where it is."""

from __future__ import annotations

import pytest

from sieve import Settings, SieveSyntaxError, compile


def problems(source: str | bytes, **settings: int) -> list[tuple[int, int, str]]:
    with pytest.raises(SieveSyntaxError) as caught:
        compile(source, settings=Settings(**settings))  # type: ignore[arg-type]
    return [(one.line, one.column, one.message) for one in caught.value.problems]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("if true { keep; ", [(1, 9, "this block has no end: }")]),
        ("keep; }", [(1, 7, "there is no block that this } could end")]),
        ("keep\nkeep;", [(2, 1, "keep has no tests; is there a ';' missing before this?")]),
        ("stop", [(1, 5, "';' or a block is expected after 'stop', not the end of the script")]),
        ("stop;;", [(1, 6, "a command is expected here, not ';'")]),
        ("if allof (true, ) { keep; }", [(1, 17, "a test is expected here, not ')'")]),
        ("if anyof (true { keep; }", [(1, 16, "',' or ')' is expected in a list of tests")]),
        ('if exists ["a" "b"] { keep; }', [(1, 16, "',' or ']' is expected in a list of strings")]),
        ("if exists [] { keep; }", [(1, 12, "a string is expected here, not ']'")]),
        ("if { keep; }", [(1, 1, "if needs one test")]),
        ("if true;", [(1, 1, "if needs a block: { … }")]),
        ("if not (true) { keep; }", [(1, 4, "not needs one test")]),
        ("if allof true { keep; }", [(1, 4, "allof needs a list of tests: (…, …)")]),
        ("else { keep; }", [(1, 1, "there is no if before this else")]),
        ("if true {} else {} elsif true {}", [(1, 20, "there is no if before this elsif")]),
        ("keep {}", [(1, 1, "keep has no block; it ends with ';'")]),
        ("keep; /* never ends", [(1, 7, "this comment has no end: */")]),
        ('keep; "never ends', [(1, 7, 'this string has no end: "')]),
        ("redirect 12abc;", [(1, 1, "redirect needs a string: address"), (1, 10, "a number is digits and K, M or G")]),
        ("if size :over 9999999999G {}", [(1, 15, "this number is too large")]),
        ("keep @ ;", [(1, 6, "'@' cannot stand here")]),
        ("# \0\nkeep;", [(1, 3, "a script has no NUL")]),
        ('keep; require "fileinto";', [(1, 7, "require must come before all other commands")]),
        ('require "x";', [(1, 9, "there is no extension 'x' here")]),
        ('require "fileinto"\nkeep;', [(2, 1, "require has no tests; is there a ';' missing before this?")]),
        ("if size :over :under 1 {}", [(1, 15, ":under cannot stand beside :over")]),
        ("if size 1 {}", [(1, 4, "size needs :over or :under")]),
        ("if size 1 :over {}", [(1, 11, ":over must stand before the positional arguments")]),
        ("if size :over 1 2 {}", [(1, 17, "size has no argument here")]),
        ('if size :over "1" {}', [(1, 15, "the argument 'limit' of size is a number")]),
        ('if header :is :is "a" "b" {}', [(1, 15, ":is is given twice")]),
        ('if header :nothing "a" "b" {}', [(1, 11, "header has no argument :nothing")]),
        ('if header :comparator "x" "a" "b" {}', [(1, 4, "there is no comparator 'x'")]),
        ("true;", [(1, 1, "there is no command 'true'")]),
        ("if keep {}", [(1, 4, "there is no test 'keep'")]),
    ],
)
def test_each_is_told_where_it_is(source: str, expected: list[tuple[int, int, str]]) -> None:
    assert problems(source) == expected


def test_a_command_that_cannot_be_read_makes_nothing_else_wrong() -> None:
    source = (
        'require ["fileinto" "copy"];\n'
        'require "imap4flags";\n'
        'if header ["a" "b"] "c" { keep; }\n'
        "elsif true { one; }\n"
        'else { setflag "x"; two; }\n'
        "if true { three }\n"
        "four;\n"
    )
    assert problems(source) == [
        (1, 21, "',' or ']' is expected in a list of strings"),
        (3, 16, "',' or ']' is expected in a list of strings"),
        (4, 14, "there is no command 'one'"),
        (5, 21, "there is no command 'two'"),
        (6, 17, "';' or a block is expected after 'three', not '}'"),
        (7, 1, "there is no command 'four'"),
    ]


def test_problems_in_lexing_grammar_and_meaning_are_told_together() -> None:
    source = "foo;\n\tkeep $;\r\nif {}\n/* two\nlines */ bar"
    assert [(line, column) for line, column, _ in problems(source)] == [(1, 1), (2, 7), (3, 1), (5, 13)]


def test_a_missing_semicolon_between_requires_hides_no_extension() -> None:
    assert len(problems('require "fileinto"\nrequire "copy";\nfileinto :copy "a";')) == 1


def test_columns_count_characters() -> None:
    assert problems('redirect "grüße@x.example"; foo;'.encode())[-1][:2] == (1, 29)


def test_a_byte_order_mark_is_passed_over() -> None:
    assert problems("\ufefffoo;")[0][:2] == (1, 1)
    assert problems(b"\xef\xbb\xbffoo;")[0][:2] == (1, 1)


def test_the_text_of_the_error_has_a_line_for_each() -> None:
    with pytest.raises(SieveSyntaxError) as caught:
        compile("foo;\nbar;", name="holiday")
    assert str(caught.value).splitlines() == [
        "holiday:1:1: error: there is no command 'foo'",
        "holiday:2:1: error: there is no command 'bar'",
    ]


def test_no_more_problems_are_told_than_anybody_wants() -> None:
    assert len(problems("a;" * 300)) == 100
    assert [column for _, column, _ in problems("a;" * 300, max_errors=3)] == [1, 3, 5]


@pytest.mark.parametrize(
    ("nested", "most"),
    [
        ("{}keep;{}".format("if true {" * 5, "}" * 5), 5),
        ("if {} true {{ keep; }}".format("not " * 4), 5),
        ("if {} true {} {{ keep; }}".format("anyof (" * 4, ")" * 4), 5),
    ],
)
def test_nothing_is_nested_too_deep(nested: str, most: int) -> None:
    compile(nested, settings=Settings(max_nesting=most))
    [problem] = problems(nested, max_nesting=most - 1)
    assert problem[2].endswith(f"are nested more than {most - 1} deep")


def test_a_script_that_is_too_large_is_not_read() -> None:
    compile("#" * 100, settings=Settings(max_script_size=100))
    assert problems("}" * 101, max_script_size=100) == [(1, 1, "a script has at most 100 octets")]


def test_the_deepest_nonsense_is_only_told() -> None:
    for source in ("{" * 100_000, "[" * 100_000, "(" * 100_000, "if not " * 50_000, "a(" * 50_000, '"' * 99_999):
        assert problems(source)
