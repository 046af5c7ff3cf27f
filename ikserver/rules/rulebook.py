# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of addresses: read from the script where they are kept, changed, and in force from the next mail on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ikserver.accounts.redirection import check_targets
from ikserver.model.account import Account
from ikserver.rules.reading import NoRules, read
from ikserver.rules.rule import Copy, Forward, Mark, Move, Rule, Says
from ikserver.rules.writing import written
from ikserver.store.api.directory import Directory
from ikserver.store.api.errors import CannotChange, Exists, NoSuchScript, NotFound
from ikserver.store.api.mail import MailStore
from sieve import Settings, SieveSyntaxError, compile

NAME = "rules"
"""The script that holds them."""


@dataclass(frozen=True, slots=True)
class Rulebook:
    """`settings` are what scripts may do in delivery.

    Every method raises CannotChange when somebody has written what is no rule into the script of an address: it stays
    as it is, and runs. What changes something returns the rules as they are then.
    """

    directory: Directory
    mail: MailStore
    settings: Settings

    async def of(self, account: Account) -> Sequence[Rule]:
        """In the order in which they are asked."""
        scripts = (await self.mail.mail(account.id)).scripts
        try:
            return read((await scripts.get(NAME)).decode("utf-8", "surrogateescape"))
        except NoSuchScript:
            return ()
        except NoRules as problem:
            raise CannotChange(f"the script {NAME} of {account.address} is not made of rules: {problem}") from problem

    async def in_force(self, account: Account) -> bool:
        """Whether they run when mail comes: another script may be active."""
        active = await (await self.mail.mail(account.id)).scripts.active()
        return active is not None and active.name == NAME

    async def add(self, account: Account, rule: Rule, place: int | None = None) -> Sequence[Rule]:
        """As the last one, or at a place, counted from 1. Raises Exists for a name that is taken, and CannotChange for
        a rule that does nothing or would fail when mail comes."""
        rules = await self.of(account)
        if any(each.name == rule.name for each in rules):
            raise Exists(f"{account.address} has a rule {rule.name}")
        _check(rule)
        changed = _inserted(rules, rule, place)
        await self._check(account, changed)
        return await self._put(account, changed)

    async def move(self, account: Account, name: str, place: int) -> Sequence[Rule]:
        """Counted from 1; the last place is as far as it goes. Raises NotFound."""
        rule, others = _taken_out(await self.of(account), name)
        return await self._put(account, _inserted(others, rule, place))

    async def switch(self, account: Account, name: str, on: bool) -> Sequence[Rule]:
        """One that is off stays in its place, and is not asked. Raises NotFound, and CannotChange as `add` does."""
        rules = await self.of(account)
        rule, _ = _taken_out(rules, name)
        changed = [replace(each, on=on) if each is rule else each for each in rules]
        if on:
            await self._check(account, changed)
        return await self._put(account, changed)

    async def remove(self, account: Account, name: str) -> Sequence[Rule]:
        """Raises NotFound."""
        _, others = _taken_out(await self.of(account), name)
        return await self._put(account, others)

    async def _check(self, account: Account, rules: Sequence[Rule]) -> None:
        """That forwarding is allowed and does not come back, and that the script has nothing to be warned of: what is
        only a warning in scripts of others would fail when mail comes. Raises CannotChange."""
        limit = (await self.directory.organisations.of_account(account.id)).max_targets
        targets = {one.address for rule in rules if rule.on for one in rule.actions if isinstance(one, Forward)}
        await check_targets(self.directory, account, sorted(targets), limit)
        try:
            problems = compile(written(rules), name=NAME, settings=self.settings).warnings
        except SieveSyntaxError as error:
            problems = error.problems
        for problem in problems:
            raise CannotChange(f"no script can have these rules: {problem.message}")

    async def _put(self, account: Account, rules: Sequence[Rule]) -> Sequence[Rule]:
        """They are active from now on, unless another script is."""
        scripts = (await self.mail.mail(account.id)).scripts
        await scripts.put(NAME, written(rules).encode("utf-8", "surrogateescape"))
        if await scripts.active() is None:
            await scripts.activate(NAME)
        return rules


def _inserted(rules: Sequence[Rule], rule: Rule, place: int | None) -> Sequence[Rule]:
    before = len(rules) if place is None else max(place - 1, 0)
    return [*rules[:before], rule, *rules[before:]]


def _taken_out(rules: Sequence[Rule], name: str) -> tuple[Rule, Sequence[Rule]]:
    for number, rule in enumerate(rules):
        if rule.name == name:
            return rule, [*rules[:number], *rules[number + 1 :]]
    raise NotFound(f"there is no rule {name}")


def _check(rule: Rule) -> None:
    """What the name and the texts would break in a script, and what people do not mean. Raises CannotChange."""
    texts = [rule.name, *(each.text for each in rule.conditions if isinstance(each, Says))]
    for action in rule.actions:
        match action:
            case Move() | Copy():
                texts.append(action.folder)
            case Forward():
                texts.append(action.address)
    if not all(text and text.isprintable() for text in texts):
        raise CannotChange("names and texts of a rule are not empty and have no control characters")
    if rule.name != rule.name.strip():
        raise CannotChange("the name of a rule has no space around it")
    if not rule.actions and not rule.stop:
        raise CannotChange(f"the rule {rule.name} does nothing")
    kinds = [isinstance(action, Mark) for action in rule.actions]
    if kinds != sorted(kinds, reverse=True):
        raise CannotChange("a message is marked before it goes anywhere")
