# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.app.serving import free_offset
from tests.cli.typed import typed


def test_a_new_server_has_settings_keys_and_a_certificate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = tmp_path / "data"
    assert typed("init", "--data", str(data), "--hostname", "mail.a.test") == 0
    assert 'hostname = "mail.a.test"' in (data / "ikserver.toml").read_text()
    made = {path.name for path in data.iterdir()}
    assert {"server.sqlite", "keys", "tls", "spool", "run"} <= made
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert f"ikserver serve --data {data}" in capsys.readouterr().out


def test_what_is_there_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = tmp_path / "data"
    typed("init", "--data", str(data), "--hostname", "mail.a.test")
    before = {path: path.read_bytes() for path in [*data.glob("keys/*"), *data.glob("tls/*"), data / "ikserver.toml"]}
    assert typed("init", "--data", str(data)) == 0
    assert {path: path.read_bytes() for path in before} == before
    assert typed("init", "--data", str(data), "--hostname", "mail.b.test") == 1
    assert "names another host: change it there" in capsys.readouterr().err


def test_a_settings_file_may_lie_elsewhere(tmp_path: Path) -> None:
    config = tmp_path / "etc" / "ikserver.toml"
    config.parent.mkdir()
    config.write_text('data = "../lib"\nhostname = "mail.a.test"\n')
    assert typed("init", "--config", str(config)) == 0
    assert (tmp_path / "lib" / "server.sqlite").exists()


def test_a_server_that_was_not_made_is_not_served(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed("serve", "--data", str(tmp_path / "missing")) == 1
    assert capsys.readouterr().err == f"ikserver: {tmp_path}/missing is not there: ikserver init makes it\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_root_does_not_touch_data_of_another_user(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = tmp_path / "data"
    typed("init", "--data", str(data), "--hostname", "mail.a.test")
    os.chown(data, 65534, 65534)
    assert typed("domain", "list", "--data", str(data)) == 1
    assert "sudo -u nobody ikserver" in capsys.readouterr().err


@contextmanager
def _listening(path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(path))
        systemd.settimeout(30)
        yield systemd


def test_serve_tells_systemd_when_it_is_ready_and_when_it_stops(tmp_path: Path) -> None:
    data, offset = tmp_path / "data", free_offset()
    data.mkdir(mode=0o700)
    (data / "ikserver.toml").write_text(
        'hostname = "mail.a.test"\nworkers = 1\n[listen]\nlmtp = []\nsmtp = []\nsubmissions = []\nsubmission = []\n'
        f'imap = ["127.0.0.1:{offset + 143}"]\nimaps = []\n'
    )
    typed("init", "--data", str(data))
    with _listening(tmp_path / "notify") as systemd, _serving(data, tmp_path / "notify") as process:
        assert systemd.recv(100) == b"READY=1"
        with socket.create_connection(("127.0.0.1", offset + 143), timeout=10) as client:
            assert client.recv(1000).startswith(b"* OK ")
        assert systemd.recv(100) == b"WATCHDOG=1"
        process.send_signal(signal.SIGTERM)
        told = b"WATCHDOG=1"
        while told == b"WATCHDOG=1":
            told = systemd.recv(100)
        assert told == b"STOPPING=1"
        assert process.wait(10) == 0


@contextmanager
def _serving(data: Path, notify: Path) -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, "NOTIFY_SOCKET": str(notify), "WATCHDOG_USEC": "200000"}
    with subprocess.Popen([sys.executable, "-m", "ikserver", "serve", "--data", str(data)], env=environment) as process:
        try:
            yield process
        finally:
            process.kill()
