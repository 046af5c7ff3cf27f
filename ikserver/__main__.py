# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m ikserver` and the `ikserver` command: hands the verb to the command line."""

from __future__ import annotations

import sys

from ikserver.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
