# SPDX-License-Identifier: GPL-3.0-or-later
"""Loops over parts, and tests that look at them (RFC 5703, 3 and 4)."""

from __future__ import annotations

import pytest

from sieve import SieveRuntimeError, SieveSyntaxError, compile
from tests.sieve.running import decide, holds

REQUIRED = 'require ["foreverypart", "mime", "variables", "fileinto", "editheader"];'
NESTED = b"""\
From: tim@example.com
Subject: top
Content-Type: multipart/mixed; boundary=A
X-Name: a

--A
Content-Type: multipart/alternative; boundary=B
X-Name: b

--B
Content-Type: text/plain
X-Name: c
Content-From: Tim <tim@example.com>

text
--B
Content-Type: text/html; charset=utf-8
X-Name: d

<p>
--B--
--A
Content-Type: application/pdf; name="plan.exe"
Content-Disposition: attachment; filename*0="very "; filename*1*=important%2Epdf
X-Name: e

%PDF
--A
Content-Type: message/rfc822
X-Name: f

Subject: inside
X-Name: g

text
--A--
""".replace(b"\n", b"\r\n")


def visited(script: str) -> str:
    """What a script has put together in the variable `names`."""
    (action,) = decide(f'{REQUIRED} set "names" ""; {script} fileinto "${{names}}.";', NESTED).actions
    return action.mailbox.removesuffix(".")  # type: ignore[attr-defined,no-any-return]


ADD = 'if header :mime :matches "x-name" "*" { set "names" "${names}${1}"; }'


def test_every_part_is_visited_depth_first_and_the_message_itself_first() -> None:
    assert visited(f"foreverypart {{ {ADD} }}") == "abcdefg"


def test_an_inner_loop_goes_over_what_is_inside_the_part_of_the_outer_one() -> None:
    loops = f'foreverypart {{ {ADD} foreverypart {{ {ADD} }} set "names" "${{names}}-"; }}'
    assert visited(loops) == "abcdefg-bcd-c-d-e-fg-g-"


def test_loops_nest_three_deep() -> None:
    assert visited(f"foreverypart {{ foreverypart {{ foreverypart {{ {ADD} }} }} }}") == "cdg"


def test_break_ends_the_innermost_loop() -> None:
    loops = f'foreverypart {{ foreverypart {{ {ADD} break; }} set "names" "${{names}}-"; }}'
    assert visited(loops) == "b-c---" + "-g--"


def test_break_with_a_name_ends_the_innermost_loop_of_that_name() -> None:
    assert visited(f'foreverypart :name "x" {{ foreverypart {{ {ADD} break :name "x"; }} }}') == "b"


def test_an_inner_loop_hides_an_outer_one_of_the_same_name() -> None:
    loops = f'foreverypart :name "x" {{ foreverypart :name "x" {{ {ADD} break :name "x"; }} }}'
    assert visited(loops) == "bcg"


def test_break_passes_through_conditions() -> None:
    assert visited(f'foreverypart {{ {ADD} if header :mime "x-name" "c" {{ if true {{ break; }} }} }}') == "abc"


def test_stop_ends_everything() -> None:
    assert decide(f"{REQUIRED} foreverypart {{ discard; stop; }} keep;", NESTED).actions[-1].name == "discard"


@pytest.mark.parametrize(
    ("script", "problem"),
    [
        ("break;", "break stands in a block of foreverypart"),
        ('foreverypart :name "x" { break :name "y"; }', "no foreverypart around this break is named 'y'"),
        ("foreverypart;", "foreverypart needs a block"),
        ('if header :anychild "x" "y" { keep; }', ":anychild needs :mime"),
        ('if header :type "x" "y" { keep; }', ":type needs :mime"),
        ('if exists :anychild "x" { keep; }', ":anychild needs :mime"),
        ('if header :mime :type :subtype "x" "y" { keep; }', ":subtype cannot stand beside :type"),
        ('if address :mime :type "x" "y" { keep; }', "address has no argument :type"),
    ],
)
def test_what_is_wrong_is_told_when_the_script_is_compiled(script: str, problem: str) -> None:
    with pytest.raises(SieveSyntaxError, match=problem):
        compile(f"{REQUIRED} {script}")


