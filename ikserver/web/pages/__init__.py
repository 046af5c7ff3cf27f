# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages, a module for each group of them."""
