# SPDX-License-Identifier: GPL-3.0-or-later
"""The MTA-STS policy of far.test, and whoever fetches it."""

from __future__ import annotations

from collections.abc import Iterable

from ikserver.outbound.mtasts import Fetch

STS = {"_mta-sts.far.test": [b"v=STSv1; id=20261124;"]}
POLICY = b"version: STSv1\r\nmode: enforce\r\nmx: *.far.test\r\nmax_age: 864000\r\n"
TESTING = POLICY.replace(b"enforce", b"testing")


def fetching(answers: Iterable[bytes | OSError]) -> Fetch:
    """Gets one answer after the other, and no more than there are."""
    left = iter(answers)

    async def fetch(domain: str) -> bytes:
        assert domain == "far.test"
        answer = next(left, OSError("nothing is there"))
        if isinstance(answer, OSError):
            raise answer
        return answer

    return fetch
