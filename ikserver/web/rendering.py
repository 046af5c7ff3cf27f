# SPDX-License-Identifier: GPL-3.0-or-later
"""Templates become pages in a language."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ikserver.languages import LANGUAGES
from ikserver.languages.language import Language
from ikserver.web.exchange import HTML, Answer


class Rendering:
    """The templates of the folder `templates`, read once. What they are given is escaped."""

    def __init__(self) -> None:
        self._templates = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )

    def page(self, template: str, language: Language, status: int = 200, **values: object) -> Answer:
        """A whole page."""
        text = self._templates.get_template(template).render(
            _=language.text, language=language, languages=LANGUAGES, **values
        )
        return Answer(status, text.encode(), HTML, {"Content-Language": language.code, "Vary": "Accept-Language"})
