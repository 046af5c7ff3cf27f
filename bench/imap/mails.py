# SPDX-License-Identifier: GPL-3.0-or-later
"""Made-up mail that looks like an office's: the same for every run, with threads, two languages and attachments."""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator

LATIN = (
    *("agenda", "answer", "bridge", "copy", "delivery", "draft", "été", "evening", "figures", "harbour", "invoice"),
    *("journal", "kitchen", "letter", "meeting", "minutes", "monday", "offer", "office", "plan", "project", "quarter"),
    *("report", "réponse", "schedule", "signature", "summer", "train", "visit", "window"),
)
CHINESE = ("会议", "计划", "报告", "项目", "合同", "资料", "更新", "东京")


def mails(count: int, seed: int = 3) -> Iterator[bytes]:
    """Yield so many messages of 1 to 90 KB, about 6 KB in the mean; every thousandth holds `needle<n>`."""
    dice = random.Random(seed)
    for number in range(count):
        words = CHINESE if dice.random() < 0.1 else LATIN
        head = _head(dice, number, " ".join(dice.choices(words, k=dice.randint(2, 7))))
        lines = [" ".join(dice.choices(words, k=11)) for _ in range(dice.randint(8, 40))]
        if number % 1000 == 0:
            lines.append(f"needle{number}")
        yield (head + _body(dice, number, lines)).encode()


def _head(dice: random.Random, number: int, subject: str) -> str:
    day, time = 1 + number % 28, f"{number % 24:02d}:{number % 60:02d}:{number % 59:02d}"
    sender, earlier = f"s{number % 97}@example.org", f"<b{number - 1}@example.org>"
    thread = f"In-Reply-To: {earlier}\r\nReferences: {earlier}\r\n" if number and dice.random() < 0.4 else ""
    return (
        f"Return-Path: <{sender}>\r\n"
        f"Received: from mx{number % 5}.example.org by mail.bench.test; {day} Nov 2026 {time} +0000\r\n"
        f"Message-ID: <b{number}@example.org>\r\n{thread}Date: {day} Nov 2026 {time} +0100\r\n"
        f"From: {_word(f'Émile {number % 97}')} <{sender}>\r\n"
        f"To: Bench User <u@bench.test>, Other <o{number % 13}@example.net>\r\n"
        f"Subject: {_word(subject)}\r\nMIME-Version: 1.0\r\n"
    )


def _word(text: str) -> str:
    return f"=?utf-8?B?{base64.b64encode(text.encode()).decode()}?="


def _body(dice: random.Random, number: int, lines: list[str]) -> str:
    kind = dice.random()
    text = "\r\n".join(lines)
    if kind < 0.4:
        return f"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{text}\r\n"
    page = "<html><body><p>" + "</p>\r\n<p>".join(lines) + "</p></body></html>"
    both = _multipart("alternative", f"a{number}", _part("text/plain", text), _part("text/html", page))
    if kind < 0.9:
        return both
    data = base64.encodebytes(dice.randbytes(dice.randint(5_000, 60_000))).decode().replace("\n", "\r\n")
    attachment = (
        f'Content-Type: application/pdf; name="file{number}.pdf"\r\nContent-Transfer-Encoding: base64\r\n'
        f'Content-Disposition: attachment; filename="file{number}.pdf"\r\n\r\n{data}'
    )
    return _multipart("mixed", f"m{number}", both, attachment)


def _part(kind: str, text: str) -> str:
    return f"Content-Type: {kind}; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{text}"


def _multipart(subtype: str, boundary: str, *parts: str) -> str:
    inside = "".join(f"--{boundary}\r\n{part}\r\n" for part in parts)
    return f'Content-Type: multipart/{subtype}; boundary="{boundary}"\r\n\r\n{inside}--{boundary}--\r\n'
