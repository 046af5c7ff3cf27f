# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of fields, addresses, parts and bodies over the mail of the world, against Pigeonhole."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from tests.sieve.pigeonhole import Pigeonhole, needs_pigeonhole, ours, pigeonhole
from tests.support import SHARED, needs_shared

CORPUS = sorted((SHARED / "corpus" / "eml").glob("*.eml")) if SHARED.exists() else []
REQUIRED = "body mime relational comparator-i;ascii-numeric"
COUNT = ':count "eq" :comparator "i;ascii-numeric"'
FIELDS = ["from", "to", "cc", "reply-to", "sender", "subject", "date", "message-id", "content-type", "received"]
LISTS = ["from", "to", "cc", "reply-to", "sender"]
TYPES = ["text/plain", "text/html", "multipart/mixed", "multipart/alternative", "application/pdf", "image/jpeg"]
WORDS = ["the", "a ", "é", "=", "test", "<p", "<html", "hello"]

TESTS = [
    *(f'{test} "{field}"' for test, field in product(["exists", "exists :mime :anychild"], FIELDS)),
    *(f'header {test} "{field}" ""' for test, field in product([":contains", ":is", ":mime :anychild :is"], FIELDS)),
    *(f'header {COUNT} "{field}" "{n}"' for field, n in product(FIELDS, range(4))),
    *(f'address {COUNT} "{field}" "{n}"' for field, n in product(LISTS, range(4))),
    *(f'address :localpart :matches "{field}" "?*"' for field in LISTS),
    *(f'address :domain :matches "{field}" "*.com"' for field in LISTS),
    *(f'address :all :matches "{field}" "*@*"' for field in LISTS),
    *(f'header :mime :anychild :contenttype "content-type" "{kind}"' for kind in TYPES),
    *(
        f'header :mime :anychild :param "{name}" :matches "content-type" "?*"'
        for name in ("charset", "name", "boundary")
    ),
    *(f'header :mime :param "{name}" :matches "content-type" "?*"' for name in ("charset", "name", "boundary")),
    *(f'header :mime :anychild :param "filename" :matches "content-disposition" "{name}"' for name in ("?*", "*.p??")),
    *(f'header :mime :anychild :type "content-disposition" "{word}"' for word in ("attachment", "inline")),
    *(f'body :content "{kind}" {COUNT} "{n}"' for kind, n in product(["text", "image", "application"], range(4))),
    *(f'body :content "{kind}" :contains "{word}"' for kind, word in product(["text", "text/plain", ""], WORDS)),
    *(f'body {transform} :contains "{word}"' for transform, word in product([":text", ":raw"], WORDS)),
]

BODY = 'body :content "'
EXPLAINED = {
    # RFC 5703, 4.1: encoded words in parameters may be decoded.
    "attachment_with_base64_encoded_name.eml": ("header :mime :anychild :param",),
    # RFC 5173, 5.3: what markup is, is left open; here a tag is cut off at the end of the part.
    "cant_parse_from.eml": ("body :text",),
    # RFC 5173, 5.2: a part whose encoding is called 7-bit, or nothing at all, is read all the same.
    "content_transfer_encoding_7-bit.eml": (BODY, "body :text"),
    "content_transfer_encoding_empty.eml": (BODY,),
    # RFC 5322, 3.6: one Content-Type is enough; the first of two has the boundary that the body has.
    "multiple_content_types.eml": (BODY, "body :text"),
    # RFC 2046, 5.1.1: a line that has a sign behind the boundary is no delimiter.
    "raw_email4.eml": (BODY,),
    # RFC 5322, 3.4: the address is what stands between angle brackets.
    "raw_email_with_at_display_name.eml": ('address :count "eq"',),
    # RFC 2045, 5.1: a boundary with = and without quotes is wrong, but it can only mean all of it.
    "raw_email_with_illegal_boundary.eml": (BODY,),
    # RFC 5703, 4.1: all parts count, those behind one that lacks the field as well.
    "raw_email_with_mimepart_without_content_type.eml": ("header :mime :anychild",),
    # RFC 6532, 3.2: addresses in UTF-8 are addresses.
    "utf8_headers.eml": ("address :localpart",),
}
"""By message: how the tests begin that differ, and the sentence that decides for ours."""


@pytest.fixture(scope="module")
def judge() -> Iterator[Pigeonhole]:
    with pigeonhole() as found:
        yield found


@needs_shared
@needs_pigeonhole
@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_both_engines_say_the_same(path: Path, judge: Pigeonhole) -> None:
    message = path.read_bytes()
    differences = judge.holds(REQUIRED, TESTS, message) ^ ours(REQUIRED, TESTS, message)
    assert sorted(test for test in differences if not test.startswith(EXPLAINED.get(path.name, ()))) == []
    assert bool(differences) is (path.name in EXPLAINED)
