# SPDX-License-Identifier: GPL-3.0-or-later
"""The statement of a search: names the index that the page is read off, in order, from where it begins."""

from __future__ import annotations

from collections.abc import Sequence

from ikserver.model.activity import Place, Wanted


def statement(wanted: Wanted, below: Place | None) -> tuple[str, list[object]]:
    """SQL that gives time, key and event, the newest first, and its parameters but the last one, the limit.

    Domains are read one beside the other, each in order, so that none is read further than the page goes.
    """
    domains: Sequence[str | None] = wanted.domains or [None]
    selects = [_select(wanted, domain, below) for domain in domains]
    query = " UNION ALL ".join(select for select, _ in selects) + " ORDER BY time DESC, key DESC LIMIT ?"
    return query, [value for _, parameters in selects for value in parameters]


def _select(wanted: Wanted, domain: str | None, below: Place | None) -> tuple[str, list[object]]:
    index = _index(wanted, domain)
    terms: list[tuple[str, tuple[object, ...]]] = [
        (f"{column} = ?", (value,)) for column, value in _equal(wanted, domain) if value is not None
    ]
    if index == "activity_message_id":
        terms.append(("message_id <> ''", ()))
    if wanted.since is not None:
        terms.append(("time >= ?", (wanted.since,)))
    if below is not None:
        terms.append(("(time, key) < (?, ?)", (below.time, below.key)))
    elif wanted.until is not None:
        terms.append(("time <= ?", (wanted.until,)))
    where = " AND ".join(term for term, _ in terms) or "1"
    query = (
        f"SELECT time, key, event FROM activity INDEXED BY {index}"  # noqa: S608 (names of ours)
        f" WHERE {where}"
    )
    return query, [value for _, values in terms for value in values]


def _equal(wanted: Wanted, domain: str | None) -> list[tuple[str, str | None]]:
    return [
        ("address", wanted.address),
        ("domain", domain),
        ("correspondent", wanted.correspondent),
        ("message_id", wanted.message_id),
        ("direction", wanted.direction and wanted.direction.value),
        ("status", wanted.status and wanted.status.value),
    ]


def _index(wanted: Wanted, domain: str | None) -> str:
    """The one that leaves the fewest rows: there are few of a message, some of a correspondent, many of an address.

    Nearly all of an address may have another status, so the two together have an index of their own.
    """
    if wanted.message_id:
        return "activity_message_id"
    if wanted.correspondent is not None:
        return "activity_correspondent"
    if domain is not None and wanted.address is None:
        return "activity_domain"
    match wanted.address, wanted.status:
        case None, None:
            return "activity_time"
        case None, _:
            return "activity_status"
        case _, None:
            return "activity_address"
        case _:
            return "activity_address_status"
