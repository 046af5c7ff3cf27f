# SPDX-License-Identifier: GPL-3.0-or-later
"""Large bodies in files, in the page cache or not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ikserver.model.ids import BodyId
from ikserver.store.embedded import EmbeddedMailStore
from ikserver.store.embedded.mail.bodies import BlobFiles
from tests.store.embedded.conftest import ANN
from tests.store.mails import message
from tests.support import on_loop

LARGE = b"Subject: large\r\n\r\n" + bytes(range(256)) * 1_000


@on_loop
async def test_a_body_is_read_from_the_disk_when_the_page_cache_lost_it(
    store: EmbeddedMailStore, tmp_path: Path
) -> None:
    mail = await store.mail(ANN)
    opened = await mail.open("INBOX")
    await mail.append(opened.mailbox.id, [message(LARGE)])
    opened.refresh()
    body = BodyId(opened.columns.bodies[0])
    (path,) = (tmp_path / "mail/1/blobs").glob("??/*")
    for start, length in ((0, None), (100, 1_000), (len(LARGE) - 5, 10), (len(LARGE) + 1, 10), (0, 0)):
        _evict(path)
        end = None if length is None else start + length
        assert await mail.read(body, start, length) == LARGE[start:end]
        assert await mail.read(body, start, length) == LARGE[start:end]


def test_what_is_not_whole_in_the_page_cache_is_left_to_a_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = BlobFiles(tmp_path / "blobs")
    (tmp_path / "blobs").mkdir()
    name = files.keep(LARGE)
    (tmp_path / "blobs" / name).read_bytes()
    assert files.read_cached(name, 7, 5_000) in (LARGE[7:5_007], None), "None: the file system cannot tell"
    monkeypatch.setattr(os, "preadv", lambda *_: 4_096)
    assert files.read_cached(name, 7, 5_000) is None
    with pytest.raises(KeyError):
        files.read_cached("gone", 0, 1)


def _evict(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(descriptor)
