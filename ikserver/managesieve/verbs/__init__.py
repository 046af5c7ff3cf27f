# SPDX-License-Identifier: GPL-3.0-or-later
"""What each command does. A verb takes the session and its command; it sends data and returns Ok, or raises."""
