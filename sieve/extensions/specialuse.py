# SPDX-License-Identifier: GPL-3.0-or-later
"""Mailboxes by what they are for (RFC 8579)."""

from __future__ import annotations

from sieve.mailboxes import has_use, takes_mail
from sieve.registry import STRING, STRING_LIST, Arg, Extension, Tag, Test
from sieve.run import Arguments, Run


def specialuse_exists(run: Run, arguments: Arguments) -> bool:
    """RFC 8579, 3: every use is that of some mailbox, or of the one that is named."""
    mailboxes, mailbox, uses = run.delivery.services.mailboxes, arguments["mailbox"], arguments["uses"]
    if mailboxes is None:
        return False
    if mailbox is None:
        return all(takes_mail(mailboxes, mailboxes.special_use(use)) for use in uses)
    return takes_mail(mailboxes, mailbox) and all(has_use(mailboxes, mailbox, use) for use in uses)


EXTENSIONS = [
    Extension(
        "special-use",
        tests=[
            Test(
                "specialuse_exists",
                [Arg("mailbox", STRING, optional=True), Arg("uses", STRING_LIST)],
                run=specialuse_exists,
            )
        ],
        # RFC 9042, 4.2: not beside :mailboxid.
        tags={"fileinto": [Tag("specialuse", STRING, group="target")]},
    )
]
