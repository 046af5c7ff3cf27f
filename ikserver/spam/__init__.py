# SPDX-License-Identifier: GPL-3.0-or-later
"""Spam: what a message is taken for, and how people teach it.

Read screening.py first: it makes one verdict of the lists of senders, of a message's authentication and of the filter.
A filter (api.py) is spamd.py or classifier.py. reporting.py is what people say of a message, moves.py what they show by
moving it. A failing or slow filter never holds up other mail.
"""
