# SPDX-License-Identifier: GPL-3.0-or-later
"""What the server is called, and where its pages are found."""

from __future__ import annotations

import socket

from ikserver.settings import Settings


def host_name(settings: Settings) -> str:
    """The name that MX records have, lower case."""
    return (settings.hostname or socket.getfqdn()).lower()


def web_url(settings: Settings) -> str:
    """Where browsers find the pages, without a path."""
    return settings.web.url.rstrip("/") or f"https://{host_name(settings)}"
