# SPDX-License-Identifier: GPL-3.0-or-later
"""A request and its answer as values, so that a page is a function of one to the other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

HTML = "text/html; charset=utf-8"
TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a client asks. `host` is the name it asked for, lower case, without a port; `parts` are the variable parts
    of the path; of `query` and `form` the first value of each name counts. `own_form`: no other site sent the form."""

    method: str
    host: str
    parts: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    languages: str = ""
    """As in Accept-Language."""
    own_form: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """`headers` beside those that every answer has."""

    status: int = 200
    body: bytes = b""
    kind: str = HTML
    headers: Mapping[str, str] = field(default_factory=dict)


Page = Callable[[Asked], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Route:
    """`path` in the form of Werkzeug's rules: `/accept/<token>`. The log tells this, never what stands there."""

    path: str
    page: Page
    methods: tuple[str, ...] = ("GET", "HEAD")


NOT_FOUND = Answer(404, b"Not found\n", TEXT)


def see_other(path: str) -> Answer:
    """Go on with a GET: the browser may load that again without asking twice."""
    return Answer(303, b"", TEXT, {"Location": path})
