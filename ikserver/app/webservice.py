# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages on their listeners, from the settings."""

from __future__ import annotations

from collections.abc import Sequence

from ikserver.aio import AsyncService
from ikserver.app.acceptances import acceptances
from ikserver.app.conversations import Ground
from ikserver.app.naming import host_name, web_url
from ikserver.listeners.http import HttpListener
from ikserver.listeners.limits import ConnectionLimits
from ikserver.web.pages.acceptance import AcceptancePage
from ikserver.web.pages.mtasts import MtaStsPage
from ikserver.web.pages.static import StaticPages
from ikserver.web.rendering import Rendering

HTTP = {"http", "https"}


def web_listeners(ground: Ground) -> Sequence[AsyncService]:
    """HTTP and HTTPS, those that have sockets."""
    bound = {name: sockets for name, sockets in ground.sockets.items() if name in HTTP}
    if not bound:
        return []
    # Klein installs a reactor when it is imported, and only here is it sure that ours is there.
    from ikserver.web.site import Pages

    settings, given = ground.settings, ground.settings.web
    routes = [
        *StaticPages().routes(),
        *MtaStsPage(ground.stores.directory, host_name(settings)).routes(),
        *AcceptancePage(acceptances(settings, ground.stores), Rendering()).routes(),
    ]
    pages = Pages(routes, web_url(settings))
    site = pages.site()
    return [
        HttpListener(
            sockets,
            site=site,
            tls=ground.tls if name == "https" else None,
            connections=ConnectionLimits(given.max_connections, given.max_connections_per_client),
            farewell=pages.finish,
            proxies=given.proxy_networks,
        )
        for name, sockets in bound.items()
    ]
