# SPDX-License-Identifier: GPL-3.0-or-later
"""Parameters of MAIL and RCPT."""

from __future__ import annotations

import pytest

from protocols.smtp.parameters import MailParameters, RecipientParameters, mail_parameters, recipient_parameters
from protocols.smtp.replies import Refused


def test_parameters_of_mail_are_read_and_keep_their_case() -> None:
    text = " size=1000 BODY=binarymime SMTPUTF8 RET=hdrs ENVID=QQ+2B314159"
    assert mail_parameters(text, authenticating=False) == MailParameters(
        1000, "BINARYMIME", True, "HDRS", "QQ+2B314159"
    )
    assert mail_parameters("", authenticating=False) == MailParameters()
    assert mail_parameters(" AUTH=<>", authenticating=True) == MailParameters()


def test_parameters_of_rcpt_are_read_and_keep_their_case() -> None:
    text = " NOTIFY=success,Delay ORCPT=rfc822;Bob+40Example.ORG"
    assert recipient_parameters(text) == RecipientParameters("SUCCESS,DELAY", "rfc822;Bob+40Example.ORG")
    assert recipient_parameters(" ORCPT=utf-8;bücher@example.org").orcpt == "utf-8;bücher@example.org"
    assert recipient_parameters(" NOTIFY=NEVER") == RecipientParameters("NEVER")


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        (" SIZE=", "501 5.5.4"),
        (" SIZE", "501 5.5.4"),
        (" SIZE=-1", "501 5.5.4"),
        (" SIZE=1 SIZE=2", "501 5.5.4"),
        (" BODY=9BIT", "501 5.5.4"),
        (" SMTPUTF8=yes", "501 5.5.4"),
        (" RET=ALL", "501 5.5.4"),
        (" RET", "501 5.5.4"),
        (" ENVID=a+2", "501 5.5.4"),
        (" ENVID=" + "x" * 101, "501 5.5.4"),
        (" A=B=C", "501 5.5.4"),
        (" =1", "501 5.5.4"),
        ("SIZE=1", "501 5.5.4"),
        (" AUTH=<>", "555 5.5.4"),
        (" X-OWN=1", "555 5.5.4"),
        (" NOTIFY=NEVER", "555 5.5.4"),
    ],
)
def test_what_mail_cannot_have_is_refused(text: str, reply: str) -> None:
    with pytest.raises(Refused) as refused:
        mail_parameters(text, authenticating=False)
    assert str(refused.value.reply).startswith(reply)


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        (" NOTIFY=NEVER,DELAY", "501 5.5.4"),
        (" NOTIFY=SUCCESS,SUCCESS", "501 5.5.4"),
        (" NOTIFY=SOMETIMES", "501 5.5.4"),
        (" NOTIFY", "501 5.5.4"),
        (" ORCPT=rfc822", "501 5.5.4"),
        (" ORCPT=rfc822;", "501 5.5.4"),
        (" ORCPT=;a@example.org", "501 5.5.4"),
        (" ORCPT=rfc822;a+zz", "501 5.5.4"),
        (" ORCPT=rfc822;" + "x" * 500, "501 5.5.4"),
        (" SIZE=1", "555 5.5.4"),
    ],
)
def test_what_rcpt_cannot_have_is_refused(text: str, reply: str) -> None:
    with pytest.raises(Refused) as refused:
        recipient_parameters(text)
    assert str(refused.value.reply).startswith(reply)
