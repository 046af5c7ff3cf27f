# SPDX-License-Identifier: GPL-3.0-or-later
"""The tests mirror the code. They run on the event loop that the server runs on, so it is installed before all else."""

import uvloop
from twisted.internet import asyncioreactor

asyncioreactor.install(uvloop.new_event_loop())  # type: ignore[no-untyped-call]
