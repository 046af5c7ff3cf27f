# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with the server is told before it hurts: in the log, by mail to the postmaster, and by the doctor.

Read state.py first: when something is told. checks.py looks, notice.py writes the mail, watch.py does it every minute,
and ledger.py remembers.
"""
