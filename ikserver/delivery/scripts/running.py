# SPDX-License-Identifier: GPL-3.0-or-later
"""Scripts run one after the other, in a thread; what they decide is written down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ikserver.delivery.scripts.collecting import INBOX, Collecting
from ikserver.delivery.scripts.library import GLOBAL, Chain, Compiler, Place
from ikserver.delivery.scripts.naming import rule_at
from ikserver.delivery.scripts.staging import Stage
from ikserver.model.scripts import Mark
from sieve import Result, Script, SieveError, SieveSyntaxError, execute
from sieve.actions import Action

_BODIES = frozenset({"body", "mime", "foreverypart", "replace", "enclose", "extracttext"})
"""Extensions that look into bodies: their scripts get the whole of a large message."""


class Failure(NamedTuple):
    """A script that could not do what it should; `place` is None for an action that failed afterwards."""

    place: Place | None
    text: str


class Run(NamedTuple):
    """What came of it. `shown` is what the scripts saw: the `whole` message, or its beginning."""

    chain: Chain
    result: Result
    collecting: Collecting
    failures: Sequence[Failure]
    marks: Sequence[Mark]
    shown: bytes
    whole: bool

    @property
    def problems(self) -> Sequence[str]:
        """What the owner of the account can do something about."""
        return [text for place, text in self.failures if place is None or place[0] != GLOBAL]

    def rule(self, action: Action | None) -> str:
        """The name and place of what decided an action; "" for what no script decides."""
        if action is None:
            return ""
        traced = (one for one in self.result.trace if (one.line, one.what) == (action.line, action.name))
        script = next((one.script for one in traced), "")
        content = next((text for (_, name), text in self.chain.contents.items() if name == script), b"")
        return rule_at(script, content, action.line)


def run(chain: Chain, compiler: Compiler, stage: Stage) -> Run:
    """The scripts before the address's own, the filter's verdict, its own, those behind it. Blocks."""
    scripts, failures = _compiled(chain, compiler)
    whole = stage.letter.is_whole or any(script.capabilities & _BODIES for script in scripts.values())
    delivery = stage.delivery(whole=whole)
    result, junk = delivery.result, stage.letter.filed.folder
    collecting = Collecting(result, stage.folders.names, refusable=stage.letter.refusable)

    def all_of(places: Sequence[Place | None]) -> bool:
        """As long as the message is kept (RFC 5228, 2.10.2). False when one of them stopped with an error."""
        for place in places:
            result.settle()
            if place not in scripts or not result.implicit_keep:
                continue
            try:
                scripts[place].run(delivery)
            except SieveError as error:
                failures.append(Failure(place, f"{place[1]}: {error}"))
                # RFC 7352, 3: only a delivery that succeeds is remembered.
                stage.seen.marks.clear()
                return False
        result.settle()
        return True

    went_well = all_of(chain.before)
    if result.implicit_keep and junk != INBOX:
        collecting.default = junk
    elif went_well:
        all_of([chain.personal, *chain.after])
    result.settle()
    result.resume()
    execute(result, delivery, collecting)
    failures += [Failure(None, str(error)) for error in result.errors]
    marks = [*stage.seen.marks.values(), *stage.answered.marks.values()]
    return Run(chain, result, collecting, failures, marks, delivery.message.original, whole)


def _compiled(chain: Chain, compiler: Compiler) -> tuple[dict[Place, Script], list[Failure]]:
    """Those that can be compiled: one that cannot is passed over."""
    scripts, failures = {}, []
    for place in (*chain.before, *([chain.personal] if chain.personal else []), *chain.after):
        try:
            scripts[place] = compiler.compiled(place, chain.contents)
        except SieveSyntaxError as error:
            failures.append(Failure(place, str(error)))
    return scripts, failures
