# SPDX-License-Identifier: GPL-3.0-or-later
"""What pages are drawn with: files of our own, read once."""

from __future__ import annotations

from pathlib import Path

from ikserver.web.exchange import NOT_FOUND, Answer, Asked, Route

KINDS = {".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
CACHED = {"Cache-Control": "public, max-age=86400"}


class StaticPages:
    """The files of the folder `static`."""

    def __init__(self) -> None:
        folder = Path(__file__).parents[1] / "static"
        self._files = {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix in KINDS}

    def routes(self) -> list[Route]:
        """All of them."""
        return [Route("/static/<name>", self.file)]

    async def file(self, asked: Asked) -> Answer:
        """One file, by its name."""
        name = asked.parts["name"]
        if name not in self._files:
            return NOT_FOUND
        return Answer(200, self._files[name], KINDS[Path(name).suffix], CACHED)
