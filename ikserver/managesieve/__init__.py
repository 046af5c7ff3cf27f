# SPDX-License-Identifier: GPL-3.0-or-later
"""ManageSieve (RFC 5804): people's programs read, check, store and choose their scripts.

conversation.py drives one client; session.py is what is known of it; each verb stands in verbs/, and dispatch.py says
which one answers what. The wire is implemented in ikserver/listeners/managesieve.py.
"""
