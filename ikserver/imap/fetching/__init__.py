# SPDX-License-Identifier: GPL-3.0-or-later
"""FETCH as columns. Read plan.py first: it makes an `Item` of each thing asked for, once a command.

Then rows.py cuts the messages into batches, asks each item for the values of a whole batch, and joins them row by
row in one go. Values come from the columns in memory (columns.py), from wire bytes computed at delivery (facts.py),
or from the octets of the message (sections.py), which are read only for that.
"""
