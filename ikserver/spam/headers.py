# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdict as header fields, in the words that mail programs know from SpamAssassin."""

from __future__ import annotations

import re

from ikserver.model.spam import Verdict

_OTHERS = re.compile(rb"(?m)^X-Spam-(?=[!-9;-~]*[ \t]*:)", re.IGNORECASE)
_RENAMED = b"X-Orig-"
"""As long as the name it replaces, so that nothing else in the message moves."""


def fields(verdict: Verdict) -> bytes:
    """X-Spam-Flag (of spam only), X-Spam-Score and X-Spam-Status."""
    flag = "X-Spam-Flag: YES\r\n" if verdict.spam else ""
    tests = ",\r\n\t".join(verdict.reasons) or "none"
    return (
        f"{flag}X-Spam-Score: {verdict.score:.1f}\r\n"
        f"X-Spam-Status: {'Yes' if verdict.spam else 'No'}, score={verdict.score:.1f}"
        f" required={verdict.threshold:.1f}\r\n\ttests={tests}\r\n"
    ).encode("ascii", "replace")


def disowned(header: bytes) -> bytes:
    """A header block in which the verdicts of others have another name, for readers believe ours. As long as before."""
    return _OTHERS.sub(_RENAMED, header)
