# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of what is behind the header (RFC 5173)."""

from __future__ import annotations

from collections.abc import Iterator

from sieve.mime import Part
from sieve.registry import MATCH_TAGS, STRING_LIST, Arg, Extension, Tag, Test
from sieve.run import Arguments, Run

TRANSFORM = "body transform"


def body(run: Run, arguments: Arguments) -> bool:
    """RFC 5173, 6: wildcards set no match variables."""
    before = run.match_variables
    found = run.match(arguments, _strings(run.delivery.message.root, arguments))
    run.match_variables = before
    return found


def _strings(root: Part, arguments: Arguments) -> Iterator[str]:
    """What is matched. RFC 5173, 4: where no empty line ends the header there is no body, not even an empty one."""
    if not root.has_body:
        return
    if arguments["raw"]:
        yield root.raw
    elif arguments["content"] is not None:
        for part in root.every:
            if any(_is_of(part.kind.type, wanted) for wanted in arguments["content"]):
                yield from _content(part)
    else:
        yield from (text for part in root.every if (text := part.seen) is not None)


def _is_of(kind: str, wanted: str) -> bool:
    """RFC 5173, 5.2: a type, a type with its subtype, or "" for all."""
    wanted = wanted.lower()
    return wanted in ("", kind, kind.partition("/")[0])


def _content(part: Part) -> Iterator[str]:
    """RFC 5173, 5.2: of containers only what is no part of them; what cannot be decoded is there, and empty."""
    if part.kind.is_multipart:
        yield from part.around
    elif part.kind.is_message and part.children:
        yield part.children[0].header_text
    else:
        yield part.text


EXTENSIONS = [
    Extension(
        "body",
        tests=[
            Test(
                "body",
                [Arg("keys", STRING_LIST)],
                [
                    MATCH_TAGS,
                    Tag("raw", group=TRANSFORM),
                    Tag("content", STRING_LIST, TRANSFORM),
                    Tag("text", group=TRANSFORM),
                ],
                run=body,
            )
        ],
    )
]
