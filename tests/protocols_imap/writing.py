# SPDX-License-Identifier: GPL-3.0-or-later
"""A client's side for tests: random commands, and their octets as a client may write them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from protocols.imap import commands as c
from protocols.imap.mailbox_names import canonical, encode_name
from protocols.imap.numbers import NumberSet

ANY_TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
NAMES = ANY_TEXT.map(canonical)
SETS = st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), min_size=1, max_size=4).map(
    lambda ranges: NumberSet(tuple(ranges))
)
FLAGS = st.lists(st.sampled_from(["\\Seen", "\\Answered", "NIL", "$Junk", "a"]), max_size=3).map(tuple)
TAGS = st.from_regex(r"\A[A-Za-z0-9.\]]{1,6}\Z")
MESSAGES = st.builds(c.AppendMessage, st.binary(max_size=20).map(lambda body: body.replace(b"\0", b"0")), FLAGS)


def commands() -> st.SearchStrategy[c.Command]:
    """Commands with random arguments."""
    return st.one_of(
        st.builds(c.Login, TAGS, ANY_TEXT, ANY_TEXT),
        st.builds(c.Rename, TAGS, NAMES, NAMES),
        st.builds(c.Select, TAGS, NAMES, st.booleans(), st.booleans()),
        st.builds(c.Copy, TAGS, SETS, NAMES, st.booleans()),
        st.builds(c.Append, TAGS, NAMES, st.lists(MESSAGES, min_size=1, max_size=3).map(tuple)),
        st.builds(
            c.Store,
            TAGS,
            SETS,
            st.sampled_from("=+-"),
            FLAGS,
            st.booleans(),
            st.booleans(),
            st.none() | st.integers(0, 99),
        ),
    )


def written(command: c.Command, *, utf8: bool) -> bytes:
    """The command's octets."""

    def name(text: str) -> bytes:
        return string(encode_name(text, utf8=utf8))

    words = _WORDS[type(command)](command, name)
    return b" ".join([command.tag.encode(), *words]) + b"\r\n"


def string(octets: bytes) -> bytes:
    """Quoted when it is printable, else a literal."""
    if octets.isascii() and octets.decode().isprintable():
        return b'"' + octets.replace(b"\\", rb"\\").replace(b'"', rb"\"") + b'"'
    return b"{%d+}\r\n%b" % (len(octets), octets)


def _set(numbers: NumberSet) -> bytes:
    ends = [tuple(str(end or "*") for end in pair) for pair in numbers.ranges]
    return ",".join(":".join(pair) for pair in ends).encode()


def _flags(flags: tuple[str, ...]) -> bytes:
    return b"(%b)" % " ".join(flags).encode()


def _uid(command: Any) -> list[bytes]:
    return [b"UID"] if command.uid else []


def _select(command: c.Select, name: Callable[[str], bytes]) -> list[bytes]:
    verb = b"EXAMINE" if command.read_only else b"SELECT"
    return [verb, name(command.mailbox), *([b"(CONDSTORE)"] if command.condstore else [])]


def _append(command: c.Append, name: Callable[[str], bytes]) -> list[bytes]:
    words = [b"APPEND", name(command.mailbox)]
    for message in command.messages:
        assert isinstance(message.body, bytes)
        words += [_flags(message.flags)] if message.flags else []
        words += [b"{%d+}\r\n%b" % (len(message.body), message.body)]
    return words


def _store(command: c.Store, _name: Callable[[str], bytes]) -> list[bytes]:
    unchanged = command.unchanged_since
    action = command.mode.strip("=") + "FLAGS" + (".SILENT" if command.silent else "")
    return [
        *_uid(command),
        b"STORE",
        _set(command.numbers),
        *([] if unchanged is None else [b"(UNCHANGEDSINCE %d)" % unchanged]),
        action.encode(),
        _flags(command.flags),
    ]


_WORDS: dict[type, Callable[[Any, Callable[[str], bytes]], list[bytes]]] = {
    c.Login: lambda command, _name: [b"LOGIN", string(command.user.encode()), string(command.password.encode())],
    c.Rename: lambda command, name: [b"RENAME", name(command.mailbox), name(command.new_name)],
    c.Select: _select,
    c.Copy: lambda command, name: [*_uid(command), b"COPY", _set(command.numbers), name(command.mailbox)],
    c.Append: _append,
    c.Store: _store,
}
