# SPDX-License-Identifier: GPL-3.0-or-later
"""The embedded back end: SQLite databases and files below one data directory.

`database.py` and `writer.py` are shared by all its parts; `mail/` keeps the mail of the accounts.
"""

from ikserver.store.embedded.mail.store import EmbeddedMailStore, open_mail_store

__all__ = ["EmbeddedMailStore", "open_mail_store"]
