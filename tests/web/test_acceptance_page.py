# SPDX-License-Identifier: GPL-3.0-or-later
"""RED-02: the page behind the link of an invitation, as a browser without scripts uses it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ikserver.accounts.acceptance import DAY, Acceptances
from ikserver.store.api.directory import Directory
from ikserver.store.embedded.directory import open_directory
from ikserver.store.embedded.queue import open_queue
from ikserver.web.pages.acceptance import AcceptancePage
from ikserver.web.pages.static import StaticPages
from ikserver.web.rendering import Rendering
from tests.accounts.conftest import Clock
from tests.accounts.world import populate
from tests.support import on_loop
from tests.web.browsing import Browser, site


@dataclass
class Place:
    """info@a.test is to be redirected to bob@far.test; `path` is that of the link in the letter."""

    browser: Browser
    directory: Directory
    path: str
    clock: Clock

    async def targets(self) -> tuple[str, ...]:
        return (await self.directory.accounts.find("info@a.test")).targets

    async def presses(self, answer: str, **fields: str) -> int:
        return (await self.browser.asks(self.path, method="POST", body=f"answer={answer}", **fields)).status


@asynccontextmanager
async def place(root: Path, organisation: str = "a.test", language: str = "en") -> AsyncIterator[Place]:
    with ThreadPoolExecutor(2) as threads:
        directory, queue, clock = open_directory(root), open_queue(root, threads), Clock()
        await populate(directory)
        known = await directory.organisations.find("a.test")
        await directory.organisations.change(replace(known, name=organisation, language=language))
        acceptances = Acceptances(directory, queue, "https://mail.a.test", clock=clock)
        await acceptances.add("info@a.test", ["bob@far.test"])
        (entry,) = await queue.entries()
        path = re.search(rb"https://mail\.a\.test(/accept/\S+)\r\n", bytes(await queue.body(entry.message)))  # type: ignore[arg-type]
        assert path is not None
        routes = [*StaticPages().routes(), *AcceptancePage(acceptances, Rendering()).routes()]
        async with site(routes) as browser:
            yield Place(browser, directory, path[1].decode(), clock)
        await queue.close()
        await directory.close()


@on_loop
async def test_looking_changes_nothing(tmp_path: Path) -> None:
    async with place(tmp_path) as here:
        for method in ("GET", "HEAD", "GET"):
            seen = await here.browser.asks(here.path, method=method)
            assert seen.status == 200
        assert "a.test asks whether mail for info@a.test may be sent on to bob@far.test, which is you." in seen.text
        assert await here.targets() == ()


@pytest.mark.parametrize(
    ("answer", "said", "targets"),
    [
        ("accept", "Accepted: mail for info@a.test is sent on to bob@far.test from now on.", ("bob@far.test",)),
        ("refuse", "Refused: no mail for info@a.test is sent to bob@far.test.", ()),
    ],
)
@on_loop
async def test_a_button_answers_and_the_page_says_so(
    tmp_path: Path, answer: str, said: str, targets: tuple[str, ...]
) -> None:
    async with place(tmp_path) as here:
        seen = await here.browser.asks(here.path, method="POST", body=f"answer={answer}", Origin="http://localhost")
        assert (seen.status, seen.headers["location"]) == (303, here.path)
        seen = await here.browser.asks(here.path)
        assert said in seen.text
        assert "<form" not in seen.text
        assert await here.targets() == targets


@on_loop
async def test_the_first_answer_counts(tmp_path: Path) -> None:
    async with place(tmp_path) as here:
        assert await here.presses("refuse") == 303
        assert await here.presses("accept") == 303
        assert "Refused:" in (await here.browser.asks(here.path)).text
        assert await here.targets() == ()


@on_loop
async def test_a_link_that_ended_says_how_to_get_a_new_one(tmp_path: Path) -> None:
    async with place(tmp_path, organisation="Green School") as here:
        here.clock.now += 8 * DAY
        assert await here.presses("accept") == 303
        seen = await here.browser.asks(here.path)
        assert seen.status == 410
        assert "This link ended on 19 January 1970, 13:46\N{NO-BREAK SPACE}UTC." in seen.text
        assert "ask Green School for a new link." in seen.text
        assert await here.targets() == ()


@on_loop
async def test_a_link_that_nobody_made_says_nothing(tmp_path: Path) -> None:
    async with place(tmp_path) as here:
        for path in ("/accept/x", here.path[:-1], here.path + "x", "/accept/%3Cb%3E"):
            seen = await here.browser.asks(path)
            assert seen.status == 404
            assert "a.test" not in seen.text
            assert (await here.browser.asks(path, method="POST", body="answer=accept")).status == 303
        assert await here.targets() == ()


@pytest.mark.parametrize("fields", [{"Origin": "https://evil.test"}, {"Sec_Fetch_Site": "cross-site"}])
@on_loop
async def test_forms_of_other_sites_answer_nothing(tmp_path: Path, fields: dict[str, str]) -> None:
    async with place(tmp_path) as here:
        assert await here.presses("accept", **fields) == 403
        assert await here.targets() == ()


@on_loop
async def test_an_answer_that_is_none_changes_nothing(tmp_path: Path) -> None:
    async with place(tmp_path) as here:
        assert await here.presses("maybe") == 403
        assert (await here.browser.asks(here.path, method="POST")).status == 403


@on_loop
async def test_names_are_shown_as_they_are(tmp_path: Path) -> None:
    async with place(tmp_path, organisation="<script>alert(1)</script> {address}") as here:
        text = (await here.browser.asks(here.path)).text
        assert "&lt;script&gt;alert(1)&lt;/script&gt; {address} asks" in text
        assert "<script" not in text


@pytest.mark.parametrize(
    ("query", "wishes", "button"),
    [
        ("", "", "Zustimmen"),
        ("", "fr-CH, de;q=0.5", "Accepter"),
        ("?language=it", "fr", "Accetta"),
        ("?language=xx", "es", "Aceptar"),
        ("?language=en", "", "Accept"),
    ],
)
@on_loop
async def test_the_page_speaks_the_readers_language(tmp_path: Path, query: str, wishes: str, button: str) -> None:
    """L10-01: what was chosen, else what the browser likes, else that of the organisation."""
    async with place(tmp_path, language="de") as here:
        seen = await here.browser.asks(here.path + query, Accept_Language=wishes)
        assert f'value="accept">{button}</button>' in seen.text
        assert f'<html lang="{seen.headers["content-language"]}">' in seen.text
        answered = await here.browser.asks(here.path + query, method="POST", body="answer=accept")
        assert answered.headers["location"] == here.path + ("" if "xx" in query else query)


@on_loop
async def test_the_page_needs_nothing_but_our_style_sheet(tmp_path: Path) -> None:
    async with place(tmp_path) as here:
        text = (await here.browser.asks(here.path)).text
        assert re.findall(r'(?:src|href)="([^"?]+)"', text) == ["/static/icon.svg", "/static/style.css"]
        assert "style=" not in text
        seen = await here.browser.asks("/static/style.css")
        assert seen.headers["content-type"] == "text/css; charset=utf-8"
        assert seen.headers["cache-control"] == "public, max-age=86400"
        assert (await here.browser.asks("/static/..%2Frendering.py")).status == 404
