# SPDX-License-Identifier: GPL-3.0-or-later
"""Where messages come from: each method by itself, and all of them on port 25."""
