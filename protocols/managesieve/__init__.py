# SPDX-License-Identifier: GPL-3.0-or-later
"""ManageSieve (RFC 5804), the server's side, as values: bytes in, commands out; answers in, bytes out.

Read commands.py, then receiver.py (what the client says) and responses.py (what it hears).
"""
