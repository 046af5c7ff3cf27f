# SPDX-License-Identifier: GPL-3.0-or-later
"""What an operator allows and prefers. Plain values: a new one may take the place of another while a script runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class Settings:
    """Sizes are octets, times seconds. None: there is no such thing, or no limit."""

    max_errors: int = 100
    max_script_size: int = 1 << 20
    max_actions: int = 32
    max_redirects: int = 4
    max_cpu_time: int = 1_000_000
    """Steps: each command and test that runs, and each 1,000 characters that are looked through."""
    max_nesting: int = 32
    max_includes: int = 255
    max_include_depth: int = 10
    variables_max_count: int = 255
    variables_max_size: int = 4096
    max_match_vars: int = 32
    regex_max_pattern: int = 1_024
    regex_max_input: int = 65_536

    editheader_max_header_size: int = 2048
    editheader_forbid_add: frozenset[str] = frozenset()
    editheader_forbid_delete: frozenset[str] = frozenset()

    may_write_as: frozenset[str] | None = None
    """The addresses, in lower case, that `:from` may name; one that is not among them is ignored. None: any."""
    notify_max_notifications: int = 4
    notify_envelope_from: str | None = None

    user_email: str | None = None
    recipient_delimiter: str = "+"
    redirect_envelope_from: str | None = None
    """An address, or "sender", "recipient", "orig_recipient", "user_email"; the same for notifications."""
    redirect_max_received: int = 100
    """Received fields of a message that goes in circles (RFC 5321, 6.3)."""

    duplicate_default_seconds: int = 604_800
    duplicate_max_seconds: int = 2_592_000

    vacation_min_seconds: int = 86_400
    vacation_max_seconds: int | None = None
    vacation_default_seconds: int = 604_800
    vacation_default_subject: str = "Automated reply"
    vacation_subject_template: str = "Auto: %$"
    """`%$` or `%{subject}` is the subject of the message that is answered."""
    vacation_check_recipient: bool = True
    vacation_use_original_recipient: bool = False
    vacation_send_from_recipient: bool = False
    vacation_to_header_ignore_envelope: bool = False

    spamtest_type: str = "score"
    """score, strlen or text."""
    spamtest_header: str = ""
    """`Name`, or `Name: regular expression` whose first group is the value."""
    spamtest_max_value: float = 10.0
    spamtest_max_header: str = ""
    spamtest_text: Mapping[int, str] = field(default_factory=dict)

    virustest_type: str = "score"
    virustest_header: str = ""
    virustest_max_value: float = 5.0
    virustest_max_header: str = ""
    virustest_text: Mapping[int, str] = field(default_factory=dict)
