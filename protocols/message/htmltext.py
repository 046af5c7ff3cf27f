# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of an HTML part that a person can read. In linear time; no parser, for nothing is shown of it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator

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


# What may be the beginning of a tag or an entity, and may go on in the next piece.
_OPEN = re.compile(r"<[^<>]*\Z|&[^;&<>\s]{0,31}\Z")
_LONGEST_END = 64
"""Characters that tell of the end of what is not seen."""
LONGEST_TAG = 64 * 1024
"""What is longer is taken for text with a `<` in it."""


def html_texts(sources: Iterable[str]) -> Iterator[str]:
    """As `html_text`, for a source that comes in pieces, cut anywhere."""
    held, ending = "", None
    for source in sources:
        held += source
        while True:
            if ending is not None:
                end = ending.search(held)
                if end is None:
                    held = held[-_LONGEST_END:]
                    break
                if end.end() == len(held) and held[-1] != ">" and len(end[0]) < LONGEST_TAG:
                    held = end[0]
                    break
                held, ending = held[end.end() :], None
            unseen = _UNSEEN.search(held)
            if unseen is None:
                break
            yield _text(held[: unseen.start()]) + " "
            held, ending = held[unseen.end() :], _UNSEEN_END[unseen[1].lower()]
        if ending is None:
            open_ = _OPEN.search(held, len(held) - LONGEST_TAG)
            cut = open_.start() if open_ else len(held)
            yield _text(held[:cut])
            held = held[cut:]
    if ending is None:
        yield _text(held)


def html_text(source: str) -> str:
    """What is left without tags, comments, scripts and style sheets, entities decoded."""
    return _text(_seen(source))


def _text(seen: str) -> str:
    text = _TAG.sub(" ", _INLINE.sub("", seen))
    return _ENTITY.sub(lambda found: html.unescape(found[0]), text) if "&" in text else text


def _seen(source: str) -> str:
    pieces = []
    at = 0
    while unseen := _UNSEEN.search(source, at):
        pieces.append(source[at : unseen.start()])
        end = _UNSEEN_END[unseen[1].lower()].search(source, unseen.end())
        at = end.end() if end else len(source)
    return " ".join([*pieces, source[at:]]) if pieces else source
