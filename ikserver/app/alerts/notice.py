# SPDX-License-Identifier: GPL-3.0-or-later
"""The mail that tells of an alert."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid

from ikserver.app.alerts.state import News, Turn

HEADLINES = {
    Turn.BEGUN: "Alert",
    Turn.WORSE: "Alert, worse",
    Turn.BETTER: "Alert, better",
    Turn.STILL: "Alert, still there",
    Turn.ENDED: "All is well again",
}


def notice(news: News, host: str, to: str, now: float) -> bytes:
    """A whole message, to one address."""
    alert, since = news.standing.alert, datetime.fromtimestamp(news.standing.since, UTC)
    message = EmailMessage(policy=SMTP)
    message["From"] = f"ikserver <postmaster@{host}>"
    message["To"] = to
    message["Subject"] = f"[{host}] {HEADLINES[news.turn]}: {alert.subject}"
    message["Date"] = format_datetime(datetime.fromtimestamp(now, UTC))
    message["Message-ID"] = make_msgid(domain=host)
    # RFC 3834, 5: nobody answers it.
    message["Auto-Submitted"] = "auto-generated"
    ended = "This has passed:\n\n" if news.turn is Turn.ENDED else ""
    message.set_content(
        f"{ended}{alert.text}\n\nSince {since:%Y-%m-%d %H:%M} UTC, on {host}.\n"
        "ikserver doctor tells how the server is now.\n"
    )
    return message.as_bytes()
