# SPDX-License-Identifier: GPL-3.0-or-later
"""What bench/run makes of its measurements."""
