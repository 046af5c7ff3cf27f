# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a page of the activity log takes among a million events."""
