# SPDX-License-Identifier: GPL-3.0-or-later
"""Sieve scripts decide where mail goes.

Read scripting.py first: it has the steps in order. library.py knows which scripts run for whom, running.py runs them
in a thread, collecting.py writes down what they want, deciding.py makes of that what the store carries out, and
carrying.py takes to the queue what leaves.
"""
