# SPDX-License-Identifier: GPL-3.0-or-later
"""What people type, as values: argparse calls these and prints their complaints as wrong usage."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TypeVar

from ikserver.accounts import names
from ikserver.activity import period
from ikserver.model.account import ALL_RIGHTS, Right, Rights, Role, Scope
from ikserver.model.activity import Direction, Status
from ikserver.settings.values import size

T = TypeVar("T")

NO_LIMIT = 0
USUAL = -1


def _checked(read: Callable[[str], T]) -> Callable[[str], T]:
    """argparse shows the text of an ArgumentTypeError only."""

    def argument(text: str) -> T:
        try:
            return read(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return argument


def _quota(text: str) -> int:
    return NO_LIMIT if text == "none" else size(text)


def _count(text: str) -> int:
    if not text.isdecimal():
        raise ValueError(f"{text!r} is not a whole number from 0 on")
    return int(text)


def _limit(text: str) -> int:
    return {"none": NO_LIMIT, "usual": USUAL}[text] if text in ("none", "usual") else _count(text)


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not name or not name.isprintable():
        raise ValueError(f"{text!r} is not a name")
    return name


def _login(text: str) -> str:
    if not text.isprintable() or text.split() != [text]:
        raise ValueError(f"{text!r} is not a login name: it may hold no spaces")
    return text.lower()


def _rights(text: str) -> Rights:
    match text:
        case "all":
            return ALL_RIGHTS
        case "none":
            return frozenset()
        case _:
            return frozenset(_named(Right, name) for name in text.split(","))


def _scopes(text: str) -> frozenset[Scope]:
    return frozenset(_named(Scope, name) for name in text.split(","))


def _named(kind: type[T], name: str) -> T:
    try:
        return kind(name)  # type: ignore[call-arg]
    except ValueError as error:
        known = ", ".join(member.value for member in kind)  # type: ignore[attr-defined]
        raise ValueError(f"{name!r} is none of {known}") from error


domain = _checked(names.new_domain)
own_address = _checked(names.new_address)
"""An address of ours, new or not."""
any_address = _checked(names.any_address)
"""An address here or elsewhere."""
quota = _checked(_quota)
"""Octets of 20G and the like; NO_LIMIT for `none`."""
count = _checked(_count)
limit = _checked(_limit)
"""A number, NO_LIMIT for `none`, USUAL for `usual`."""
name = _checked(_name)
"""What people read: printable, on one line, not empty."""
full_name = _checked(lambda text: text and _name(text))
"""As `name`, or nothing."""
login = _checked(_login)
"""What a person signs in as: a word, in small letters."""
rights = _checked(_rights)
"""A set of rights: all, none, or names with commas."""
scopes = _checked(_scopes)
role = _checked(lambda text: _named(Role, text))
direction = _checked(lambda text: _named(Direction, text))
status = _checked(lambda text: _named(Status, text))
begins = _checked(period.begins)
"""The first millisecond of a day, minute or second."""
ends = _checked(period.ends)
"""The last one."""


def chosen(limit: int) -> int | None:
    """A limit as it is kept: None where the settings decide."""
    return None if limit == USUAL else limit


def shown_rights(granted: Rights) -> str:
    """What `rights` reads as the set."""
    if granted == ALL_RIGHTS:
        return "all"
    return ",".join(sorted(right.value for right in granted)) or "none"


def shown_quota(octets: int | None) -> str | None:
    """A quota as people read it."""
    return "none" if octets == NO_LIMIT else None if octets is None else shown_size(octets)


def shown_size(octets: int) -> str:
    """A size as people read it, in three digits and powers of ten."""
    for unit, power in (("TB", 10**12), ("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if octets >= power:
            return f"{octets / power:.3g} {unit}"
    return f"{octets} B"
