# SPDX-License-Identifier: GPL-3.0-or-later
"""SMTP and LMTP without I/O (RFC 5321, RFC 2033): paths, parameters, replies, the dots of DATA, trace fields.

Start with `replies.py`: whatever is wrong is raised as `Refused`, which carries the reply. `addresses.py` reads
paths, `parameters.py` what follows them, `dots.py` the body, `hygiene.py` says which octets a body may have.
"""
