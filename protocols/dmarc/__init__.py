# SPDX-License-Identifier: GPL-3.0-or-later
"""DMARC as pure functions (RFC 7489): records, alignment, and what a domain wants done. Start with record.py."""

from protocols.dmarc.evaluation import Passed, aligned, dkim_aligned, sampled, spf_aligned, wanted
from protocols.dmarc.record import Policy, Record, parse_record, records

__all__ = [
    "Passed",
    "Policy",
    "Record",
    "aligned",
    "dkim_aligned",
    "parse_record",
    "records",
    "sampled",
    "spf_aligned",
    "wanted",
]
