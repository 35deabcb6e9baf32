"""Worklists: what is due, what is late and what is new, for whoever asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, Date, String, column

from service.access.actor import Actor
from service.kernel.database import Id, UnitOfWork, UtcDateTime
from service.kernel.paging import cursor_at, read_cursor
from service.kernel.problems import forbidden
from service.worklists.reading import ORDER, Wanted, find, item
from service.worklists.staff import Staff

_TYPES: Final[dict[str, Any]] = {"due_on": Date(), "since": UtcDateTime(), "id": Id, "kind": String()}
_POSITION: Final[tuple[ColumnElement[Any], ...]] = tuple(column(name, _TYPES[name]) for name in ORDER)


def list_work_items(uow: UnitOfWork, actor: Actor, query: Mapping[str, Any]) -> dict[str, Any]:
    """One page of it. Raises 403 where somebody outside asks whose work it is at UWV."""
    staff = staff_of(actor, query)
    wanted = Wanted(
        kinds=[query["kind"].value] if "kind" in query else (),
        due=query.get("due"),
        due_before=query.get("due_before"),
        new=query.get("new"),
        employer_id=query.get("employer_id"),
        staff=staff,
    )
    limit, cursor = query["limit"], query.get("cursor")
    after = None if cursor is None else read_cursor(uow, cursor, _POSITION)
    rows = find(uow, actor, wanted, limit + 1, after)
    following = None
    if len(rows) > limit:
        last = rows[limit - 1]
        following = cursor_at(uow, [getattr(last, name) for name in ORDER])
    return {"items": [item(uow, actor, row) for row in rows[:limit]], "next": following}


def staff_of(actor: Actor, asked: Mapping[str, Any]) -> Staff:
    """Whose work is asked for. Raises 403."""
    staff = Staff(*(asked.get(name) for name in Staff._fields))
    if staff != Staff() and not actor.is_uwv_side:
        raise forbidden(
            "Zoeken op medewerker, team of kantoor kan alleen bij UWV en het Servicepunt.",
            "Only UWV and the desk can search by caseworker, team or office.",
        )
    return staff
