# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from ikserver.app.demo import PORTS
from tests.app.serving import demo, free_offset


def test_a_demo_tells_all_that_a_script_needs_and_shows_its_mail(tmp_path: Path) -> None:
    offset = free_offset()
    with demo(tmp_path / "data", "--port-offset", str(offset)) as server:
        told = server.told
        assert told == {
            "ready": True,
            "host": "127.0.0.1",
            "ports": {name: number + offset for name, number in PORTS.items()},
            "ca": str(tmp_path / "data/tls/ca.pem"),
            "password": told["password"],
            "accounts": ["alice@demo.test", "bob@demo.test", "admin@demo.test"],
            "domain": "demo.test",
            "url": f"https://localhost:{443 + offset}",
            "data": str(tmp_path / "data"),
        }
        subjects = server.subjects()
        assert subjects[0] == b"Subject: Welcome to ikserver"
        assert len(subjects) == 8
        assert server.subjects("admin@demo.test") == [b"Subject: Thank you"]


def test_what_is_sent_arrives_and_a_restart_keeps_it_and_the_passwords(tmp_path: Path) -> None:
    with demo(tmp_path / "data", "--no-samples") as server:
        server.send("It is raining")
        assert server.subjects() == [b"Subject: It is raining"]
        before = server.told["password"]
        assert server.stop() == 0
    with demo(tmp_path / "data") as server:
        assert server.told["password"] == before
        assert server.subjects() == [b"Subject: It is raining"]
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
    credentials = tmp_path / "data/demo-credentials"
    assert stat.S_IMODE(credentials.stat().st_mode) == 0o600
    assert credentials.read_text().splitlines()[0] == f"alice@demo.test {before}"


def test_a_given_password_and_domain_are_taken(tmp_path: Path) -> None:
    with demo(tmp_path / "data", "--password", "first secret", "--domain", "example.test") as server:
        assert server.told["accounts"][0] == "alice@example.test"
        assert len(server.subjects("alice@example.test")) == 8
    with demo(tmp_path / "data", "--password", "another", "--domain", "example.test") as server:
        assert server.told["password"] == "another"
        assert len(server.subjects("alice@example.test")) == 8


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_and_clients_hear_of_it(tmp_path: Path, number: signal.Signals, workers: str) -> None:
    with demo(tmp_path / "data", "--no-samples", "--workers", workers) as server:
        client = server.imap()
        assert server.stop(number) == 0
        assert client.readline().startswith(b"* BYE ")
        client.shutdown()


def test_a_table_is_printed_for_people(tmp_path: Path) -> None:
    offset = free_offset()
    command = [sys.executable, "-m", "ikserver", "demo", "--port-offset", str(offset), "--password", "secret"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        text = "".join(iter(process.stdout.readline, f"  data       {Path('var/demo')}\n"))
        process.terminate()
    assert f"  IMAP, TLS                 127.0.0.1  {offset + 993}\n" in text
    assert "  password   secret\n" in text
    assert (tmp_path / "var/demo/server.sqlite").exists()


def test_a_second_server_on_the_same_data_is_refused(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with demo(data, "--no-samples"):
        before = (data / "ikserver.toml").read_text()
        again = [sys.executable, "-m", "ikserver", "demo", "--data", str(data), "--port-offset", str(free_offset())]
        refused = subprocess.run(again, capture_output=True, text=True, check=False)
        assert (data / "ikserver.toml").read_text() == before
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == f"ikserver: a server process runs on {data} already\n"


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with demo(tmp_path / "one", "--no-samples") as server:
        offset = server.told["ports"]["imap"] - 143
        again = [
            sys.executable,
            "-m",
            "ikserver",
            "demo",
            "--data",
            str(tmp_path / "two"),
            "--port-offset",
            str(offset),
        ]
        refused = subprocess.run(again, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert refused.stderr == f"ikserver: cannot listen on 127.0.0.1 port {offset + 24}: Address already in use\n"


def test_verbs_work_while_the_server_runs_and_it_hears_of_them(tmp_path: Path) -> None:
    data = tmp_path / "data"

    def ikserver(*words: str) -> str:
        command = [sys.executable, "-m", "ikserver", *words, "--data", str(data)]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    with demo(data, "--no-samples") as server:
        made = json.loads(ikserver("account", "add", "carol@demo.test", "--json"))
        server.send("Welcome, Carol", "carol@demo.test")
        client = server.imap("alice@demo.test")
        ikserver("account", "disable", "alice@demo.test")
        # Her session ends at once: the hint came through DATA/run.
        assert client.readline().startswith(b"* BYE ")
        client.shutdown()
        assert made["address"] == "carol@demo.test"
        assert " 1 " in ikserver("account", "list")
        assert "FAULT" not in ikserver("doctor")
