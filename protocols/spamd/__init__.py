# SPDX-License-Identifier: GPL-3.0-or-later
"""The protocol of SpamAssassin's spamd: one request a connection. All of it is in wire.py."""

from protocols.spamd.wire import PING, BadReply, Reply, Told, is_pong, parse_reply, symbols, tell

__all__ = ["PING", "BadReply", "Reply", "Told", "is_pong", "parse_reply", "symbols", "tell"]
