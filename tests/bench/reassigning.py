"""`make bench-reassign`: many clients to other caseworkers in one transaction, on both databases, beside the floor.

The floor is the same statements with the same values through the bare driver, in one transaction on a copy.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from sqlalchemy import func, insert, select

from service.access.actor import system
from service.access.rules import PartyKind
from service.contacts.assigning import NewAssignment, assign_many
from service.contacts.models import Caseworker, Link, Office
from service.contacts.rules import CaseworkerRole, DisclosureReason, OfficeOrganisation, Staff
from service.delivery.models import Event, Mail
from service.employers.models import Employer, Employment, Establishment
from service.employers.rules import ContractType, JobcoachKind
from service.kernel.ids import new_id
from service.kernel.memory import settle
from service.people import operations as people
from service.people.operations import Identity
from tests.bench.copies import Copies, ask, environ
from tests.bench.floor import Driver, taken_down
from tests.support.house import House, Party


def seed(house: House, number: int) -> tuple[Party, list[str]]:
    """UWV, and `number` clients of one caseworker, each with an employment; every other link is disclosed, every other
    client has a mail address. The ids of the five caseworkers."""
    uwv = house.party(PartyKind.UWV)
    coaches = house.party(PartyKind.JOBCOACH_ORGANISATION)
    employers = [house.party(PartyKind.EMPLOYER, f"employer {at}") for at in range(20)]
    with house.database.transaction() as uow:
        office, staff = new_id(), [new_id() for _ in range(5)]
        uow.execute(
            insert(Office),
            {
                "id": office, "version": 1, "name": "UWV Groningen", "region_code": "AM01",
                "organisation": OfficeOrganisation.CASELOAD, "phone": "+442079460200", "email": "a@example.nl",
            },
        )  # fmt: skip
        caseworker = {
            "version": 1, "office_id": office, "name": "Noor Postma", "role": CaseworkerRole.ARBEIDSDESKUNDIGE,
            "phone": "+442079460201", "email": "noor@example.nl", "working_days": [1, 2, 3, 4], "active": True,
        }  # fmt: skip
        uow.execute(insert(Caseworker), [caseworker | {"id": each} for each in staff])
        now: dict[str, Any] = {"created_at": uow.now}
        places = []
        for at, employer in enumerate(employers):
            row = {"id": employer.id, "version": 1, "name": employer.id, "kvk_number": str(90_000_000 + at)}
            uow.execute(insert(Employer), row | now)
            places.append(new_id())
            place = {"id": places[-1], "version": 1, "employer_id": employer.id, "number": None, "name": "Loods"}
            place |= {"postcode": "9711AB", "municipality_code": "GM0014", "region_code": "AM01"}
            uow.execute(insert(Establishment), place)
        identities = [
            Identity(name="x", email=f"p{at}@example.nl" if at % 2 else None, postcode4=str(9700 + at % 50))
            for at in range(number)
        ]
        persons = people.create_many(uow, identities, is_client=True)
        employment = {
            "version": 1, "reference": None, "start_date": uow.today - timedelta(days=400),
            "end_date": uow.today + timedelta(days=400), "contract_type": ContractType.FIXED_TERM,
            "hours_per_week": 24, "job_title": "Magazijnmedewerker", "occupation_code": "9333", **now,
        }  # fmt: skip
        ids = [new_id() for _ in persons]
        uow.execute(
            insert(Employment),
            [
                employment
                | {
                    "id": ids[at], "person_id": person, "employee_number": f"P{at}",
                    "employer_id": employers[at % 20].id, "establishment_id": places[at % 20],
                    "jobcoach_kind": JobcoachKind.NONE if at % 5 else JobcoachKind.EXTERNAL,
                    "jobcoach_organisation_id": None if at % 5 else coaches.id,
                }
                for at, person in enumerate(persons)
            ],
        )  # fmt: skip
        since = uow.today - timedelta(days=500)
        rows = [
            NewAssignment(person, since, Staff(staff[0], None, staff[1 + at % 4])) for at, person in enumerate(persons)
        ]
        assign_many(uow, system("bench"), rows)
        link = {"version": 1, "disclosed_since": since, "reason": DisclosureReason.START_AGREEMENT}
        uow.execute(
            insert(Link),
            [
                link
                | {
                    "employment_id": ids[at], "person_id": persons[at],
                    "jobcoach_organisation_id": None if at % 5 else coaches.id,
                }
                for at in range(0, number, 2)
            ],
        )  # fmt: skip
    return uwv, staff


def request(copies: Copies, days: int) -> tuple[str, str, bytes]:
    on_date = (copies.clock().date() + timedelta(days=days)).isoformat()
    targets = [{"caseworkerId": each} for each in copies.ids[1:]]
    body = {"from": {"caseworkerId": copies.ids[0]}, "to": targets, "onDate": on_date, "note": "Lees het dossier."}
    return "POST", "/v1/reassignments", json.dumps(body).encode()


def run(copies: Copies, days: int) -> tuple[float, float, float, int, str]:
    """Wall seconds of ours and of the floor, CPU seconds of this process, how many statements, and what was told."""
    call = request(copies, days)
    with copies.house() as house, taken_down(house.database) as statements:
        ask(house.app.wsgi_app, environ(call, copies.token, 1))
    with copies.house() as house:
        house.clock.advance(seconds=1)
        settle()  # as the server does
        began, cpu = time.perf_counter(), time.process_time()
        answer = json.loads(ask(house.app.wsgi_app, environ(call, copies.token, 1)))
        ours, cpu = time.perf_counter() - began, time.process_time() - cpu
        with house.database.reading() as uow:
            events = select(func.count()).select_from(Event).where(Event.at == uow.now, Event.type.like("contact.%"))
            mails = select(func.count()).select_from(Mail).where(Mail.created_at == uow.now)
            counts = uow.execute(events).scalar_one(), uow.execute(mails).scalar_one()
    driver = Driver(copies.copy())
    began = time.perf_counter()
    driver.run(statements)
    floor = time.perf_counter() - began
    driver.close()
    told = f"{answer['people']} people, {counts[0]} events, {counts[1]} mails"
    return ours, floor, cpu, len(statements), told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    heads = ("reassign", "database", "told", "statements", "wall s", "CPU s", "µs each", "floor s", "wall / floor")
    table = Table(*heads)
    for kind in ("sqlite", "postgresql"):
        if options.only not in (None, kind):
            continue
        with tempfile.TemporaryDirectory() as folder:
            copies = Copies(kind, Path(folder), seed, options.people)
            try:
                for name, days in (("today", 0), ("planned", 30)):
                    found = sorted(run(copies, days) for _ in range(options.rounds))[options.rounds // 2]
                    ours, floor, cpu, statements, told = found
                    table.add_row(
                        name, kind, told, str(statements), f"{ours:.2f}", f"{cpu:.2f}",
                        f"{ours / options.people * 1e6:.0f}", f"{floor:.2f}", f"{ours / floor:.2f}",
                    )  # fmt: skip
            finally:
                copies.close()
    Console(width=140).print(table)


if __name__ == "__main__":
    main()
