# SPDX-License-Identifier: GPL-3.0-or-later
"""BINARYMIME ends here (RFC 3030, 3): IMAP literals know no NUL, so binary parts are kept in base64."""

from __future__ import annotations

from concurrent.futures import Executor
from pathlib import Path

from ikserver.model.mail import Body


async def reencoded(body: Body, folder: Path, threads: Executor) -> Body:
    raise NotImplementedError
