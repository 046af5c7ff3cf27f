# SPDX-License-Identifier: GPL-3.0-or-later
"""Scripts are listed, read, stored, chosen, renamed and removed (RFC 5804, 2.5 to 2.12)."""

from __future__ import annotations

from collections.abc import Iterable

from ikserver.managesieve.errors import Refused
from ikserver.managesieve.reply import Ok
from ikserver.managesieve.session import Session
from protocols.managesieve.commands import (
    CheckScript,
    DeleteScript,
    GetScript,
    HaveSpace,
    ListScripts,
    PutScript,
    RenameScript,
    SetActive,
)
from protocols.managesieve.responses import listing, literal
from sieve.errors import Problem, SieveSyntaxError


async def have_space(session: Session, command: HaveSpace) -> Ok:
    """RFC 5804, 2.5."""
    await (await session.scripts()).check_room(command.name, command.size)
    return Ok("there is room")


async def put_script(session: Session, command: PutScript) -> Ok:
    """RFC 5804, 2.6. What cannot be used is not stored."""
    scripts = await session.scripts()
    await scripts.check_room(command.name, len(command.content))
    checked = await _checked(session, command.content)
    await scripts.put(command.name, command.content)
    return checked


async def check_script(session: Session, command: CheckScript) -> Ok:
    """RFC 5804, 2.12."""
    return await _checked(session, command.content)


async def list_scripts(session: Session, command: ListScripts) -> Ok:
    """RFC 5804, 2.7."""
    entries = await (await session.scripts()).list()
    session.send(listing((entry.name, entry.active) for entry in entries))
    return Ok()


async def set_active(session: Session, command: SetActive) -> Ok:
    """RFC 5804, 2.8. A script that could be used when it was stored may have errors now."""
    scripts = await session.scripts()
    if command.name is not None:
        await _checked(session, await scripts.get(command.name))
    await scripts.activate(command.name)
    return Ok("no script is active" if command.name is None else "the script is active")


async def get_script(session: Session, command: GetScript) -> Ok:
    """RFC 5804, 2.9."""
    content = await (await session.scripts()).get(command.name)
    session.send(literal(content) + b"\r\n")
    return Ok()


async def delete_script(session: Session, command: DeleteScript) -> Ok:
    """RFC 5804, 2.10."""
    await (await session.scripts()).delete(command.name)
    return Ok("the script is gone")


async def rename_script(session: Session, command: RenameScript) -> Ok:
    """RFC 5804, 2.11."""
    await (await session.scripts()).rename(command.old, command.new)
    return Ok("the script has its new name")


async def _checked(session: Session, content: bytes) -> Ok:
    """All warnings, each in a line; all errors are a refusal in the same form."""
    if not content:
        raise Refused("the script is empty")
    try:
        warnings = await session.backend.checker.check(session.account, content)
    except SieveSyntaxError as error:
        raise Refused(_told(error.problems)) from error
    if warnings:
        return Ok(_told(warnings), "WARNINGS")
    return Ok("the script can be used")


def _told(problems: Iterable[Problem]) -> str:
    return "\n".join(
        f"{f'{problem.script}: ' if problem.script else ''}line {problem.line}, column {problem.column}: "
        f"{problem.message}"
        for problem in problems
    )
