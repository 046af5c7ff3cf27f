# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports on TLS between mail servers, as pure functions (RFC 8460). Start with model.py."""
