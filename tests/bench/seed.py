"""A database with one employer, its register and UWV's people behind it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import insert

from service.access.actor import system
from service.access.rules import PartyKind
from service.contacts.assigning import NewAssignment, assign_many
from service.contacts.models import Caseworker, Link, Office
from service.contacts.rules import CaseworkerRole, DisclosureReason, OfficeOrganisation, Staff
from service.employers.models import Employer, Employment, Establishment
from service.employers.rules import ContractType, JobcoachKind
from service.kernel.ids import new_id
from service.people import operations as people
from service.people.operations import Identity
from tests.support.house import House, Party


def seed(house: House, employments: int) -> tuple[Party, list[str]]:
    """The employer and the ids of its employments; every other link is disclosed."""
    house.party(PartyKind.UWV)
    house.party(PartyKind.DESK)
    employer = house.party(PartyKind.EMPLOYER)
    with house.database.transaction() as uow:
        office, staff, place = new_id(), [new_id() for _ in range(40)], new_id()
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
        employer_row = {"id": employer.id, "version": 1, "name": "Noorderzon", "kvk_number": "90000001"}
        uow.execute(insert(Employer), employer_row | now)
        uow.execute(
            insert(Establishment),
            {
                "id": place, "version": 1, "employer_id": employer.id, "number": None, "name": "Loods",
                "postcode": "9711AB", "municipality_code": "GM0014", "region_code": "AM01",
            },
        )  # fmt: skip
        persons = people.create_many(uow, [Identity(name="x")] * employments, is_client=True)
        ids = [new_id() for _ in persons]
        employment = {
            "version": 1, "employer_id": employer.id, "establishment_id": place, "reference": None,
            "start_date": uow.today - timedelta(days=400), "end_date": uow.today + timedelta(days=100),
            "contract_type": ContractType.FIXED_TERM, "hours_per_week": 24, "job_title": "Magazijnmedewerker",
            "occupation_code": "9333", "jobcoach_kind": JobcoachKind.NONE, **now,
        }  # fmt: skip
        uow.execute(
            insert(Employment),
            [
                employment | {"id": each, "person_id": person, "employee_number": f"P{number}"}
                for number, (each, person) in enumerate(zip(ids, persons, strict=True))
            ],
        )
        since = uow.today - timedelta(days=100)
        assignments = [
            NewAssignment(person, since, Staff(staff[at % 40], None, staff[(at + 1) % 40]))
            for at, person in enumerate(persons)
        ]
        assign_many(uow, system("bench"), assignments)
        uow.execute(
            insert(Link),
            [
                {
                    "employment_id": each, "version": 1, "person_id": person, "disclosed_since": since,
                    "reason": DisclosureReason.START_AGREEMENT,
                }
                for each, person in list(zip(ids, persons, strict=True))[::2]
            ],
        )  # fmt: skip
    return employer, ids