def test_a_name_that_only_variables_tell_is_looked_for_in_the_run() -> None:
    script = 'set "x" "one"; foreverypart :name "one" { break :name "${x}"; } foreverypart { break :name "${x}"; }'
    with pytest.raises(SieveRuntimeError, match="no loop here is named 'one'"):
        decide(f"{REQUIRED} {script}", NESTED)


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ('header :mime :type "content-type" "multipart"', True),
        ('header :mime :subtype "content-type" "mixed"', True),
        ('header :mime :contenttype "content-type" "text/html"', False),
        ('header :mime :anychild :contenttype "content-type" "text/html"', True),
        ('header :mime :anychild :type "content-disposition" "attachment"', True),
        ('header :mime :anychild :contenttype "content-disposition" "attachment"', True),
        ('header :mime :anychild :subtype "content-disposition" "attachment"', False),
        ('header :mime :type "subject" ""', True),
        ('header :mime :subtype ["subject", "from"] "top"', False),
        ('header :mime :param "boundary" "content-type" "A"', True),
        ('header :mime :anychild :param "filename" :is "content-disposition" "very important.pdf"', True),
        ('header :mime :anychild :param ["filename", "NAME"] :matches "content-type" "*.exe"', True),
        ('header :mime :anychild :param "x" :contains "content-type" ""', False),
        ('header :mime :anychild :count "eq" :comparator "i;ascii-numeric" :type "content-type" "6"', True),
        ('header :mime :anychild :count "eq" :comparator "i;ascii-numeric" :param "boundary" "content-type" "2"', True),
        ('header :mime "x-name" "b"', False),
        ('header :mime :anychild "x-name" "b"', True),
        ('header :mime :anychild "subject" "inside"', True),
        ('header "subject" "inside"', False),
        ('address :mime "content-from" "tim@example.com"', False),
        ('address :mime :anychild :is :all "content-from" "tim@example.com"', True),
        ('address :mime :anychild :localpart "from" "tim"', True),
        ('exists :mime "content-from"', False),
        ('exists :mime :anychild "content-from"', True),
        ('exists :mime :anychild ["content-from", "content-disposition"]', True),
        ('exists :mime :anychild ["content-from", "content-md5"]', False),
    ],
)
def test_tests_outside_of_loops(test: str, expected: bool) -> None:
    required = "mime relational comparator-i;ascii-numeric"
    assert holds(test, NESTED, required) is expected


def test_in_a_loop_only_tests_with_mime_look_at_parts() -> None:
    # RFC 5703, 4.2: without it they operate on the fields of the message.
    script = f"""{REQUIRED} foreverypart {{
        if allof (not header :mime "x-name" "a", anyof (not header "x-name" "a", not exists "subject",
                  not address "from" "tim@example.com")) {{ discard; }}
    }}"""
    assert decide(script, NESTED).actions == []


def test_in_a_loop_anychild_looks_at_what_is_inside_the_part() -> None:
    test = 'if header :mime :anychild "x-name" ["c", "g"]'
    assert visited(f"foreverypart {{ {test} {{ {ADD} }} }}") == "abcfg"


def test_an_image_at_the_top() -> None:
    # RFC 5703, 4.1.
    script = 'header :mime :type "Content-Type" "image"'
    assert holds(script, b"Content-Type: IMAGE/png; name=x\r\n\r\n", "mime")
    assert not holds(script, b"Content-Type: image\r\n\r\n", "mime")


def test_the_message_itself_is_tested_as_edits_have_left_it() -> None:
    script = 'addheader "X-Name" "new"; if header :mime :anychild "x-name" "new" { discard; }'
    assert [action.name for action in decide(f"{REQUIRED} {script}", NESTED).actions] == ["discard"]
