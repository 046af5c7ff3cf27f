# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments of MAIL and RCPT (RFC 5321, 4.1.1.2 and 4.1.1.3): a keyword, a path, and the parameters after it."""

from __future__ import annotations

from protocols.smtp.addresses import Address, BadAddress, parse_path
from protocols.smtp.replies import BAD_PATH, BAD_RECIPIENT, BAD_SYNTAX, Refused, Reply


def reverse_path(argument: str | None) -> tuple[Address | None, str]:
    """The sender, None for `<>`, and the parameters. Raises Refused."""
    sender, rest = _path(argument, "FROM:", BAD_PATH)
    if sender is not None and not sender.domain:
        raise Refused(BAD_PATH)
    return sender, rest


def recipient_path(argument: str | None, domain: str) -> tuple[Address, str]:
    """The recipient and the parameters; a bare <Postmaster> is the one of `domain`. Raises Refused."""
    recipient, rest = _path(argument, "TO:", BAD_RECIPIENT)
    if recipient is None:
        raise Refused(BAD_RECIPIENT)
    return (recipient if recipient.domain else Address(recipient.local, domain)), rest


def _path(argument: str | None, keyword: str, wrong: Reply) -> tuple[Address | None, str]:
    text = argument or ""
    if text[: len(keyword)].upper() != keyword or not _is_unicode(text):
        raise Refused(BAD_SYNTAX)
    try:
        # The grammar has no space here, and many clients send one.
        return parse_path(text[len(keyword) :].lstrip(" "))
    except BadAddress as error:
        raise Refused(wrong) from error


def _is_unicode(text: str) -> bool:
    """aiosmtpd decodes octets that are no UTF-8 to lone surrogates."""
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)
