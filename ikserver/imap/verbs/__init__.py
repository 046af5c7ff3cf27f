# SPDX-License-Identifier: GPL-3.0-or-later
"""One module a verb or family: `async def verb(session, command)`. dispatch.py says which command comes here."""
