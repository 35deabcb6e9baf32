"""Lists by page. A cursor is a position in the order of the list, so that rows are never skipped. It is sealed: the
place in the feed of events counts those of others too."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Uuid, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from service.kernel.database import UnitOfWork
from service.kernel.ids import is_id
from service.kernel.problems import FieldError, invalid_input
from service.kernel.text import Text


def page(
    uow: UnitOfWork,
    statement: Select[Any],
    order: tuple[InstrumentedAttribute[Any], ...],
    query: Mapping[str, Any],
    view: Callable[[Any], dict[str, Any]],
    *,
    descending: bool = False,
) -> dict[str, Any]:
    """One page of `statement` in `order`, whose columns together are unique and never null and compare as stored."""
    limit = query["limit"]
    if cursor := query.get("cursor"):
        after = read_cursor(uow, cursor, order)
        position = tuple_(*order)
        statement = statement.where(position < after if descending else position > after)
    ordered = [column.desc() if descending else column.asc() for column in order]
    rows = uow.session.execute(statement.add_columns(*order).order_by(*ordered).limit(limit + 1)).all()
    items = [view(row[0]) for row in rows[:limit]]
    following = None
    if len(rows) > limit:
        last = rows[limit - 1]
        following = cursor_at(uow, last[-len(order) :])
    return {"items": items, "next": following}


def cursor_at(uow: UnitOfWork, values: Sequence[Any]) -> str:
    """The cursor of the row with these `values` in the columns of the order: the page begins after it."""
    return uow.vault.hide(json.dumps([str(value) for value in values]))


def read_cursor(
    uow: UnitOfWork, cursor: str, order: Sequence[ColumnElement[Any] | InstrumentedAttribute[Any]]
) -> tuple[Any, ...]:
    """The values of `order` after which the page begins. Raises 400."""
    text = uow.vault.reveal(cursor)
    values = json.loads(text) if text is not None else []
    try:
        return tuple(_convert(column, value) for column, value in zip(order, values, strict=True))
    except (ValueError, TypeError):
        raise invalid_input(
            [
                FieldError(
                    "unknown-cursor",
                    Text("Deze cursor hoort niet bij deze lijst.", "This is not a cursor of this list."),
                    parameter="cursor",
                )
            ]
        ) from None


def _convert(column: ColumnElement[Any] | InstrumentedAttribute[Any], value: str) -> Any:
    kind = column.type.python_type
    if kind is datetime:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError("a day, not a moment")
        return moment
    if kind is date:
        return date.fromisoformat(value)
    if isinstance(column.type, Uuid) and not is_id(value):
        raise ValueError("not an id")
    return int(value) if kind is int else value
