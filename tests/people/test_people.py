"""One human is one row, found by keyed hashes, also when two callers name somebody at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from typing import Any

import pytest
from sqlalchemy import func, select

from service.access.models import Party
from service.access.rules import PartyKind
from service.config import Settings
from service.kernel import ids
from service.kernel.crypto import CannotOpen, Vault
from service.kernel.database import Database, UnitOfWork
from service.kernel.ids import new_id
from service.people import operations as people
from service.people.models import IndexKind, Person, PersonIndex
from service.people.operations import Identity
from tests.support.house import House, SettableClock
from tests.support.made import BSNS, employer_in, employment_body, establishment_of

NOOR = Identity(bsn=BSNS[0], name="Noor Postma", email="noor@example.nl", client_number="C-1")
OLD, NEW = b"o" * 32, b"n" * 32

OpenWith = Callable[..., Database]


@pytest.fixture
def open_with(settings: Settings, clock: SettableClock) -> Iterator[OpenWith]:
    """The database, opened with these keys."""
    with ExitStack() as stack:

        def opened(**keys: bytes) -> Database:
            database = Database(settings.database, clock=clock, settings=settings, vault=Vault(keys))
            stack.callback(database.close)
            return database

        yield opened


def count(uow: UnitOfWork, table: type[Any]) -> int:
    return int(uow.execute(select(func.count()).select_from(table)).scalar_one())


# --- Finding and making -----------------------------------------------------------------------------------------


def test_whoever_has_the_bsn_or_the_client_number_is_the_same_person(database: Database) -> None:
    with database.transaction() as uow:
        first = people.find_or_create(uow, NOOR)
        by_bsn = people.find_or_create(uow, Identity(bsn=NOOR.bsn, name="Somebody Else"))
        by_number = people.find_or_create(uow, Identity(client_number="C-1", bsn=None))
        assert first == by_bsn == by_number
        assert people.name_of(uow, first) == "Noor Postma"
        assert people.email_of(uow, first) == "noor@example.nl"
        assert count(uow, Person) == 1


def test_the_bsn_goes_before_the_client_number(database: Database) -> None:
    with database.transaction() as uow:
        one = people.find_or_create(uow, Identity(bsn=BSNS[0]))
        people.find_or_create(uow, Identity(client_number="C-2"))
        assert people.find_or_create(uow, Identity(bsn=BSNS[0], client_number="C-2")) == one


def test_without_a_number_everybody_is_somebody_new(database: Database) -> None:
    with database.transaction() as uow:
        nameless = [people.find_or_create(uow, Identity(name="Noor Postma")) for _ in range(2)]
        assert len(set(nameless)) == 2
        assert count(uow, PersonIndex) == 0


def test_a_client_number_is_no_bsn(database: Database) -> None:
    with database.transaction() as uow:
        one = people.find_or_create(uow, Identity(bsn=BSNS[0]))
        assert people.find_or_create(uow, Identity(client_number=BSNS[0])) != one
        assert people.find(uow, IndexKind.BSN, BSNS[1]) is None


def test_nothing_readable_is_stored(database: Database) -> None:
    with database.transaction() as uow:
        person = uow.session.get_one(Person, people.find_or_create(uow, NOOR))
        hashes = uow.session.scalars(select(PersonIndex.hash)).all()
    for column, value in (("bsn", NOOR.bsn), ("name", NOOR.name), ("email", NOOR.email)):
        sealed = getattr(person, column)
        assert sealed
        assert str(value).encode() not in sealed
    assert len(hashes) == 2
    assert all(len(found) == 32 for found in hashes)


def test_a_value_opens_only_in_its_own_row(database: Database) -> None:
    with database.transaction() as uow:
        one, other = people.create_many(uow, [Identity(name="Noor"), Identity(name="Sem")])
        rows = {row.id: row for row in uow.session.scalars(select(Person))}
        rows[one].name = rows[other].name
        uow.flush()
        with pytest.raises(CannotOpen):
            people.name_of(uow, one)


def test_names_of_those_who_have_one(database: Database) -> None:
    with database.transaction() as uow:
        one, other = people.create_many(uow, [Identity(name="Noor"), Identity(bsn=BSNS[0])])
        assert people.names_of(uow, [one, other, new_id()]) == {one: "Noor"}
        assert people.names_of(uow, []) == {}
        assert people.email_of(uow, one) is None


# --- UWV's side completes ---------------------------------------------------------------------------------------


def test_uwv_adds_what_was_missing_and_changes_nothing(database: Database) -> None:
    with database.transaction() as uow:
        person_id = people.find_or_create(uow, Identity(bsn=BSNS[0], name="N. Postma"))
        assert not people.is_client(uow, person_id)
    with database.transaction() as uow:
        assert people.find_or_create(uow, NOOR, is_client=True) == person_id
    with database.reading() as uow:
        assert people.is_client(uow, person_id)
        assert people.export(uow, person_id) == {"bsn": BSNS[0], "name": "N. Postma", "email": "noor@example.nl"}
        assert people.find(uow, IndexKind.CLIENT_NUMBER, "C-1") == person_id


def test_an_employer_completes_nothing(database: Database) -> None:
    with database.transaction() as uow:
        person_id = people.find_or_create(uow, Identity(bsn=BSNS[0]), is_client=True)
        people.find_or_create(uow, NOOR)
        assert people.is_client(uow, person_id)
        assert people.export(uow, person_id) == {"bsn": BSNS[0]}
        assert people.find(uow, IndexKind.CLIENT_NUMBER, "C-1") is None


def test_a_number_stays_with_whom_it_is(database: Database) -> None:
    with database.transaction() as uow:
        holder = people.find_or_create(uow, Identity(client_number="C-1"))
        other = people.find_or_create(uow, Identity(bsn=BSNS[0]))
        assert people.find_or_create(uow, NOOR, is_client=True) == other
        assert people.find(uow, IndexKind.CLIENT_NUMBER, "C-1") == holder


# --- Export and erasure -----------------------------------------------------------------------------------------


def test_export_and_erasure(database: Database, clock: SettableClock) -> None:
    with database.transaction() as uow:
        person_id = people.find_or_create(uow, NOOR, is_client=True)
        other = people.find_or_create(uow, Identity(bsn=BSNS[1], name="Sem"))
        assert people.export(uow, person_id) == {"bsn": NOOR.bsn, "name": NOOR.name, "email": NOOR.email}
    clock.advance(days=1)
    with database.transaction() as uow:
        people.erase(uow, person_id)
    with database.transaction() as uow:
        row = uow.session.get_one(Person, person_id)
        assert (row.bsn, row.name, row.email, row.is_client, row.erased_at) == (None, None, None, False, clock())
        assert people.export(uow, person_id) == {}
        assert people.name_of(uow, person_id) is None
        assert people.export(uow, other) == {"bsn": BSNS[1], "name": "Sem"}
        assert set(uow.session.scalars(select(PersonIndex.person_id))) == {other}
        assert people.find_or_create(uow, NOOR) not in (person_id, other)


# --- Keys that change -------------------------------------------------------------------------------------------


def test_with_two_keys_everybody_is_found(open_with: OpenWith) -> None:
    before, both, after = open_with(a=OLD), open_with(a=OLD, b=NEW), open_with(b=NEW)
    with before.transaction() as uow:
        earlier = people.find_or_create(uow, Identity(bsn=BSNS[0], name="Noor"))
    with both.transaction() as uow:
        assert people.find_or_create(uow, Identity(bsn=BSNS[0])) == earlier
        assert people.name_of(uow, earlier) == "Noor"
        later = people.find_or_create(uow, Identity(bsn=BSNS[1], name="Sem"))
        keys = select(PersonIndex.key_id).where(PersonIndex.person_id == later).order_by(PersonIndex.key_id)
        assert list(uow.session.scalars(keys)) == ["a", "b"]
    for database in (before, after):
        with database.reading() as uow:
            assert people.find(uow, IndexKind.BSN, BSNS[1]) == later
    with after.reading() as uow:
        assert people.find(uow, IndexKind.BSN, BSNS[0]) is None
        assert people.name_of(uow, later) == "Sem"


# --- Two at once ------------------------------------------------------------------------------------------------


def too_early(monkeypatch: pytest.MonkeyPatch, looks: int) -> None:
    """The first looks find nobody, as they do just before somebody else commits."""
    real, left = people.find, iter(range(looks))
    monkeypatch.setattr(people, "find", lambda *given: real(*given) if next(left, None) is None else None)


def test_who_looked_too_early_gets_the_person_of_the_first(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with database.transaction() as uow:
        first = people.find_or_create(uow, Identity(bsn=BSNS[0], name="Noor"))
    too_early(monkeypatch, 1)
    with database.transaction() as uow:
        # What the session holds back is not part of what fails.
        uow.add(Party(id=new_id(), kind=PartyKind.UWV, name="UWV"))
        assert people.find_or_create(uow, Identity(bsn=BSNS[0], email="n@example.nl"), is_client=True) == first
        people.find_or_create(uow, Identity(bsn=BSNS[1]))
    with database.reading() as uow:
        assert (count(uow, Person), count(uow, Party)) == (2, 1)
        assert people.email_of(uow, first) == "n@example.nl"


def test_a_number_that_went_to_somebody_else_meanwhile_stays_there(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.transaction() as uow:
        holder = people.find_or_create(uow, Identity(client_number="C-1"))
        other = people.find_or_create(uow, Identity(bsn=BSNS[0]))
    real = people.find
    monkeypatch.setattr(
        people, "find", lambda uow, kind, value: None if kind is IndexKind.CLIENT_NUMBER else real(uow, kind, value)
    )
    with database.transaction() as uow:
        assert people.find_or_create(uow, NOOR, is_client=True) == other
    with database.reading() as uow:
        assert real(uow, IndexKind.CLIENT_NUMBER, "C-1") == holder
        assert people.is_client(uow, other)
        assert people.name_of(uow, other) == "Noor Postma"


def test_the_same_bsn_from_several_callers_at_once_is_one_person(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    employers = [employer_in(house, f"employer {number}") for number in range(4)]
    bodies = [employment_body(establishment_of(each), bsn=BSNS[0], name="Noor") for each in employers]
    together = threading.Barrier(len(employers))
    real_id = ids.new_id

    def wait_for_the_others() -> str:
        # SQLite lets one in at a time: there nobody comes.
        with suppress(threading.BrokenBarrierError):
            together.wait(timeout=20 if not house.database.is_sqlite else 0.2)
        return real_id()

    monkeypatch.setattr("service.people.operations.new_id", wait_for_the_others)
    statuses: list[int] = []

    def send(number: int) -> None:
        web = house.app.test_client()
        response = web.post("/v1/employments", json=bodies[number], headers=employers[number].headers)
        statuses.append(response.status_code)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(len(employers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert statuses == [201] * len(employers)
    assert together.broken == house.database.is_sqlite
    with house.database.reading() as uow:
        assert count(uow, Person) == 1
        assert count(uow, PersonIndex) == 1
