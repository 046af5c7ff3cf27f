# SPDX-License-Identifier: GPL-3.0-or-later
"""Every setting with its default. What each one means stands in config/ikserver.toml; a test holds both in step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import Literal

from ikserver.settings.values import Address, Bytes, Network, Seconds

MEGABYTE = 10**6


@dataclass(frozen=True, slots=True)
class Listen:
    """Addresses by service; the names are those of RFC 6335's registry. An empty list turns a service off."""

    lmtp: tuple[Address, ...] = (Address("127.0.0.1", 24),)
    smtp: tuple[Address, ...] = (Address(None, 25),)
    submissions: tuple[Address, ...] = (Address(None, 465),)
    submission: tuple[Address, ...] = (Address(None, 587),)
    imap: tuple[Address, ...] = (Address(None, 143),)
    imaps: tuple[Address, ...] = (Address(None, 993),)
    sieve: tuple[Address, ...] = (Address(None, 4190),)
    http: tuple[Address, ...] = (Address(None, 80),)
    https: tuple[Address, ...] = (Address(None, 443),)


@dataclass(frozen=True, slots=True)
class Tls:
    certificate: Path | None = None
    key: Path | None = None
    folders: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Smtp:
    max_size: Bytes = Bytes(201 * MEGABYTE)
    max_recipients: int = 1000
    idle_timeout: Seconds = Seconds(300)
    transaction_timeout: Seconds = Seconds(3600)
    max_connections: int = 1000
    max_connections_per_client: int = 100
    max_held: Bytes = Bytes(1000 * MEGABYTE)
    bare_newlines: Literal["refuse", "normalise"] = "refuse"
    proxy_networks: tuple[Network, ...] = ()
    daily_recipients: int = 1440
    daily_recipients_per_organisation: int = 0


@dataclass(frozen=True, slots=True)
class Outbound:
    enabled: bool = True
    smarthost: Address | None = None
    smarthost_user: str = ""
    smarthost_password_file: Path | None = None
    smarthost_verify: bool = True
    first_retry: Seconds = Seconds(60)
    longest_retry: Seconds = Seconds(21600)
    lifetime: Seconds = Seconds(432000)
    delay_notice: Seconds = Seconds(14400)
    max_connections: int = 100
    max_connections_per_domain: int = 10
    messages_per_minute: int = 0
    messages_per_minute_to: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Imap:
    max_message_size: Bytes = Bytes(201 * MEGABYTE)
    idle_timeout: Seconds = Seconds(1800)
    login_timeout: Seconds = Seconds(120)
    max_connections: int = 20000
    max_connections_per_client: int = 1000
    max_connections_per_account: int = 500


@dataclass(frozen=True, slots=True)
class ManageSieve:
    idle_timeout: Seconds = Seconds(1800)
    login_timeout: Seconds = Seconds(120)
    max_connections: int = 1000
    max_connections_per_client: int = 100


@dataclass(frozen=True, slots=True)
class Sieve:
    max_redirects: int = 4
    max_notifications: int = 4
    max_actions: int = 32
    shortest_vacation: Seconds = Seconds(86_400)


@dataclass(frozen=True, slots=True)
class Web:
    url: str = ""
    invitation_lifetime: Seconds = Seconds(7 * 86_400)
    max_connections: int = 2000
    max_connections_per_client: int = 100
    proxy_networks: tuple[Network, ...] = ()


@dataclass(frozen=True, slots=True)
class Login:
    scram: bool = True
    plaintext_from_loopback: bool = False


@dataclass(frozen=True, slots=True)
class Dns:
    nameservers: tuple[Address, ...] = ()
    timeout: Seconds = Seconds(5)
    trust_ad: bool = False


@dataclass(frozen=True, slots=True)
class Authentication:
    dmarc: Literal["reject", "quarantine", "none"] = "reject"
    own_networks: tuple[Network, ...] = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
    trusted_sealers: tuple[str, ...] = ()
    block_lists: tuple[str, ...] = ()
    allow_lists: tuple[str, ...] = ()
    listed: Literal["refuse", "note"] = "refuse"
    greylist: bool = False
    greylist_delay: Seconds = Seconds(300)


@dataclass(frozen=True, slots=True)
class Reports:
    dmarc: bool = True
    tls: bool = True
    organisation: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Spam:
    engine: Literal["classifier", "spamd"] = "classifier"
    spamd: str = "127.0.0.1:783"
    timeout: Seconds = Seconds(10)
    when_down: Literal["deliver", "defer"] = "deliver"
    keep: Seconds = Seconds(30 * 86_400)


@dataclass(frozen=True, slots=True)
class Malware:
    clamd: str = ""
    timeout: Seconds = Seconds(30)
    max_size: Bytes = Bytes(25 * MEGABYTE)
    action: Literal["refuse", "spam"] = "refuse"
    when_down: Literal["deliver", "defer"] = "deliver"


@dataclass(frozen=True, slots=True)
class Mailboxes:
    quota: Bytes = Bytes(0)
    max_messages: int = 0


@dataclass(frozen=True, slots=True)
class Activity:
    retention_days: int = 20


@dataclass(frozen=True, slots=True)
class Alerts:
    to: tuple[str, ...] = ()
    room_low: Bytes = Bytes(5000 * MEGABYTE)
    room_critical: Bytes = Bytes(1000 * MEGABYTE)
    queue_age: Seconds = Seconds(86_400)
    queue_count: int = 1000


@dataclass(frozen=True, slots=True)
class Log:
    format: Literal["text", "json"] = "text"
    level: Literal["debug", "info", "warning", "error"] = "info"


@dataclass(frozen=True, slots=True)
class Settings:
    data: Path = Path("/var/lib/ikserver")
    hostname: str = ""
    workers: int = 0
    listen: Listen = field(default_factory=Listen)
    tls: Tls = field(default_factory=Tls)
    smtp: Smtp = field(default_factory=Smtp)
    outbound: Outbound = field(default_factory=Outbound)
    imap: Imap = field(default_factory=Imap)
    managesieve: ManageSieve = field(default_factory=ManageSieve)
    sieve: Sieve = field(default_factory=Sieve)
    web: Web = field(default_factory=Web)
    login: Login = field(default_factory=Login)
    dns: Dns = field(default_factory=Dns)
    authentication: Authentication = field(default_factory=Authentication)
    reports: Reports = field(default_factory=Reports)
    spam: Spam = field(default_factory=Spam)
    malware: Malware = field(default_factory=Malware)
    mailboxes: Mailboxes = field(default_factory=Mailboxes)
    activity: Activity = field(default_factory=Activity)
    alerts: Alerts = field(default_factory=Alerts)
    log: Log = field(default_factory=Log)
