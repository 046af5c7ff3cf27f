# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of HTML that a person can read. In linear time; no parser, for nothing is shown of it."""

from __future__ import annotations

import html
import re

_UNSEEN = re.compile(r"<(!--|script\b|style\b)", re.IGNORECASE)
_UNSEEN_END = {
    "!--": re.compile("-->"),
    "script": re.compile(r"</script\b[^<>]*+>?", re.IGNORECASE),
    "style": re.compile(r"</style\b[^<>]*+>?", re.IGNORECASE),
}
# These stand inside a word; every other tag parts words.
_INLINE = re.compile(
    r"</?(?:a|abbr|b|big|code|em|font|i|ins|mark|s|small|span|strike|strong|sub|sup|tt|u|wbr)(?:\s[^<>]*+)?>",
    re.IGNORECASE,
)
_TAG = re.compile(r"<[/!?a-zA-Z][^<>]*+>")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}+(?![0-9])|#[xX][0-9a-fA-F]{1,6}+(?![0-9a-fA-F])|[a-zA-Z][a-zA-Z0-9]{1,31});?")


def seen(source: str) -> str:
    """What is left without tags, comments, scripts and style sheets, entities decoded."""
    text = _TAG.sub(" ", _INLINE.sub("", _without_unseen(source)))
    return _ENTITY.sub(lambda found: html.unescape(found[0]), text) if "&" in text else text


def _without_unseen(source: str) -> str:
    pieces = []
    at = 0
    while unseen := _UNSEEN.search(source, at):
        pieces.append(source[at : unseen.start()])
        end = _UNSEEN_END[unseen[1].lower()].search(source, unseen.end())
        at = end.end() if end else len(source)
    return " ".join([*pieces, source[at:]]) if pieces else source
