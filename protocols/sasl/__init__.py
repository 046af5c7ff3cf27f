# SPDX-License-Identifier: GPL-3.0-or-later
"""SASL mechanisms of the server's side (RFC 4422) as steps, for IMAP, SMTP and ManageSieve alike. Read steps.py first.

    step: Step[Login] = start(mechanism, initial)
    while True:
        match step:
            case Challenge():       step = step.respond(await answer_to(step.data))
            case VerifierWanted():  step = step.supply(await authenticator.scram(step.user, peer))
            case Credentials():     login = await authenticator.password(step.user, step.password, peer); break
            case Verified():        login = step.login; break

Nothing here waits: between two steps the conversation reads a line or looks up a user. `transfer` has the base64 of it.
"""

from protocols.sasl.errors import Cancelled, Malformed, NotAuthorised, SaslError, UnknownMechanism
from protocols.sasl.mechanisms import MECHANISMS, start
from protocols.sasl.saslprep import Prohibited, saslprep
from protocols.sasl.scram import Keys, derive
from protocols.sasl.steps import Challenge, Credentials, Step, Verified, Verifier, VerifierWanted

__all__ = [
    "MECHANISMS",
    "Cancelled",
    "Challenge",
    "Credentials",
    "Keys",
    "Malformed",
    "NotAuthorised",
    "Prohibited",
    "SaslError",
    "Step",
    "UnknownMechanism",
    "Verified",
    "Verifier",
    "VerifierWanted",
    "derive",
    "saslprep",
    "start",
]
