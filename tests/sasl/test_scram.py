# SPDX-License-Identifier: GPL-3.0-or-later
"""SCRAM-SHA-256 against the vector of RFC 7677, and against everything a client may get wrong."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64decode, b64encode
from dataclasses import dataclass

import pytest

from protocols.sasl import Challenge, Keys, Malformed, NotAuthorised, Step, Verified, VerifierWanted, derive, saslprep
from protocols.sasl.scram import scram

SALT = b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")
CLIENT_NONCE = "rOprNGfwEbeRWgbNEkqO"
SERVER_NONCE = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
CLIENT_FINAL = f"c=biws,r={CLIENT_NONCE}{SERVER_NONCE},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=".encode()


class WrongPassword(Exception):
    pass


@dataclass(frozen=True)
class Stored:
    """A verifier as a server keeps it."""

    keys: Keys
    salt: bytes = SALT
    iterations: int = 4096

    def verify(self, auth_message: bytes, proof: bytes) -> tuple[str, bytes]:
        signature = self.keys.signature(auth_message, proof)
        if signature is None:
            raise WrongPassword
        return "logged in", signature


PENCIL = Stored(derive("pencil", SALT, 4096))


def begin(first: bytes) -> VerifierWanted[str]:
    step: Step[str] = scram(first, nonce=lambda: SERVER_NONCE)
    assert isinstance(step, VerifierWanted)
    return step


def challenged(step: Step[str]) -> Challenge[str]:
    assert isinstance(step, Challenge)
    return step


def test_the_exchange_of_rfc_7677() -> None:
    wanted = begin(b"n,,n=user,r=" + CLIENT_NONCE.encode())
    assert wanted.user == "user"
    server_first = challenged(wanted.supply(PENCIL))
    assert server_first.data.decode() == (f"r={CLIENT_NONCE}{SERVER_NONCE},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")
    server_final = challenged(server_first.respond(CLIENT_FINAL))
    assert server_final.data == b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
    assert server_final.respond(b"") == Verified("logged in")


def test_the_client_is_asked_first_when_it_sends_nothing() -> None:
    step = challenged(scram(None))
    assert step.data == b""
    assert isinstance(step.respond(b"n,,n=user,r=abc"), VerifierWanted)


def test_each_exchange_has_a_nonce_of_its_own() -> None:
    one: Step[str] = scram(b"n,,n=user,r=abc")
    two: Step[str] = scram(b"n,,n=user,r=abc")
    assert isinstance(one, VerifierWanted)
    assert isinstance(two, VerifierWanted)
    assert challenged(one.supply(PENCIL)).data != challenged(two.supply(PENCIL)).data


def test_a_wrong_password_is_refused_by_the_verifier() -> None:
    step = challenged(begin(b"n,,n=user,r=" + CLIENT_NONCE.encode()).supply(Stored(derive("pen", SALT, 4096))))
    with pytest.raises(WrongPassword):
        step.respond(CLIENT_FINAL)


def test_a_name_is_unescaped_and_prepared() -> None:
    assert begin(b"n,,n=a=2Cb=3Dc,r=x").user == "a,b=c"
    assert begin("n,,n=Jos\u0065\u0301@a.test,r=x".encode()).user == "José@a.test"


def test_a_client_that_knows_of_channel_binding_may_log_in() -> None:
    assert begin(b"y,,n=user,r=x").user == "user"


@pytest.mark.parametrize(
    "first",
    [
        b"",
        b"n,n=user,r=x",
        b"p=tls-unique,,n=user,r=x",
        b"n,,m=ext,n=user,r=x",
        b"n,,n=us=er,r=x",
        b"n,,n=,r=x",
        b"n,,n=user,r=",
        b"n,,n=user,r=x\x07",
        b"n,,n=us\xff,r=x",
        b"n,,n=us\x01er,r=x",
    ],
)
def test_a_first_message_that_breaks_the_syntax_is_refused(first: bytes) -> None:
    with pytest.raises(Malformed):
        scram(first)


def test_acting_as_another_user_is_refused() -> None:
    with pytest.raises(NotAuthorised):
        scram(b"n,a=boss,n=user,r=x")


@pytest.mark.parametrize(
    "change",
    [
        (b"c=biws", b"c=eSws"),  # another GS2 header: somebody downgraded the exchange
        (b"r=rOp", b"r=xOp"),  # another nonce
        (b",p=", b",q="),
        (b"p=dHz", b"p=d!z"),
        (b"c=biws", b"c=b"),
    ],
)
def test_a_final_message_that_was_tampered_with_is_refused(change: tuple[bytes, bytes]) -> None:
    step = challenged(begin(b"n,,n=user,r=" + CLIENT_NONCE.encode()).supply(PENCIL))
    with pytest.raises(Malformed):
        step.respond(CLIENT_FINAL.replace(*change))


def test_a_proof_of_another_length_proves_nothing() -> None:
    assert PENCIL.keys.signature(b"message", b"") is None
    assert PENCIL.keys.signature(b"message", bytes(33)) is None


def test_nothing_may_follow_the_signature() -> None:
    step = challenged(begin(b"n,,n=user,r=" + CLIENT_NONCE.encode()).supply(PENCIL))
    with pytest.raises(Malformed):
        challenged(step.respond(CLIENT_FINAL)).respond(b"x")


def test_extensions_that_we_do_not_know_are_ignored_and_signed() -> None:
    first_bare = f"n=user,r={CLIENT_NONCE},x=y"
    step = challenged(begin(f"n,,{first_bare}".encode()).supply(PENCIL))
    without_proof = f"c=biws,r={CLIENT_NONCE}{SERVER_NONCE},z=1"
    auth_message = f"{first_bare},{step.data.decode()},{without_proof}".encode()
    final = f"{without_proof},p={b64encode(client_proof('pencil', auth_message)).decode()}"
    assert challenged(step.respond(final.encode())).data.startswith(b"v=")


def client_proof(password: str, auth_message: bytes) -> bytes:
    """The client's side of RFC 5802, 3."""
    salted = hashlib.pbkdf2_hmac("sha256", saslprep(password).encode(), SALT, 4096)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    mask = hmac.digest(hashlib.sha256(client_key).digest(), auth_message, "sha256")
    return bytes(k ^ m for k, m in zip(client_key, mask, strict=True))
