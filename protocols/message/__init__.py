# SPDX-License-Identifier: GPL-3.0-or-later
"""A MIME message in one pass: what IMAP tells of it and where its parts lie (RFC 5322, RFC 2045 to 2047, RFC 2231).

Start with `scan.py`. The scanner never fails: whatever the octets are, it finds an envelope and a structure in them.
"""

from protocols.message.scan import Part, Scan, SearchText, scan

__all__ = ["Part", "Scan", "SearchText", "scan"]
