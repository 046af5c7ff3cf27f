# SPDX-License-Identifier: GPL-3.0-or-later
"""The tree of mailbox names of an account, as LIST looks at it (RFC 9051, 6.3.9)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ikserver.model.mail import Mailbox
from ikserver.store.api.mail import Mail
from protocols.imap.mailbox_names import DELIMITER


class Names:
    """Mailboxes, subscribed names, and the names above them, of which some may not exist."""

    def __init__(self, mailboxes: Iterable[Mailbox], subscribed: Iterable[str]) -> None:
        self.mailboxes = {mailbox.name: mailbox for mailbox in mailboxes}
        self.subscribed = frozenset(subscribed)
        self._with_children = {above for name in self.mailboxes for above in ancestors(name)}

    def existing(self) -> set[str]:
        """Mailboxes, and the names that are only there because of what is below them."""
        return self._with_children | self.mailboxes.keys()

    def special(self) -> set[str]:
        """Mailboxes with a special use (RFC 6154, 2)."""
        return {name for name, mailbox in self.mailboxes.items() if mailbox.special_use is not None}

    def attributes(self, name: str, *, missing: str) -> list[str]:
        r"""What LIST tells of a name; `missing` is the attribute for a name without mailbox.

        \HasChildren and special uses are told without being asked for (RFC 9051, 6.3.9.5; RFC 6154, 2).
        """
        mailbox = self.mailboxes.get(name)
        attributes = [] if mailbox else [missing]
        attributes.append("\\HasChildren" if name in self._with_children else "\\HasNoChildren")
        if mailbox and mailbox.special_use:
            attributes.append(mailbox.special_use.value)
        return attributes


def ancestors(name: str) -> Iterator[str]:
    """`a/b/c` gives `a/b` and `a`."""
    while DELIMITER in name:
        name = name.rpartition(DELIMITER)[0]
        yield name


async def read_names(mail: Mail) -> Names:
    """The tree as it is now."""
    return Names(await mail.mailboxes(), await mail.subscriptions())
