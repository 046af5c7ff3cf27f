# SPDX-License-Identifier: GPL-3.0-or-later
"""LIST, LSUB, NAMESPACE (RFC 9051, 6.3.9 and 6.3.10; RFC 5258; RFC 5819; RFC 6154; RFC 3501, 6.3.9)."""

from __future__ import annotations

from collections.abc import Collection

from ikserver.imap.names import Names, ancestors, read_names
from ikserver.imap.reply import Ok
from ikserver.imap.session import Session
from ikserver.imap.verbs.status import status_line
from protocols.imap import responses
from protocols.imap.commands import List, Lsub, Namespace
from protocols.imap.list_match import ListPattern


async def list_mailboxes(session: Session, command: List) -> Ok:
    """RFC 9051, 6.3.9."""
    if command.patterns == ("",) and not command.extended:
        session.send(responses.list_delimiter())
        return Ok("LIST completed")
    names = await read_names(session.store)
    chosen = _chosen(names, command.selection)
    above = {name for found in chosen for name in ancestors(found)} if "RECURSIVEMATCH" in command.selection else set()
    patterns = [ListPattern(pattern, command.reference) for pattern in command.patterns]
    matching = {name for name in chosen | above if any(pattern.matches(name) for pattern in patterns)}
    shown = {name for name in matching if name in chosen or _has_hidden(name, chosen, matching)}
    for name in sorted(shown):
        await _tell(session, command, names, name, has_chosen_below=name in above)
    return Ok("LIST completed")


def _chosen(names: Names, selection: Collection[str]) -> set[str]:
    """Names that satisfy all selection options; REMOTE selects no less (RFC 9051, 6.3.9.1)."""
    chosen = set(names.subscribed) if "SUBSCRIBED" in selection else names.existing()
    return chosen & names.special() if "SPECIAL-USE" in selection else chosen


def _has_hidden(name: str, chosen: Collection[str], matching: Collection[str]) -> bool:
    """Whether there is a chosen name below that is not told itself (RFC 9051, 6.3.9.3)."""
    return any(name in ancestors(below) and below not in matching for below in chosen)


async def _tell(session: Session, command: List, names: Names, name: str, *, has_chosen_below: bool) -> None:
    missing = "\\NonExistent" if command.extended or session.rev2 else "\\Noselect"
    attributes = names.attributes(name, missing=missing)
    if name in names.subscribed and "SUBSCRIBED" in (*command.selection, *command.returns):
        attributes.append("\\Subscribed")
    criteria = [option for option in command.selection if option in ("SUBSCRIBED", "SPECIAL-USE")]
    child_info = criteria if has_chosen_below else ()
    session.send(responses.list_line(name, attributes, utf8=session.rev2, child_info=child_info))
    mailbox = names.mailboxes.get(name)
    if command.status and mailbox is not None:
        # RFC 5819, 2: the STATUS of a mailbox follows its LIST.
        session.send(await status_line(session, mailbox, command.status))


async def lsub(session: Session, command: Lsub) -> Ok:
    r"""RFC 3501, 6.3.9: where `%` hides a subscribed name, the name above it is told with \Noselect."""
    names = await read_names(session.store)
    pattern = ListPattern(command.pattern, command.reference)
    matching = {name for name in names.subscribed if pattern.matches(name)}
    hidden = names.subscribed - matching
    above = {name for below in hidden for name in ancestors(below) if pattern.matches(name)} - matching
    for name in sorted(matching | above):
        attributes = ["\\Noselect"] if name in above or name not in names.mailboxes else []
        session.send(responses.lsub_line(name, attributes, utf8=session.rev2))
    return Ok("LSUB completed")


async def namespace(session: Session, _command: Namespace) -> Ok:
    """RFC 9051, 6.3.10."""
    session.send(responses.namespace())
    return Ok("NAMESPACE completed")
