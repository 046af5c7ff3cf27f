# SPDX-License-Identifier: GPL-3.0-or-later
"""Several scripts one after the other, and what becomes of their decisions (RFC 5228, 2.10)."""

from __future__ import annotations

from collections.abc import Iterable

from sieve.delivery import Delivery
from sieve.errors import SieveRuntimeError
from sieve.performing import Performing
from sieve.result import Result
from sieve.script import Script
from sieve.services import Actuator


def run_sequence(scripts: Iterable[Script], delivery: Delivery, actuator: Actuator) -> Result:
    """Each script as long as the message is kept so far, then all that they decided.

    An error of one ends the sequence; it is in `result.errors`, and the message is kept.
    """
    result = delivery.result
    for script in scripts:
        result.settle()
        if not result.implicit_keep:
            break
        try:
            script.run(delivery)
        except SieveRuntimeError as error:
            result.errors.append(error)
            break
    result.resume()
    execute(result, delivery, actuator)
    return result


def execute(result: Result, delivery: Delivery, actuator: Actuator) -> bool:
    """Do what is decided and not done yet, then the implicit keep. False when something failed; see `result.errors`.

    What cannot be stored or sent is kept.
    """
    performing = Performing(result, delivery, actuator)
    failures = len(result.errors)
    while result.performed < len(result.actions):
        action = result.actions[result.performed]
        result.performed += 1
        performing.attempt(action)
    if result.implicit_keep:
        performing.keep()
    return len(result.errors) == failures
