# SPDX-License-Identifier: GPL-3.0-or-later
"""What every back end must do: these tests know only ikserver/store/api."""
