# SPDX-License-Identifier: GPL-3.0-or-later
"""The protocol of ClamAV's clamd: one command a connection. All of it is in wire.py."""

from protocols.clamd.wire import END, INSTREAM, PING, BadReply, chunk, is_pong, parse_reply

__all__ = ["END", "INSTREAM", "PING", "BadReply", "chunk", "is_pong", "parse_reply"]
