# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates that DNS vouches for (RFC 6698; RFC 7672 says what SMTP makes of it)."""

from __future__ import annotations

import hashlib
import hmac
import ssl
from collections.abc import Callable, Sequence
from typing import Any, cast

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from ikserver.dns.api import Tlsa

DANE_TA, DANE_EE = 2, 3
_DIGESTS: dict[int, Callable[[bytes], bytes]] = {
    0: bytes,
    1: lambda data: hashlib.sha256(data).digest(),
    2: lambda data: hashlib.sha512(data).digest(),
}


def usable(records: Sequence[Tlsa]) -> tuple[Tlsa, ...]:
    """Those that SMTP has a use for: of usages 0 and 1 nobody could check the rest (RFC 7672, 3.1.3)."""
    return tuple(
        r for r in records if r.usage in (DANE_TA, DANE_EE) and r.selector in (0, 1) and r.matching in _DIGESTS
    )


def matches(records: Sequence[Tlsa], host: str, session: ssl.SSLObject) -> bool:
    """Whether the peer's certificate, or an authority in its chain, is one of the records."""
    chain = _chain(session)
    if not chain:
        return False
    leaf = chain[0]
    # RFC 7672, 3.1.1: of a DANE-EE certificate neither the names nor the dates matter.
    if any(r.usage == DANE_EE and _is(r, leaf) for r in records):
        return True
    anchors = [c for c in chain[1:] if any(r.usage == DANE_TA and _is(r, c) for r in records)]
    return any(_issued(anchor, host, leaf, chain[1:]) for anchor in anchors)


def _is(record: Tlsa, certificate: x509.Certificate) -> bool:
    """RFC 6698, 2.1.2 and 2.1.3."""
    if record.selector == 0:
        octets = certificate.public_bytes(Encoding.DER)
    else:
        octets = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hmac.compare_digest(_DIGESTS[record.matching](octets), record.data)


def _issued(anchor: x509.Certificate, host: str, leaf: x509.Certificate, between: Sequence[x509.Certificate]) -> bool:
    """Whether the chain leads to the authority and the leaf is for the host (RFC 7672, 3.1.2)."""
    verifier = PolicyBuilder().store(Store([anchor])).build_server_verifier(x509.DNSName(host))
    try:
        verifier.verify(leaf, list(between))
    except VerificationError:
        return False
    return True


def _chain(session: ssl.SSLObject) -> list[x509.Certificate]:
    """What the peer sent, its own certificate first."""
    # Public from Python 3.13 on; the chain is needed unverified, for DNS verifies it and no authority does.
    sent = cast(Any, session)._sslobj.get_unverified_chain() or ()
    return [x509.load_der_x509_certificate(_der(each)) for each in sent]


def _der(certificate: Any) -> bytes:
    return ssl.PEM_cert_to_DER_cert(certificate.public_bytes())
