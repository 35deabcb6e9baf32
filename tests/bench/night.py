"""`make bench-night`: what the clock does in one night over a large contract register, on both databases.

Of the employments one in twenty is a client's; one in a hundred comes within three months of its end tonight. The rest
ends later, has been looked at before, or has no end date. A few have lost their wages, a few are unlinked for a month.
Then the idle round: what the worker asks the database when nothing is due. At last a week later, with its reminders.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

from rich.console import Console
from rich.table import Table
from sqlalchemy import Table as SqlTable
from sqlalchemy import event, func, insert, select, text

from service.access.actor import system
from service.access.rules import PartyKind
from service.contacts.assigning import NewAssignment, assign_many
from service.contacts.models import Caseworker, Link, Office
from service.contacts.rules import CaseworkerRole, DisclosureReason, OfficeOrganisation, Staff
from service.employers.models import Employer, Employment, Establishment
from service.employers.rules import ContractType, JobcoachKind, months_later
from service.kernel.database import Database
from service.kernel.ids import new_id
from service.kernel.memory import settle
from service.kernel.prepared import Prepared
from service.kernel.room import Timer
from service.people.models import Person
from service.rooms import ROOMS
from service.schema import migrate
from service.signals.deadlines import EARLY_WARNING_MONTHS
from service.signals.models import Signal
from service.worker import Worker
from tests.support import databases
from tests.support.house import House, SettableClock, settings_for

PIECE: Final = 10_000
CLIENT_EVERY, DUE_EVERY = 20, 100
_PERSON: Final = Prepared(insert(cast(SqlTable, Person.__table__)))
_EMPLOYMENT: Final = Prepared(insert(cast(SqlTable, Employment.__table__)))
_LINK: Final = Prepared(insert(cast(SqlTable, Link.__table__)))


class Spent(NamedTuple):
    fired: int
    seconds: float
    cpu: float
    statements: int


def seed(house: House, many: int) -> None:
    """UWV, an office, 200 employers, and `many` employments with the persons behind them."""
    for kind in (PartyKind.UWV, PartyKind.DESK):
        house.party(kind)
    employers = [house.party(PartyKind.EMPLOYER, f"employer {at}").id for at in range(200)]
    places = [new_id() for _ in employers]
    staff = new_id(), new_id()
    with house.database.transaction() as uow:
        office = new_id()
        reach = {"phone": "+442079460200", "email": "a@example.nl"}
        uow.add(Office(id=office, name="UWV", organisation=OfficeOrganisation.CASELOAD, region_code="AM01", **reach))
        uow.flush()
        for each in staff:
            role = CaseworkerRole.ARBEIDSDESKUNDIGE
            row = {"id": each, "office_id": office, "name": "Noor Postma", "role": role, "active": True}
            uow.add(Caseworker(**row, working_days=[1, 2, 3, 4], **reach))
        for at, (employer, place) in enumerate(zip(employers, places, strict=True)):
            uow.add(Employer(id=employer, name=employer, kvk_number=str(90_000_000 + at), created_at=uow.now))
            uow.flush()
            where = {"postcode": "9711AB", "municipality_code": "GM0014", "region_code": "AM01"}
            uow.add(Establishment(id=place, employer_id=employer, name="Loods", **where))
    for start in range(0, many, PIECE):
        _piece(house.database, range(start, min(start + PIECE, many)), employers, places, staff, whole=not start)
        _copy_of_the_first(house.database, first=not start)
    with house.database.engine.connect() as connection:
        connection.execute(text("DROP TABLE bench_template"))
        connection.execute(text("ANALYZE"))
        connection.commit()


def _piece(
    database: Database,
    numbers: range,
    employers: list[str],
    places: list[str],
    staff: tuple[str, str],
    *,
    whole: bool,
) -> None:
    """With the employments of nobody in particular only where it is the `whole` piece; else these are copied."""
    with database.transaction() as uow:
        month_ago = uow.now - timedelta(days=uow.settings.unlinked_days)
        persons, rows, links, due = [], [], [], []
        for at in numbers:
            client, lately = at % CLIENT_EVERY == 0, at % CLIENT_EVERY == 1
            if not (whole or client or lately):
                continue
            person = new_id() if client or lately else None
            if person is not None:
                empty = dict.fromkeys(("bsn", "name", "email", "postcode4", "erased_at"))
                persons.append({"id": person, "is_client": client, "created_at": uow.now, **empty})
            number = at // CLIENT_EVERY
            end, warned, wages = _end(number, uow.today)
            created = month_ago - timedelta(days=1 + number % 300)
            if lately:
                created = month_ago + timedelta(hours=-1 if number % DUE_EVERY == 0 else number % 700)
            row = {
                "id": new_id(), "version": 1, "employer_id": employers[at % 200], "person_id": person,
                "person_by_uwv": False, "establishment_id": places[at % 200], "reference": None,
                "employee_number": f"P{at}", "start_date": uow.today - timedelta(days=500), "end_date": end,
                "contract_type": ContractType.FIXED_TERM, "hours_per_week": None, "job_title": "Magazijnmedewerker",
                "occupation_code": "9333", "jobcoach_kind": JobcoachKind.NONE, "jobcoach_organisation_id": None,
                "chain_since": None, "last_wage_month": wages, "warned_end": warned, "warned_wages": None,
                "known_on": uow.today if client else None, "created_at": created,
            }  # fmt: skip
            rows.append(row)
            if client and number // DUE_EVERY % 2:
                link = {"employment_id": row["id"], "person_id": person, "version": 1, "told_before": 0}
                link |= {"disclosed_since": uow.today, "reason": DisclosureReason.START_AGREEMENT, "consent_on": None}
                links.append(link | {"consent_means": None, "jobcoach_organisation_id": None})
            if client and person is not None and warned is None and number % DUE_EVERY < 2:
                due.append(NewAssignment(person, uow.today, Staff(staff[0], None, staff[1])))
        for statement, some in ((_PERSON, persons), (_EMPLOYMENT, rows), (_LINK, links)):
            if some:
                uow.write(statement, some)
        assign_many(uow, system("bench"), due)


def _copy_of_the_first(database: Database, *, first: bool) -> None:
    with database.transaction() as uow:
        if first:
            uow.execute(text("CREATE TABLE bench_template AS SELECT * FROM employment WHERE person_id IS NULL"))
            return
        names = [column.name for column in cast(SqlTable, Employment.__table__).columns if column.name != "id"]
        new = "lower(hex(randomblob(16)))" if uow.is_sqlite else "gen_random_uuid()"
        listed = ", ".join(names)
        uow.execute(text(f"INSERT INTO employment (id, {listed}) SELECT {new}, {listed} FROM bench_template"))  # noqa: S608


def _end(number: int, today: date) -> tuple[date | None, date | None, date | None]:
    """(end, the end that was looked at, last month with wages) of one employment in twenty."""
    window = months_later(today, EARLY_WARNING_MONTHS)
    kind = number % DUE_EVERY
    if kind < 1:
        return window, None, None
    if kind < 2 and number % 1000 == 1:
        return None, None, months_later(today.replace(day=1), -4)
    if kind < 45:
        return None, None, months_later(today.replace(day=1), -1)
    if kind < 60:
        near = today + timedelta(days=1 + number % 85)
        return near, near, None
    if kind < 70:
        past = today - timedelta(days=1 + number % 300)
        return past, past, None
    return window + timedelta(days=1 + number % 900), None, None


@contextmanager
def counted(database: Database) -> Iterator[list[int]]:
    """How many statements go out; one for many rows is one."""
    count = [0]

    def hear(*_: Any) -> None:
        count[0] += 1

    event.listen(database.engine, "before_cursor_execute", hear)
    yield count
    event.remove(database.engine, "before_cursor_execute", hear)


def night(database: Database) -> dict[str, Spent]:
    """Each timer until nothing is due for it."""
    worker = Worker(database, ROOMS, database.settings, threading.Event())
    spent = {}
    for timer in worker.timers:
        with counted(database) as statements:
            began, cpu, fired = time.perf_counter(), time.process_time(), 0
            while some := worker._fire_due(timer):
                fired += some
            spent[timer.name] = Spent(fired, time.perf_counter() - began, time.process_time() - cpu, statements[0])
    worker.close()
    return spent


def idle(database: Database) -> dict[str, float]:
    """Seconds in which each timer finds that nothing is due, at its quickest."""
    return {timer.name: _idle(database, timer) for room in ROOMS for timer in room.timers}


def _idle(database: Database, timer: Timer) -> float:
    found = []
    for _ in range(15):
        with database.reading() as uow:
            began = time.perf_counter()
            assert timer.due(uow, 500) == [], timer.name
            found.append(time.perf_counter() - began)
    return min(found)


def measure(kind: str, many: int, table: Table, quiet: Table) -> None:
    with tempfile.TemporaryDirectory() as folder:
        if kind == "sqlite":
            url = databases.sqlite_clone(databases.sqlite_template(migrate), Path(folder))
        else:
            server = databases.postgres_server(durable=True)
            url = databases.clone(databases.create_template(server, "bench-night", migrate))
        house = House(settings_for(Path(folder), url), SettableClock())
        try:
            seed(house, many)
            settle()
            for when in ("tonight", "a week later"):
                spent = night(house.database)
                for name, found in spent.items():
                    if found.fired:
                        each = found.seconds / found.fired * 1e6
                        values = (
                            str(found.fired),
                            f"{found.seconds:.2f}",
                            f"{found.cpu:.2f}",
                            str(found.statements),
                            f"{each:.0f}",
                        )
                        table.add_row(kind, when, name, *values)
                quiet_times = idle(house.database)
                slowest = max(quiet_times, key=lambda name: quiet_times[name])
                whole = sum(quiet_times.values())
                ms = [f"{each * 1e3:.1f}" for each in (whole, quiet_times[slowest])]
                quiet.add_row(kind, f"after {when}", str(len(quiet_times)), *ms, slowest)
                house.clock.advance(days=7)
            with house.database.reading() as uow:
                signals = uow.execute(select(func.count()).select_from(Signal)).scalar_one()
            table.add_section()
            print(f"{kind}: {many:,} employments, {signals:,} signals")
        finally:
            house.close()
            if kind == "postgresql":
                databases.drop(url)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    options = parser.parse_args()
    table = Table("database", "when", "timer", "fired", "seconds", "own CPU s", "statements", "µs each")
    quiet = Table("database", "idle round", "timers", "ms in all", "slowest, ms", "which")
    for kind in ("sqlite", "postgresql"):
        if options.only in (None, kind):
            measure(kind, options.rows, table, quiet)
    console = Console(width=120)
    for each in itertools.chain((table, quiet)):
        console.print(each)


if __name__ == "__main__":
    main()
