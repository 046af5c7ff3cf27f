# SPDX-License-Identifier: GPL-3.0-or-later
"""The protocol of SpamAssassin's spamd: one request a connection. All of it is in wire.py."""

from protocols.spamd.wire import BadReply, Reply, Told, parse_reply, symbols, tell

__all__ = ["BadReply", "Reply", "Told", "parse_reply", "symbols", "tell"]
