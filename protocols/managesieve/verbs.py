# SPDX-License-Identifier: GPL-3.0-or-later
"""From the words of a command to its value (RFC 5804, 4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from protocols.managesieve import commands as c
from protocols.managesieve.errors import BadCommand
from protocols.managesieve.names import script_name
from protocols.managesieve.words import Arguments, Word


def command(given: Sequence[Word]) -> c.Command:
    """`given` has one word at least. Raises BadCommand."""
    verb, arguments = given[0], Arguments(given[1:])
    parse = None if verb.is_string else VERBS.get(verb.octets.upper())
    if parse is None:
        raise BadCommand("there is no such command")
    parsed = parse(arguments)
    arguments.end()
    return parsed


def _authenticate(arguments: Arguments) -> c.Command:
    mechanism = arguments.string("a mechanism").decode("ascii", "replace").upper()
    return c.Authenticate(mechanism, arguments.optional_string("an initial response"))


def _set_active(arguments: Arguments) -> c.Command:
    octets = arguments.string("the name of a script")
    return c.SetActive(script_name(octets) if octets else None)


VERBS: Mapping[bytes, Callable[[Arguments], c.Command]] = {
    b"AUTHENTICATE": _authenticate,
    b"CAPABILITY": lambda _: c.Capability(),
    b"CHECKSCRIPT": lambda arguments: c.CheckScript(arguments.string("a script")),
    b"DELETESCRIPT": lambda arguments: c.DeleteScript(arguments.name()),
    b"GETSCRIPT": lambda arguments: c.GetScript(arguments.name()),
    b"HAVESPACE": lambda arguments: c.HaveSpace(arguments.name(), arguments.number("a size")),
    b"LISTSCRIPTS": lambda _: c.ListScripts(),
    b"LOGOUT": lambda _: c.Logout(),
    b"NOOP": lambda arguments: c.Noop(arguments.optional_string("a tag")),
    b"PUTSCRIPT": lambda arguments: c.PutScript(arguments.name(), arguments.string("a script")),
    b"RENAMESCRIPT": lambda arguments: c.RenameScript(arguments.name(), arguments.name()),
    b"SETACTIVE": _set_active,
    b"STARTTLS": lambda _: c.StartTls(),
    b"UNAUTHENTICATE": lambda _: c.Unauthenticate(),
}
