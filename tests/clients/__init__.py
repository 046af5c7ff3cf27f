# SPDX-License-Identifier: GPL-3.0-or-later
"""Other people's programs against `ikserver demo`: each test is a story of one person with one program."""
