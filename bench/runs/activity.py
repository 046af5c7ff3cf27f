# SPDX-License-Identifier: GPL-3.0-or-later
"""The activity log: pages of every kind of search among a million events. There is no peer."""

from __future__ import annotations

from . import Plan, Sides, generate


def activity(plan: Plan) -> Sides:
    """`plan.messages` events. The log is filled once, the pages are asked for in each round."""
    options = [str(plan.messages), "--rounds", str(plan.rounds)]
    return {"ours": [generate(plan, "ikserver (the log of one server)", ["-m", "bench.activity", *options])]}
