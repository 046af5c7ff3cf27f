# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from ikserver.listeners.certificates import ensure
from tests.app.serving import free_offset
from tests.cli.typed import typed


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A new server that listens on loopback only, on ports that are free."""
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    offset = free_offset()
    ports = {"lmtp": 24, "smtp": 25, "submissions": 465, "submission": 587, "imap": 143, "imaps": 993}
    listen = "\n".join(f'{name} = ["127.0.0.1:{number + offset}"]' for name, number in ports.items())
    (data / "ikserver.toml").write_text(f'hostname = "mail.a.test"\n[listen]\n{listen}\n')
    assert typed("init", "--data", str(data)) == 0
    return data


def _faults(data: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What `doctor --json` finds wrong; its exit code agrees."""
    capsys.readouterr()
    code = typed("doctor", "--data", str(data), "--json")
    faults = [f"{f['area']}: {f['text']}" for f in json.loads(capsys.readouterr().out) if f["level"] == "fault"]
    assert code == (1 if faults else 0)
    return faults


def test_a_new_server_is_well(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _faults(data, capsys) == []


def test_people_get_a_line_for_each_thing(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    typed("doctor", "--data", str(data))
    lines = capsys.readouterr().out.splitlines()
    assert f"ok       permissions  {data} and its keys are closed to others" in lines
    assert "ok       directory    server.sqlite is whole: 0 accounts" in lines


def test_what_others_could_read_is_a_fault(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (data / "tls/key.pem").chmod(0o644)
    assert _faults(data, capsys) == [f"permissions: others can reach {data}/tls/key.pem: chmod go= {data}/tls/key.pem"]


def test_a_key_of_a_domain_that_others_could_read_is_a_fault(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    typed("domain", "add", "a.test", "--data", str(data))
    key, _ = sorted((data / "keys/dkim/a.test").iterdir())
    key.chmod(0o640)
    assert _faults(data, capsys) == [f"permissions: others can reach {key}: chmod go= {key}"]


def test_a_port_that_another_program_has_is_a_fault(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = next(line for line in (data / "ikserver.toml").read_text().splitlines() if line.startswith("imap ="))
    port = int(line.rpartition(":")[2].removesuffix('"]'))
    with socket.create_server(("127.0.0.1", port)):
        (fault,) = _faults(data, capsys)
    assert fault == f"ports: imap: cannot listen on 127.0.0.1 port {port}: Address already in use"


def test_a_key_that_does_not_fit_is_a_fault(data: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    other = ensure(tmp_path / "other", ["mail.a.test"])
    other.key.replace(data / "tls/key.pem")
    (fault,) = _faults(data, capsys)
    assert fault.startswith(f"certificate: {data}/tls/certificate.pem cannot be used: ")


def test_a_further_certificate_is_looked_at_too(data: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    settings = data / "ikserver.toml"
    settings.write_text(f'{settings.read_text()}\n[tls]\nfolders = ["{tmp_path}"]\n')
    (fault,) = _faults(data, capsys)
    assert fault == f"certificate: {tmp_path}/fullchain.pem cannot be used: [Errno 2] No such file or directory"
    made = ensure(tmp_path / "made", ["mta-sts.a.test"])
    made.certificate.replace(tmp_path / "fullchain.pem")
    made.key.replace(tmp_path / "privkey.pem")
    assert _faults(data, capsys) == []


def test_a_certificate_for_another_name_is_a_warning(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = data / "ikserver.toml"
    settings.write_text(settings.read_text().replace("mail.a.test", "mail.b.test"))
    assert typed("doctor", "--data", str(data)) == 0
    assert f"warning  certificate  {data}/tls/certificate.pem is for mail.a.test, not for mail.b.test" in (
        capsys.readouterr().out
    )


def test_a_damaged_directory_is_a_fault(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    typed("domain", "add", "a.test", "--data", str(data))
    database = bytearray((data / "server.sqlite").read_bytes())
    database[4096:8192] = b"\xff" * 4096
    (data / "server.sqlite").write_bytes(database)
    (fault,) = _faults(data, capsys)
    assert fault.startswith("directory: server.sqlite: ")
    assert typed("domain", "list", "--data", str(data)) == 1
    assert capsys.readouterr().err.startswith(f"ikserver: {data}/server.sqlite cannot be used: ")


def test_data_that_is_not_there_is_a_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = tmp_path / "missing"
    assert _faults(missing, capsys) == [f"data: {missing} is not there: ikserver init makes it"]


def test_damaged_mail_is_a_fault(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    typed("domain", "add", "a.test", "--data", str(data))
    typed("account", "add", "alice@a.test", "--data", str(data))
    assert _faults(data, capsys) == []
    database = data / "mail/1/mail.sqlite"
    content = bytearray(database.read_bytes())
    content[4096:8192] = b"\xff" * 4096
    database.write_bytes(content)
    (fault,) = _faults(data, capsys)
    assert fault.startswith("mail: alice@a.test: ")
