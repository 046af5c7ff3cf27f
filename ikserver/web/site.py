# SPDX-License-Identifier: GPL-3.0-or-later
"""The one module that knows Klein: it routes requests to pages and writes their answers.

Klein installs a reactor when it is imported: import this module on a loop that runs already.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any
from urllib.parse import parse_qs

from klein import Klein
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure
from twisted.web.server import Site
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from ikserver.web.channel import MAX_FIELDS, REQUEST_SECONDS, LimitedChannel, LimitedRequest
from ikserver.web.exchange import NOT_FOUND, TEXT, Answer, Asked, Page, Route

FAREWELL_SECONDS = 3.0
SECURITY = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    # Links in our mail are secrets. An Origin is still sent with our own forms.
    "Referrer-Policy": "same-origin",
    "Server": "ikserver",
}
YEAR = 31_536_000
FAILED = Answer(500, b"Something failed here; the log says what.\n", TEXT)
logger = logging.getLogger("ikserver.web")

TwistedRequest = Any
"""Its methods have no types."""


@dataclass(slots=True)
class Pages:
    """Routes, and where they are found from outside: `url` has no path. What is asked without TLS by other machines is
    sent there."""

    routes: Sequence[Route]
    url: str
    _working: set[asyncio.Task[bytes]] = field(default_factory=set)

    def site(self) -> Site:
        """For listeners.http."""
        klein: Any = Klein()
        for number, route in enumerate(self.routes):
            klein.route(route.path, methods=route.methods, endpoint=str(number))(self._handler(route))
        klein.handle_errors(HTTPException)(self._unrouted)
        site: Site = Site(  # type: ignore[no-untyped-call]
            klein.resource(),
            requestFactory=LimitedRequest,
            # Forms are read here, apart from the query.
            parsePOSTFormSubmission=False,
            timeout=REQUEST_SECONDS,
        )
        site.protocol = LimitedChannel  # type: ignore[assignment]
        return site

    async def finish(self) -> None:
        """Returns when what was asked is answered, or has taken too long."""
        if self._working:
            await asyncio.wait(self._working, timeout=FAREWELL_SECONDS)

    def _handler(self, route: Route) -> Any:
        def handle(request: TwistedRequest, **parts: str) -> Deferred[bytes]:
            task = asyncio.get_running_loop().create_task(self._answer(request, route.path, route.page, parts))
            self._working.add(task)
            task.add_done_callback(self._working.discard)
            return Deferred.fromFuture(task)

        return handle

    def _unrouted(self, request: TwistedRequest, failure: Failure) -> bytes:
        """No route has that path, or not with that method."""
        answer = NOT_FOUND
        if isinstance(failure.value, MethodNotAllowed):
            # RFC 9110, 15.5.6.
            possible = ", ".join(sorted(failure.value.valid_methods or ()))
            answer = Answer(405, b"Not possible here\n", TEXT, {"Allow": possible})
        return _write(request, answer, "-", time.perf_counter())

    async def _answer(self, request: TwistedRequest, path: str, page: Page, parts: Mapping[str, str]) -> bytes:
        begun = time.perf_counter()
        if not request.isSecure() and not _is_loopback(request):
            answer = self._elsewhere(request)
        else:
            try:
                answer = await page(_asked(request, parts))
            except Exception:
                logger.exception("page-failed", extra={"fields": {"page": path}})
                answer = FAILED
        return _write(request, answer, path, begun)

    def _elsewhere(self, request: TwistedRequest) -> Answer:
        if request.method not in (b"GET", b"HEAD"):
            return Answer(403, b"Only over HTTPS\n", TEXT)
        return Answer(308, b"", TEXT, {"Location": self.url + request.path.decode("ascii", "replace")})


def _asked(request: TwistedRequest, parts: Mapping[str, str]) -> Asked:
    form = request.content.read() if request.method == b"POST" else b""
    return Asked(
        method=request.method.decode("ascii", "replace"),
        host=request.getRequestHostname().decode("ascii", "replace").lower(),
        parts=parts,
        query=_first(request.uri.partition(b"?")[2]),
        form=_first(form),
        languages=request.getHeader("accept-language") or "",
        own_form=_is_own(request),
    )


def _first(encoded: bytes) -> dict[str, str]:
    """The first value of each name in a form or query."""
    try:
        values = parse_qs(encoded.decode("ascii", "replace"), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        # More fields than any page of ours has.
        return {}
    return {name: found[0] for name, found in values.items()}


def _is_own(request: TwistedRequest) -> bool:
    """Browsers say where a form comes from; what says nothing is no browser, and nobody else's cookies are in it."""
    site, origin = request.getHeader("sec-fetch-site"), request.getHeader("origin")
    if site is not None:
        return site in ("same-origin", "none")
    return origin is None or origin.partition("://")[2] == request.getHeader("host")


def _is_loopback(request: TwistedRequest) -> bool:
    host = request.getClientAddress().host
    return bool(host) and ip_address(host.partition("%")[0]).is_loopback


def _write(request: TwistedRequest, answer: Answer, path: str, begun: float) -> bytes:
    """Headers and the line of the log; the body is what it returns."""
    request.setResponseCode(answer.status)
    host = request.getRequestHostname().decode("ascii", "replace")
    headers = {"Content-Type": answer.kind, "Cache-Control": "no-store", **SECURITY, **answer.headers}
    # RFC 6797, 7.2. A name without a dot is this machine's, where other programs serve without TLS.
    if request.isSecure() and "." in host:
        headers["Strict-Transport-Security"] = f"max-age={YEAR}"
    for name, value in headers.items():
        request.setHeader(name, value)
    request.setHeader("Content-Length", str(len(answer.body)))
    fields = {
        "method": request.method.decode("ascii", "replace"),
        "page": path,
        "host": host,
        "status": answer.status,
        "client": request.getClientAddress().host,
        "milliseconds": round((time.perf_counter() - begun) * 1000, 1),
    }
    logger.info("request", extra={"fields": fields})
    return b"" if request.method == b"HEAD" else answer.body
