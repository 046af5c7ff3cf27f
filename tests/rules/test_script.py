# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules as a script, and back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ikserver.rules.reading import NoRules, read
from ikserver.rules.rule import Copy, Delete, Flag, Forward, How, Mark, Move, Rule, Says, Size, Where
from ikserver.rules.writing import written
from sieve import Delivery, Envelope, Message, compile
from sieve.actions import Keep, Redirect, Store

INVOICES = Rule(
    "Invoices",
    (Says(Where.SUBJECT, How.CONTAINS, "invoice"), Says(Where.FROM, How.ENDS, "@shop.test", negated=True)),
    (Mark(Flag.READ), Copy("Archive/2026"), Move("Invoices")),
    stop=True,
)
LARGE = Rule("Too large", (Size(True, 10 << 20), Says(Where.CONTENT, How.CONTAINS, "video")), (Delete(),), any=True)
EVERYTHING = Rule("To bob", (), (Forward("bob@far.test"),), on=False)


def test_anybody_can_read_the_script() -> None:
    text = written([INVOICES, LARGE, EVERYTHING])
    assert (
        text[text.index("require") :]
        == """\
require ["body", "copy", "fileinto", "imap4flags", "mailbox"];

# rule:[Invoices]
if allof (header :contains "subject" "invoice", not address :matches "from" "*@shop.test") {
    addflag "\\\\Seen";
    fileinto :copy :create "Archive/2026";
    fileinto :create "Invoices";
    stop;
}

# rule:[Too large]
if anyof (size :over 10M, body :text :contains "video") {
    discard;
}

# rule:[To bob]
if allof (false, true) {
    redirect :copy "bob@far.test";
}
"""
    )


def test_the_script_is_read_as_the_rules_that_it_was_made_of() -> None:
    rules = INVOICES, LARGE, EVERYTHING
    assert read(written(rules)) == rules
    assert read(written([])) == ()


texts = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=12)
names = texts.map(str.strip).filter(lambda name: name.isprintable() and name)
conditions = st.builds(
    Says, st.sampled_from(Where), st.sampled_from([how for how in How if how is not How.MATCHES]), texts, st.booleans()
) | st.builds(Size, st.booleans(), st.integers(0, 1 << 40), st.booleans())
actions = (
    st.builds(Mark, st.sampled_from(Flag))
    | st.builds(Move, texts)
    | st.builds(Copy, texts)
    | st.builds(Forward, texts)
    | st.just(Delete())
)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.builds(
            Rule,
            names,
            st.lists(conditions, min_size=1, max_size=3).map(tuple),
            st.lists(actions, max_size=3).map(tuple),
            st.booleans(),
            st.booleans(),
            st.booleans(),
        ),
        max_size=3,
        unique_by=lambda rule: rule.name,
    )
)
def test_what_is_written_is_read(rules: list[Rule]) -> None:
    assert read(written(rules)) == tuple(rules)


@settings(max_examples=100, deadline=None)
@given(st.text(r"ab*?\"", min_size=1, max_size=6))
def test_any_pattern_stays_the_pattern_that_it_is(pattern: str) -> None:
    text = written([Rule("A", (Says(Where.SUBJECT, How.MATCHES, pattern),), (Delete(),))])
    assert written(read(text)) == text


def test_a_rule_that_an_editor_wrote_is_a_rule() -> None:
    script = """require ["fileinto"];\r
# rule:[Lists]\r
if anyof (header :contains "Subject" "[talk]", header :contains "to" ["talk@lists.test"])\r
{\r
\tfileinto "Lists";\r
}\r
if size :over 1M { discard; stop; }\r
"""
    lists, unnamed = read(script)
    assert lists == Rule(
        "Lists",
        (Says(Where.SUBJECT, How.CONTAINS, "[talk]"), Says(Where.TO, How.CONTAINS, "talk@lists.test")),
        (Move("Lists"),),
        any=True,
    )
    assert unnamed == Rule("Rule 1", (Size(True, 1 << 20),), (Delete(),), stop=True)


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("keep;\nif true { discard; }\n", "line 1: keep is no rule"),
        ("if true { discard; }\nelse { keep; }\n", "line 2: else is no rule"),
        ("if true {\n  keep;\n}\n", "line 2: no rule has this action: keep"),
        ('if exists "list-id" { discard; }\n', "line 1: no rule has this condition: exists"),
        ('if header :is "from" "a@b.test" { discard; }\n', "line 1: in a rule, from is … is asked with address"),
        ('if header :regex "subject" "a+" { discard; }\n', "line 1: no rule looks for something by regex"),
        ("if allof (true { discard; }\n", "line 1: "),
    ],
)
def test_what_no_rule_says_is_told_with_its_line(script: str, told: str) -> None:
    with pytest.raises(NoRules, match=told.replace("(", r"\(")):
        read(script)


def decided(*rules: Rule, message: bytes) -> list[object]:
    """What the script of these rules does with a message."""
    delivery = Delivery(Message(message), Envelope("eve@far.test", "alice@a.test"))
    return list(compile(written(rules)).run(delivery).actions)


@pytest.mark.parametrize(
    ("says", "holds"),
    [
        (Says(Where.FROM, How.IS, "eve@far.test"), True),
        (Says(Where.FROM, How.IS, "Eve Example"), False),
        (Says(Where.FROM, How.CONTAINS, "eve ex"), True),
        (Says(Where.FROM, How.ENDS, "@FAR.test"), True),
        (Says(Where.TO, How.BEGINS, "alice@"), True),
        (Says(Where.CC, How.CONTAINS, "a"), False),
        (Says(Where.SUBJECT, How.BEGINS, "50%*"), True),
        (Says(Where.SUBJECT, How.BEGINS, "50*"), False),
        (Says(Where.SUBJECT, How.MATCHES, "50*off"), True),
        (Says(Where.SUBJECT, How.IS, "50%* off", negated=True), False),
        (Says(Where.CONTENT, How.CONTAINS, "pay now"), True),
        (Size(False, 1000), True),
    ],
)
def test_conditions_hold(says: Says | Size, holds: bool) -> None:
    message = b"From: Eve Example <eve@far.test>\r\nTo: alice@a.test\r\nSubject: 50%* off\r\n\r\nPay now.\r\n"
    found = decided(Rule("A", (says,), (Move("Found"),)), message=message)
    assert [action.mailbox for action in found if isinstance(action, Store)] == ["Found"] * holds


def test_order_and_stop_and_off_decide() -> None:
    message = b"Subject: invoice\r\n\r\nHello.\r\n"
    first = Rule("A", (), (Mark(Flag.FLAGGED), Move("First")), stop=True)
    second = Rule("B", (), (Move("Second"),))
    stores = [a for a in decided(first, second, message=message) if isinstance(a, Store)]
    assert [(each.mailbox, list(each.flags or ())) for each in stores] == [("First", ["\\Flagged"])]
    off = Rule("A", (), (Move("First"),), stop=True, on=False)
    assert [a.mailbox for a in decided(off, second, message=message) if isinstance(a, Store)] == ["Second"]


def test_what_is_forwarded_stays_here() -> None:
    found = decided(Rule("A", (), (Forward("bob@far.test"),)), message=b"Subject: a\r\n\r\nb\r\n")
    assert [each.address for each in found if isinstance(each, Redirect)] == ["bob@far.test"]
    assert not any(isinstance(each, Keep) for each in found)
