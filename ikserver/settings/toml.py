# SPDX-License-Identifier: GPL-3.0-or-later
"""TOML to Settings and back. Unknown keys are refused, with the nearest name that is known."""

from __future__ import annotations

import difflib
import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from ikserver.settings.sections import Settings
from ikserver.settings.values import (
    Address,
    Bytes,
    Network,
    Seconds,
    address,
    duration,
    show_duration,
    show_size,
    size,
)

FILE_NAME = "ikserver.toml"
T = TypeVar("T")


class SettingsError(Exception):
    """The settings cannot be used; the text names the file, the key and what is expected."""


def load(path: Path) -> Settings:
    """Read a settings file. A relative `data` is meant from the file's folder. Raises SettingsError."""
    try:
        read = parse(path.read_text(encoding="utf-8"))
    except SettingsError as error:
        raise SettingsError(f"{path}: {error}") from error
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: is not UTF-8") from error
    return replace(read, data=path.parent / read.data)


def load_data(directory: Path) -> Settings:
    """The settings that lie in a data directory, or the defaults for it. Raises SettingsError."""
    path = directory / FILE_NAME
    return replace(load(path) if path.exists() else Settings(), data=directory)


def parse(text: str) -> Settings:
    """Settings from TOML text. Raises SettingsError."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"not TOML: {error}") from error
    return _section(Settings, table, "")


def dump(settings: Settings) -> str:
    """TOML text that `parse` reads as `settings`; settings that have their default are left out."""
    default = Settings()
    top: list[str] = []
    sections: list[str] = []
    for item in fields(Settings):
        value, usual = getattr(settings, item.name), getattr(default, item.name)
        if value == usual:
            continue
        if is_dataclass(value):
            sections += ["", f"[{item.name}]", *_lines(value, usual)]
        else:
            top += [f"{item.name} = {_show(value, get_type_hints(Settings)[item.name])}"]
    return "\n".join([*top, *sections]).strip() + "\n"


def _lines(section: Any, usual: Any) -> list[str]:
    hints = get_type_hints(type(section))
    changed = [name for name in hints if getattr(section, name) != getattr(usual, name)]
    return [f"{name} = {_show(getattr(section, name), hints[name])}" for name in changed]


def _show(value: Any, wanted: Any) -> str:
    if wanted is Bytes:
        return json.dumps(show_size(value))
    if wanted is Seconds:
        return json.dumps(show_duration(value))
    if isinstance(value, tuple):
        return json.dumps([str(item) for item in value])
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{json.dumps(key)} = {item}" for key, item in value.items()) + " }"
    # JSON strings, numbers and booleans are TOML too.
    return json.dumps(str(value) if isinstance(value, Path | Address) else value, ensure_ascii=False)


def _section(section: type[T], table: Mapping[str, Any], prefix: str) -> T:
    hints = get_type_hints(section)
    for key in table:
        if key not in hints:
            near = difflib.get_close_matches(key, hints, n=1, cutoff=0.0)
            raise SettingsError(f"there is no setting {prefix}{key}; did you mean {prefix}{near[0]}?")
    return section(**{key: _value(hints[key], value, prefix + key) for key, value in table.items()})


def _value(wanted: Any, value: Any, name: str) -> Any:
    """`value` as the type `wanted` of the setting `name`."""
    if is_dataclass(wanted) and wanted not in _FROM_TEXT:
        if not isinstance(value, dict):
            raise SettingsError(f"{name} is a section: write [{name}]")
        return _section(wanted, value, f"{name}.")  # type: ignore[arg-type]
    if get_origin(wanted) is Mapping:
        if not isinstance(value, dict):
            raise SettingsError(f"{name} must be a table")
        return {key: _value(get_args(wanted)[1], item, f"{name}.{key}") for key, item in value.items()}
    if get_origin(wanted) is tuple:
        if not isinstance(value, list):
            raise SettingsError(f"{name} must be a list")
        return tuple(_value(get_args(wanted)[0], item, name) for item in value)
    if get_origin(wanted) is Literal:
        if value not in get_args(wanted):
            raise SettingsError(f"{name} must be one of {', '.join(get_args(wanted))}")
        return value
    return _single(wanted, value, name)


_FROM_TEXT: dict[Any, Callable[[str], Any]] = {
    str: str,
    Path: Path,
    Path | None: lambda text: Path(text) if text else None,
    Address: address,
    Address | None: lambda text: address(text) if text else None,
    Network: ip_network,
    Bytes: size,
    Seconds: duration,
}


def _single(wanted: Any, value: Any, name: str) -> Any:
    if wanted in (int, bool):
        if type(value) is not wanted or value < 0:
            raise SettingsError(f"{name} must be {'true or false' if wanted is bool else 'a whole number from 0 on'}")
        return value
    if not isinstance(value, str):
        raise SettingsError(f"{name} must be text in quotes")
    try:
        return _FROM_TEXT[wanted](value)
    except ValueError as error:
        raise SettingsError(f"{name}: {error}") from error
