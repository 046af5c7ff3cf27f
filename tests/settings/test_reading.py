# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ikserver.settings import Address, SettingsError, load, load_data, parse
from ikserver.settings.values import address, duration, show_duration, show_size, size


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[smtp]\nmaxsize = 1", "there is no setting smtp.maxsize; did you mean smtp.max_size?"),
        ("hostnam = 'x'", "there is no setting hostnam; did you mean hostname?"),
        ("[smtp]\nmax_size = 5", "smtp.max_size must be text in quotes"),
        ("[smtp]\nmax_size = 'much'", "smtp.max_size: 'much' is not a size such as 201MB or 20G"),
        ("[imap]\nidle_timeout = '5 years'", "imap.idle_timeout: '5 years' is not a duration such as 30s, 5m or 2h"),
        ("workers = -1", "workers must be a whole number from 0 on"),
        ("workers = true", "workers must be a whole number from 0 on"),
        ("[login]\nscram = 1", "login.scram must be true or false"),
        ("[log]\nformat = 'xml'", "log.format must be one of text, json"),
        ("[listen]\nimap = '*:143'", "listen.imap must be a list"),
        ("[outbound]\nmessages_per_minute_to = 5", "outbound.messages_per_minute_to must be a table"),
        (
            "[outbound]\nmessages_per_minute_to = {'a.test' = -1}",
            "outbound.messages_per_minute_to.a.test must be a whole number from 0 on",
        ),
        ("[listen]\nimap = ['143']", "listen.imap: '143' is not an address such as 127.0.0.1:25, [::1]:25 or *:25"),
        ("smtp = 5", "smtp is a section: write [smtp]"),
    ],
)
def test_a_wrong_setting_is_refused_with_what_would_be_right(text: str, complaint: str) -> None:
    with pytest.raises(SettingsError) as refused:
        parse(text)
    assert str(refused.value) == complaint


def test_a_file_that_is_not_toml_is_refused_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "ikserver.toml"
    path.write_text("[smtp")
    with pytest.raises(SettingsError, match=r"ikserver\.toml: not TOML"):
        load(path)
    with pytest.raises(SettingsError, match="cannot be read"):
        load(tmp_path / "missing.toml")


def test_data_is_meant_from_the_folder_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "ikserver.toml"
    path.write_text('data = "mail"')
    assert load(path).data == tmp_path / "mail"


def test_a_data_directory_brings_its_own_settings(tmp_path: Path) -> None:
    assert load_data(tmp_path).hostname == ""
    (tmp_path / "ikserver.toml").write_text('hostname = "mail.example.org"')
    assert (load_data(tmp_path).hostname, load_data(tmp_path).data) == ("mail.example.org", tmp_path)


def test_addresses_are_read_as_people_write_them() -> None:
    assert address("127.0.0.1:25") == Address("127.0.0.1", 25)
    assert address("[::1]:25") == Address("::1", 25)
    assert address("*:25") == Address(None, 25)
    for text in "127.0.0.1:25", "[::1]:25", "localhost:25", "*:25":
        assert str(address(text)) == text


@given(st.integers(0, 10**15))
def test_sizes_are_read_as_they_are_shown(octets: int) -> None:
    assert size(show_size(octets)) == octets


@given(st.integers(0, 10**9))
def test_durations_are_read_as_they_are_shown(milliseconds: int) -> None:
    assert round(duration(show_duration(milliseconds / 1000)) * 1000) == milliseconds
