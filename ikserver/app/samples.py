# SPDX-License-Identifier: GPL-3.0-or-later
"""The mail that a demo starts with; samples.toml holds it."""

from __future__ import annotations

import time
import tomllib
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from importlib.resources import files
from typing import Any

from ikserver.app.stores import Stores
from ikserver.model.mail import NewMessage
from protocols.message import scan

NAME_SPACE = "sample.ikserver"


async def deliver_samples(stores: Stores, domain: str) -> None:
    """File every sample in the mailboxes of the demo's accounts, some days or hours old."""
    now = datetime.now().astimezone()
    sources = files(__package__).joinpath("samples.toml").read_text(encoding="utf-8")
    for sample in tomllib.loads(sources.replace("DOMAIN", domain))["message"]:
        sent = now - timedelta(hours=sample["hours_ago"])
        body = _message(sample, sent).as_bytes(policy=SMTP)
        account = await stores.directory.accounts.find(f"{sample['account']}@{domain}")
        mail = await stores.mail.mail(account.id)
        mailbox = await mail.mailbox(sample.get("mailbox", "INBOX"))
        zone = int((sent.utcoffset() or timedelta()).total_seconds() // 60)
        flags = frozenset(sample.get("flags", ()))
        await mail.append(mailbox.id, [NewMessage(body, scan(body), flags, int(sent.timestamp()), zone)])


def _message(sample: dict[str, Any], sent: datetime) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"] = _address(sample["from"])
    message["To"] = [_address(each) for each in sample["to"]]
    message["Subject"] = sample["subject"]
    message["Date"] = format_datetime(sent)
    message["Message-ID"] = f"<{sample['id']}@{NAME_SPACE}>"
    if "in_reply_to" in sample:
        message["In-Reply-To"] = f"<{sample['in_reply_to']}@{NAME_SPACE}>"
        message["References"] = " ".join(f"<{each}@{NAME_SPACE}>" for each in sample["references"])
    message.set_content(sample["text"], cte="quoted-printable")
    if "html" in sample:
        message.add_alternative(sample["html"], subtype="html", cte="quoted-printable")
    if "invitation" in sample:
        start = sent + timedelta(days=3)
        event = sample["invitation"].replace("START", f"{start:%Y%m%d}T140000").replace("END", f"{start:%Y%m%d}T150000")
        event = event.replace("STAMP", time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(sent.timestamp())))
        message.add_alternative(event.replace("\n", "\r\n"), subtype="calendar", params={"method": "REQUEST"})
    if "attachment" in sample:
        name, content = sample["attachment"]["name"], sample["attachment"]["content"]
        message.add_attachment(content, subtype="csv", filename=name)
    return message


def _address(text: str) -> Address:
    name, _, spec = text.rpartition(" ")
    return Address(name, addr_spec=spec)
