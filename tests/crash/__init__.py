# SPDX-License-Identifier: GPL-3.0-or-later
"""The server is killed in the midst of work: what it had answered with 250 or OK must be there."""
