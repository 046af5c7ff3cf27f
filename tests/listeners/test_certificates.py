# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import asyncio
import shutil
import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ikserver.listeners import certificates
from ikserver.listeners.certificates import Material, ends, ensure
from ikserver.listeners.tls import CertificateFiles
from tests.support import on_loop


def test_what_is_there_is_kept(tmp_path: Path) -> None:
    first = ensure(tmp_path, ["mail.demo.test", "127.0.0.1"])
    before = first.certificate.read_bytes(), first.authority.read_bytes()
    assert ensure(tmp_path, ["mail.demo.test"]) == first
    assert (first.certificate.read_bytes(), first.authority.read_bytes()) == before


def test_another_name_gets_a_new_certificate_of_the_same_authority(tmp_path: Path) -> None:
    first = ensure(tmp_path, ["mail.demo.test"])
    before = first.certificate.read_bytes(), first.authority.read_bytes()
    ensure(tmp_path, ["mail.demo.test", "mail.other.test"])
    assert first.certificate.read_bytes() != before[0]
    assert first.authority.read_bytes() == before[1]


def test_a_certificate_that_ends_soon_is_renewed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificates, "CERTIFICATE_DAYS", 20)
    first = ensure(tmp_path, ["mail.demo.test"])
    assert ends(first.certificate) - datetime.now(UTC) < timedelta(days=21)
    monkeypatch.undo()
    ensure(tmp_path, ["mail.demo.test"])
    assert ends(first.certificate) - datetime.now(UTC) > timedelta(days=390)


def test_keys_are_for_the_owner_only(tmp_path: Path) -> None:
    made = ensure(tmp_path / "tls", ["mail.demo.test"])
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in made.key.parent.iterdir()}
    assert modes == {"ca.pem": 0o644, "ca-key.pem": 0o600, "certificate.pem": 0o644, "key.pem": 0o600}
    assert stat.S_IMODE(made.key.parent.stat().st_mode) == 0o700


def test_a_renewed_pair_is_taken_and_one_that_does_not_fit_is_not(tmp_path: Path) -> None:
    made = ensure(tmp_path / "one", ["mail.demo.test"])
    other = ensure(tmp_path / "two", ["mail.demo.test"])
    files = CertificateFiles(made.certificate, made.key)
    assert files.reload() is False
    shutil.copy(other.certificate, made.certificate)
    assert files.reload() is False
    shutil.copy(other.key, made.key)
    assert files.reload() is True
    assert files.reload() is False


async def shown(files: CertificateFiles, trusted: Material, name: str | None) -> str:
    """The first name in the certificate that a client gets who asks for `name`."""
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0, ssl=files.context)
    context = ssl.create_default_context(cafile=trusted.authority)
    context.check_hostname = False
    port = server.sockets[0].getsockname()[1]
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname=name or "")
    certificate = writer.get_extra_info("peercert")
    writer.close()
    server.close()
    return str(certificate["subjectAltName"][0][1])


@on_loop
async def test_a_client_gets_the_certificate_for_the_name_it_asks_for(tmp_path: Path) -> None:
    """RFC 6066, 3."""
    made = ensure(tmp_path, ["mail.demo.test"])
    certificate, key = tmp_path / "first.pem", tmp_path / "first-key.pem"
    shutil.copy(made.certificate, certificate)
    shutil.copy(made.key, key)
    ensure(tmp_path, ["mta-sts.demo.test", "*.other.test"])
    files = CertificateFiles(certificate, key, [(made.certificate, made.key)])
    names = ["mail.demo.test", "MTA-STS.demo.test", "any.other.test", "a.b.other.test", "unknown.test"]
    seen = [await shown(files, made, name) for name in names]
    assert seen == ["mail.demo.test", "mta-sts.demo.test", "mta-sts.demo.test", "mail.demo.test", "mail.demo.test"]
    ensure(tmp_path, ["mta-sts.demo.test", "*.other.test", "new.test"])
    assert await shown(files, made, "new.test") == "mail.demo.test"
    assert files.reload()
    assert await shown(files, made, "new.test") == "mta-sts.demo.test"
