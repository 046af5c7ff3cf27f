# SPDX-License-Identifier: GPL-3.0-or-later
"""The resolver against a nameserver on this machine."""
