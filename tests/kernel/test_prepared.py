"""A prepared statement gives and writes what Core gives and writes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import bindparam, event, insert, select
from sqlalchemy.exc import IntegrityError, StatementError

from service.access.models import AccessEntry, Client, Party
from service.access.rules import PartyKind, Purpose
from service.delivery.models import Mail
from service.delivery.rules import MailStatus
from service.kernel.database import Database, Id
from service.kernel.ids import new_id
from service.kernel.prepared import Prepared

ENTRY = AccessEntry.__table__
ENTER = Prepared(insert(ENTRY))  # type: ignore[arg-type]
BY_PERSON = select(ENTRY).where(ENTRY.c.person_id == bindparam("person_id", type_=Id)).order_by(ENTRY.c.id)
LOCAL = timezone(timedelta(hours=2))


def entry(person_id: str, **other: Any) -> dict[str, Any]:
    fixed = {"purpose": Purpose.CONTACT, "action": "a", "resource": "?", "because": "", "trace_id": ""}
    moment = datetime(2026, 3, 1, 12, 30, 15, 123456, LOCAL)
    ids = {"id": new_id(), "client_id": "é%s:x", "party_id": new_id(), "person_id": person_id}
    return {**fixed, "at": moment, **ids, **other}


def test_reads_what_core_reads(database: Database) -> None:
    person_id = new_id()
    rows = [entry(person_id) for _ in range(3)]
    prepared = Prepared(BY_PERSON)
    with database.transaction() as uow:
        assert uow.write(ENTER, rows[0]) == 1
        assert uow.write(ENTER, rows[1:]) == 2
        found = uow.find(prepared, {"person_id": person_id})
        assert [row._asdict() for row in found] == rows
        assert [tuple(row) for row in found] == [tuple(row) for row in uow.execute(BY_PERSON, {"person_id": person_id})]
        assert found[0].at.tzinfo is UTC
        assert uow.find(prepared, {"person_id": new_id()}) == []


def test_documents_nulls_and_columns_left_out(database: Database) -> None:
    mail = Prepared(
        insert(Mail.__table__),  # type: ignore[arg-type]
        ("id", "template", "data", "status", "created_at", "due_at", "attempts", "fence"),
    )
    shown = select(Mail.data, Mail.status, Mail.message, Mail.sent_at)
    with database.transaction() as uow:
        values = {"id": new_id(), "template": "t", "data": {"a": ["é", None]}, "status": MailStatus.QUEUED}
        uow.write(mail, values | {"created_at": uow.now, "due_at": uow.now, "attempts": 0, "fence": 0})
        assert uow.find(Prepared(shown), {}) == [({"a": ["é", None]}, MailStatus.QUEUED, None, None)]


def test_many_rows_go_in_as_one_by_one(database: Database) -> None:
    """From some number on another way is taken, which must say the same, also of what needs quoting."""
    mail = Prepared(insert(Mail.__table__))  # type: ignore[arg-type]
    odd = ["é\t\\N\n", "\\x00", "", 'a"b,c\r', "NULL"]
    with database.transaction() as uow:
        fixed = {"status": MailStatus.QUEUED, "created_at": uow.now, "due_at": uow.now, "sent_at": None}
        fixed |= {"attempts": 0, "fence": 0}
        left_out = {column.name: None for column in Mail.__table__.columns if column.name not in fixed}
        rows = [
            left_out | fixed | {"id": new_id(), "template": odd[at % 5], "data": {"a": [odd[at % 5], None, at]}}
            for at in range(300)
        ]
        for row, text in zip(rows, odd * 60, strict=True):
            row["message"] = text.encode() + b"\x00\xff" if text else None
        assert uow.write(mail, rows[:250]) == 250
        for row in rows[250:]:
            assert uow.write(mail, row) == 1
        shown = Mail.__table__.select().order_by(Mail.id)
        assert [dict(row._mapping) for row in uow.execute(shown)] == sorted(rows, key=lambda row: str(row["id"]))


def test_of_many_rows_one_that_is_refused_refuses_all(database: Database) -> None:
    rows = [entry(new_id()) for _ in range(300)]
    with pytest.raises(IntegrityError), database.transaction() as uow:
        uow.write(ENTER, [*rows, rows[7]])
    with database.reading() as uow:
        assert uow.execute(select(ENTRY.c.id)).all() == []


def test_a_list_within_the_statement(database: Database) -> None:
    of_kinds = Prepared(
        select(Party.kind, Party.name).where(Party.kind.in_((PartyKind.UWV, PartyKind.DESK)), Party.name != "no")
    )
    with database.transaction() as uow:
        for kind in (PartyKind.UWV, PartyKind.DESK, PartyKind.WSP):
            uow.add(Party(id=new_id(), kind=kind, name=kind.value))
        # What the session holds back is written first.
        assert {row.kind for row in uow.find(of_kinds, {})} == {PartyKind.UWV, PartyKind.DESK}


def test_a_refusal_is_sqlalchemys_and_rolls_back(database: Database) -> None:
    client = Prepared(insert(Client.__table__))  # type: ignore[arg-type]
    values = {"id": "x", "name": "x", "party_id": new_id(), "secret_hash": None, "jwks": None, "is_demo": False}

    def work() -> None:
        with database.transaction() as uow:
            uow.write(ENTER, entry(new_id()))
            uow.write(client, values | {"created_at": uow.now, "revoked_at": None})

    with pytest.raises(IntegrityError) as caught:
        work()
    assert caught.value.params is None
    with pytest.raises((StatementError, LookupError)), database.transaction() as uow:
        uow.write(ENTER, entry(new_id(), purpose="no such purpose"))
    with database.reading() as uow:
        assert uow.find(Prepared(select(ENTRY.c.id)), {}) == []


def test_listeners_hear_of_it(database: Database) -> None:
    heard: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *arguments: heard.append(arguments[2]))
    with database.transaction() as uow:
        uow.write(ENTER, entry(new_id()))
    assert [text.split()[0] for text in heard if not text.startswith("BEGIN")] == ["INSERT"]
