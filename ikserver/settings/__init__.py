# SPDX-License-Identifier: GPL-3.0-or-later
"""What an operator may set: frozen sections, read from one TOML file. Read sections.py first.

Only `app`, `cli` and `__main__` see Settings; everything else takes a small value of its own that app fills from it.
"""

from ikserver.settings.sections import Listen, Login, Outbound, Settings, Web
from ikserver.settings.toml import FILE_NAME, SettingsError, dump, load, load_data, parse
from ikserver.settings.values import Address

__all__ = [
    "FILE_NAME",
    "Address",
    "Listen",
    "Login",
    "Outbound",
    "Settings",
    "SettingsError",
    "Web",
    "dump",
    "load",
    "load_data",
    "parse",
]
