"""Lists by page: each row once, in order, whatever the order is made of."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Select, insert, select
from sqlalchemy.orm import InstrumentedAttribute

from service.access.models import AccessEntry
from service.access.rules import Purpose
from service.contacts.models import Absence
from service.delivery.models import Event
from service.kernel.database import Database
from service.kernel.ids import new_id
from service.kernel.paging import cursor_at, page
from service.kernel.problems import Problem

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MOMENTS = [START + timedelta(microseconds=1) * each for each in (0, 0, 0, 1, 2, 2, 1_000_000)]
ANY = select(AccessEntry)
BY_MOMENT = (AccessEntry.at, AccessEntry.id)

Order = tuple[InstrumentedAttribute[Any], ...]


@pytest.fixture
def entries(database: Database) -> list[tuple[datetime, str]]:
    """Lines in the access log, of which some were written at the same moment. In the order of the list."""
    keys = [(at, new_id()) for at in reversed(MOMENTS)]
    rows = [
        {
            "id": key, "at": at, "client_id": "c", "party_id": new_id(), "purpose": Purpose.CONTACT, "action": "a",
            "person_id": new_id(), "resource": "r", "because": "", "trace_id": "",
        }
        for at, key in keys
    ]  # fmt: skip
    with database.transaction() as uow:
        uow.execute(insert(AccessEntry), rows)
    return sorted(keys)


def all_pages(database: Database, limit: int, *, descending: bool) -> list[tuple[datetime, str]]:
    found: list[tuple[datetime, str]] = []
    query: dict[str, Any] = {"limit": limit}
    for _ in range(len(MOMENTS) + 1):
        with database.reading() as uow:
            answer = page(uow, ANY, BY_MOMENT, query, lambda row: {"key": (row.at, row.id)}, descending=descending)
        assert len(answer["items"]) <= limit
        found += [item["key"] for item in answer["items"]]
        if answer["next"] is None:
            return found
        query["cursor"] = answer["next"]
    raise AssertionError("the list has no end")


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("limit", [1, 2, 3, len(MOMENTS), 100])
def test_by_moment_each_row_comes_once(
    database: Database, entries: list[tuple[datetime, str]], limit: int, descending: bool
) -> None:
    assert all_pages(database, limit, descending=descending) == sorted(entries, reverse=descending)


BY_DAY = (Absence.first_day, Absence.id)
BY_NUMBER = (Event.position,)
BY_ID = (AccessEntry.id,)


@pytest.mark.parametrize(
    ("statement", "order", "values"),
    [
        (ANY, BY_MOMENT, (date(2026, 3, 2), new_id())),
        (ANY, BY_MOMENT, (START.replace(tzinfo=None), new_id())),
        (ANY, BY_MOMENT, (START, 7)),
        (ANY, BY_MOMENT, (7,)),
        (ANY, BY_MOMENT, ()),
        (ANY, BY_ID, (7,)),
        (ANY, BY_ID, (START,)),
        (select(Absence), BY_DAY, (START, new_id())),
        (select(Event), BY_NUMBER, (new_id(),)),
    ],
)
def test_a_cursor_of_another_list_is_refused(
    database: Database, statement: Select[Any], order: Order, values: tuple[Any, ...]
) -> None:
    with database.reading() as uow:
        cursor = cursor_at(uow, values)
        with pytest.raises(Problem) as refused:
            page(uow, statement, order, {"limit": 10, "cursor": cursor}, lambda row: {})
    assert [(error.code, error.parameter) for error in refused.value.errors] == [("unknown-cursor", "cursor")]
