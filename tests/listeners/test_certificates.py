# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import shutil
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ikserver.listeners import certificates
from ikserver.listeners.certificates import ends, ensure
from ikserver.listeners.tls import CertificateFiles


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
