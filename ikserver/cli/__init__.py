# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line: one module a verb group, each with `register(subparsers)`. Read main.py first.

A verb does its work through `ikserver.app` and prints through `output`; it never opens a database itself. Every verb
has an example in its `--help`, and it works while the server runs.
"""
