# SPDX-License-Identifier: GPL-3.0-or-later
"""The letter that asks somebody elsewhere whether mail may be sent on to them."""

from __future__ import annotations

from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import formatdate, make_msgid

from ikserver.languages.language import Language


@dataclass(frozen=True, slots=True)
class Letter:
    """`author` is who gets the answers and what comes back; `link` is a secret of the target's."""

    author: str
    organisation: str
    address: str
    target: str
    link: str
    expires: int


def written(letter: Letter, language: Language, now: float) -> bytes:
    """The message, in the language of the organisation."""
    _ = language.text
    message = EmailMessage(SMTP if (letter.target + letter.author).isascii() else SMTPUTF8)
    message["From"] = Address(letter.organisation, addr_spec=letter.author)
    message["To"] = Address(addr_spec=letter.target)
    message["Subject"] = _("May mail for {address} be sent on to you?", address=letter.address)
    message["Date"] = formatdate(now)
    message["Message-ID"] = make_msgid(domain=letter.author.rpartition("@")[2])
    # RFC 3834, 5: nobody's holiday notice answers it.
    message["Auto-Submitted"] = "auto-generated"
    ends = language.moment(letter.expires)
    paragraphs = [
        _("Hello,"),
        _(
            "{organisation} would like mail for {address} to be sent on to you at {target}. Nothing is sent before you"
            " accept.",
            organisation=letter.organisation,
            address=letter.address,
            target=letter.target,
        ),
        _("To accept or refuse, open this page by {date}:", date=ends),
        letter.link,
        _("If you do not know what this is about, you need not do anything."),
    ]
    message.set_content("\n\n".join(paragraphs) + "\n", cte="quoted-printable")
    message["Content-Language"] = language.code
    return message.as_bytes()
