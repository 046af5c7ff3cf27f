# SPDX-License-Identifier: GPL-3.0-or-later
"""Fields go in and out of files as of octets in memory; when that fails everything is as before."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ikserver.delivery.authentication.findings import results_field
from ikserver.delivery.authentication.stamping import stamped
from ikserver.model.authentication import Arc, Authenticated, Disposition, Dmarc, Result, Signature, Spf
from ikserver.model.mail import SpooledFile
from tests.support import on_loop

OCTETS = b"".join(b"%06d\n" % n for n in range(200_000))


@pytest.mark.parametrize("cuts", [[], [(7, 14)], [(70, 140), (140, 147), (700_000, 1_399_993)], [(7, len(OCTETS))]])
@on_loop
async def test_a_file_and_memory_become_the_same(tmp_path: Path, cuts: list[tuple[int, int]]) -> None:
    path = tmp_path / "body"
    path.write_bytes(OCTETS)
    with ThreadPoolExecutor(1) as threads:
        wanted = await stamped(OCTETS, b"New: field\n", 7, lambda _: cuts, threads)
        new = await stamped(SpooledFile(path, len(OCTETS)), b"New: field\n", 7, lambda _: cuts, threads)
    assert isinstance(new, SpooledFile)
    assert new.path.read_bytes() == wanted
    assert new.size == len(OCTETS) + 11 - sum(end - start for start, end in cuts)
    assert list(tmp_path.iterdir()) == [new.path]


@on_loop
async def test_when_it_fails_the_old_file_is_still_there_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "body"
    path.write_bytes(OCTETS)

    def full(_: object) -> list[tuple[int, int]]:
        raise OSError("no space left")

    with ThreadPoolExecutor(1) as threads, pytest.raises(OSError, match="no space left"):
        await stamped(SpooledFile(path, len(OCTETS)), b"New: field\n", 7, full, threads)
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == OCTETS


def test_all_that_was_found_is_told() -> None:
    found = Authenticated(
        spf=Spf(Result.FAIL, "far.test"),
        helo=Spf(Result.NONE, "[192.0.2.1]"),
        dkim=(
            Signature(
                Result.PASS, "far.test", "one", "rsa-sha256", "abcdefgh", True, "the end of the body is not signed"
            ),
            Signature(Result.NEUTRAL, "", reason="d= is missing"),
        ),
        dmarc=Dmarc(Result.FAIL, "far.test", asked=Disposition.REJECT),
        arc=Arc(Result.FAIL, "list.test", reason="seal 2 did not verify"),
    )
    assert results_field("mail.example.org", "192.0.2.1", "ännchen@far.test", found).decode() == (
        "Authentication-Results: mail.example.org;\r\n"
        "\tspf=fail smtp.mailfrom=far.test;\r\n"
        "\tspf=none smtp.helo=[192.0.2.1];\r\n"
        '\tdkim=pass reason="the end of the body is not signed" header.d=far.test header.s=one header.a=rsa-sha256'
        " header.b=abcdefgh;\r\n"
        '\tdkim=neutral reason="d= is missing";\r\n'
        "\tdmarc=fail policy.dmarc=reject header.from=far.test;\r\n"
        '\tarc=fail reason="seal 2 did not verify" smtp.remote-ip=192.0.2.1;\r\n'
        "\tiprev=none policy.iprev=192.0.2.1\r\n"
    )
