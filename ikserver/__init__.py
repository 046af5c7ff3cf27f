# SPDX-License-Identifier: GPL-3.0-or-later
"""ikserver: a self-hosted mail and calendar server. Start with ikserver/app/server.py or docs/decisions."""

from importlib.metadata import version

__version__ = version("ikserver")
