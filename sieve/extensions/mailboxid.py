# SPDX-License-Identifier: GPL-3.0-or-later
"""Mailboxes by their identifiers, which stay when their names change (RFC 9042)."""

from __future__ import annotations

from sieve.mailboxes import takes_mail
from sieve.registry import STRING, STRING_LIST, Arg, Extension, Tag, Test
from sieve.run import Arguments, Run


def mailboxidexists(run: Run, arguments: Arguments) -> bool:
    """RFC 9042, 6: all of them."""
    mailboxes = run.delivery.services.mailboxes
    return mailboxes is not None and all(takes_mail(mailboxes, mailboxes.by_id(id)) for id in arguments["ids"])


EXTENSIONS = [
    Extension(
        "mailboxid",
        tests=[Test("mailboxidexists", [Arg("ids", STRING_LIST)], run=mailboxidexists)],
        # RFC 9042, 4.2: not beside :specialuse.
        tags={"fileinto": [Tag("mailboxid", STRING, group="target")]},
    )
]
