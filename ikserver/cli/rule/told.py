# SPDX-License-Identifier: GPL-3.0-or-later
"""A rule as it is shown: in the words in which it is typed, and as JSON."""

from __future__ import annotations

from typing import assert_never

from ikserver.rules.rule import Action, Condition, Copy, Delete, Forward, Mark, Move, Rule, Says, Size

_NAMES = {Mark: "mark", Move: "move", Copy: "copy", Forward: "forward", Delete: "delete"}


def shown(place: int, rule: Rule) -> dict[str, object]:
    """A line of a table."""
    joint = " or " if rule.any else " and "
    conditions = joint.join(" ".join(filter(None, map(str, _words(each)))) for each in rule.conditions)
    actions = [f"{_NAMES[type(each)]} {_object(each)}".strip() for each in rule.actions]
    return {
        "place": place,
        "name": rule.name,
        "on": "yes" if rule.on else "no",
        "if": conditions or "always",
        "then": ", ".join([*actions, *(["stop"] if rule.stop else [])]),
    }


def as_json(place: int, rule: Rule) -> dict[str, object]:
    """Everything a rule has."""
    conditions = [
        {"field": field, "how": how, "value": value, "not": bool(negation)}
        for negation, field, how, value in map(_words, rule.conditions)
    ]
    actions = [{"action": _NAMES[type(each)], "value": _object(each)} for each in rule.actions]
    return {
        "place": place,
        "name": rule.name,
        "on": rule.on,
        "any": rule.any,
        "if": conditions,
        "then": actions,
        "stop": rule.stop,
    }


def _words(condition: Condition) -> tuple[str, str, str, str | int]:
    negation = "not" if condition.negated else ""
    match condition:
        case Says():
            return negation, condition.where.value, condition.how.value, condition.text
        case Size():
            return negation, "size", "over" if condition.over else "under", condition.octets
        case _:
            assert_never(condition)


def _object(action: Action) -> str:
    match action:
        case Mark():
            return action.flag.name.lower()
        case Move() | Copy():
            return action.folder
        case Forward():
            return action.address
        case Delete():
            return ""
        case _:
            assert_never(action)
