# SPDX-License-Identifier: GPL-3.0-or-later
"""An SMTP and LMTP load generator: `python -m bench.smtp --help`; and one big message: `python -m bench.smtp.big`."""
