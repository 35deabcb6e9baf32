"""Units of work: all or nothing, in turn, with notes written once before the end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import StatementError

from service.access.models import AccessEntry, Party
from service.access.rules import PartyKind, Purpose
from service.kernel.database import Database, FairLock, UnitOfWork
from service.kernel.ids import new_id


def add_party(uow: UnitOfWork, name: str = "x") -> str:
    party_id = new_id()
    uow.add(Party(id=party_id, kind=PartyKind.WSP, name=name, region_code="AM01"))
    return party_id


def count(database: Database) -> int:
    with database.reading() as uow:
        return int(uow.execute(select(func.count()).select_from(Party)).scalar_one())


def test_commits_as_a_whole(database: Database) -> None:
    with database.transaction() as uow:
        add_party(uow)
        add_party(uow)
    assert count(database) == 2


def test_leaves_nothing_behind_when_it_fails(database: Database) -> None:
    def fail() -> None:
        with database.transaction() as uow:
            add_party(uow)
            uow.flush()
            raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        fail()
    assert count(database) == 0
    with database.transaction() as uow:
        add_party(uow)
    assert count(database) == 1


def test_reading_writes_nothing(database: Database) -> None:
    with database.reading() as uow:
        add_party(uow)
        uow.flush()
    assert count(database) == 0


def test_notes_are_written_once_before_the_commit(database: Database) -> None:
    calls = []

    def write(uow: UnitOfWork) -> None:
        calls.append(list(uow.notes["kind"]))
        add_party(uow)

    with database.transaction() as uow:
        uow.note("kind", 1, write)
        uow.note("kind", 2, write)
    assert calls == [[1, 2]]
    assert count(database) == 1


def test_the_promised_settings(database: Database) -> None:
    with database.transaction() as uow:
        if uow.is_sqlite:
            settings = [
                uow.execute(text(f"PRAGMA {name}")).scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            ]
            assert settings == ["wal", 2, 1, 15000]
        else:
            assert uow.execute(text("SHOW synchronous_commit")).scalar() in ("on", "off")
            assert uow.execute(text("SHOW statement_timeout")).scalar() == "1min"


def test_moments_keep_their_instant(database: Database) -> None:
    at = datetime(2026, 7, 1, 12, 30, 15, 123456, tzinfo=timezone(timedelta(hours=2)))
    row = {
        "id": new_id(), "at": at, "client_id": "c", "party_id": new_id(), "purpose": Purpose.CONTACT, "action": "a",
        "person_id": new_id(), "resource": "r", "because": "", "trace_id": "",
    }  # fmt: skip
    with database.transaction() as uow:
        uow.execute(insert(AccessEntry), [row])
    with database.reading() as uow:
        found = uow.execute(select(AccessEntry.at, AccessEntry.purpose)).one()
    assert found == (at, Purpose.CONTACT)
    assert found.at.tzinfo is UTC


def test_moments_without_a_zone_are_refused(database: Database) -> None:
    def store() -> None:
        with database.transaction() as uow:
            uow.execute(select(AccessEntry).where(AccessEntry.at == datetime(2026, 1, 1)))  # noqa: DTZ001

    with pytest.raises((StatementError, ValueError), match="without a zone"):
        store()


def test_today_is_the_day_in_amsterdam(database: Database, clock: Callable[[], datetime]) -> None:
    database.clock = lambda: datetime(2026, 3, 28, 23, 30, tzinfo=UTC)
    with database.reading() as uow:
        assert uow.today.isoformat() == "2026-03-29"


def test_writers_wait_for_each_other_and_lose_nothing(database: Database) -> None:
    def write() -> None:
        for _ in range(10):
            with database.transaction() as uow:
                add_party(uow)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count(database) == 40


def test_the_lock_serves_in_the_order_of_asking() -> None:
    lock, served, waiting = FairLock(), [], []
    lock.acquire()

    def ask(number: int) -> None:
        lock.acquire()
        served.append(number)
        lock.release()

    for number in range(5):
        thread = threading.Thread(target=ask, args=(number,))
        thread.start()
        waiting.append(thread)
        while len(lock._waiting) <= number:
            pass
    lock.release()
    for thread in waiting:
        thread.join()
    assert served == [0, 1, 2, 3, 4]
