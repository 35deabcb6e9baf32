"""Employers with workplaces at real postcodes, and their contract registers."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import insert

from service.access.actor import system
from service.access.models import Party
from service.access.rules import PartyKind
from service.contacts.assigning import NewAssignment, assign_many
from service.contacts.models import Link
from service.contacts.rules import DisclosureReason, Staff
from service.demo.build import REGION, Build
from service.demo.names import COMPANY_FIRST, COMPANY_KINDS, full_name
from service.demo.world import DEMO_PARTIES
from service.employers.models import Employer, Employment, Establishment, PsoCertificate
from service.employers.rules import ContractType, JobcoachKind, PsoLevel
from service.kernel.database import UnitOfWork
from service.kernel.ids import new_id
from service.people import operations as people
from service.people.operations import Identity
from service.reference import occupations, places

_CONTRACTS = (ContractType.FIXED_TERM,) * 6 + (ContractType.PERMANENT,) * 3 + (ContractType.AGENCY,)
_REASONS = (
    DisclosureReason.START_AGREEMENT,
    DisclosureReason.WAGE_DISPENSATION,
    DisclosureReason.JOBCOACH_SUBSIDY,
)


def make_register(build: Build) -> None:
    with build.work() as uow:
        for client_id, kind, name in DEMO_PARTIES:
            if kind is PartyKind.EMPLOYER:
                _make_employer(build, uow, build.made.parties[client_id], name)
        for number in range(build.count(30)):
            first = COMPANY_FIRST[number % len(COMPANY_FIRST)]
            kind_of_company = build.dice.choice(COMPANY_KINDS)[0]
            name = f"{first} {kind_of_company} {number + 1}"
            party_id = new_id()
            party = {"id": party_id, "kind": PartyKind.EMPLOYER, "name": name, "email": None, "region_code": None}
            uow.execute(insert(Party), [party])
            _make_employer(build, uow, party_id, name)
        _make_certificates(build, uow)
    for employer_id in build.made.employers:
        with build.work() as uow:
            _make_employments(build, uow, employer_id)


def _make_employer(build: Build, uow: UnitOfWork, employer_id: str, name: str) -> None:
    employer = {"id": employer_id, "version": 1, "name": name, "kvk_number": build.numbers.kvk()}
    uow.execute(insert(Employer), [employer | {"created_at": uow.now}])
    build.made.employers.append(employer_id)
    rows = []
    for _ in range(build.dice.choice((1, 1, 2, 3))):
        place = build.dice.choice([place for place in places.postcodes_in(REGION) if place.exact])
        rows.append(
            {
                "id": new_id(),
                "version": 1,
                "employer_id": employer_id,
                "number": build.numbers.establishment(),
                "name": f"{name}, {place.place or 'hoofdvestiging'}",
                "postcode": place.postcode4 + "".join(build.dice.choice("ABCDEFGHKLMNPRTVWXZ") for _ in range(2)),
                "municipality_code": place.municipality_code,
                "region_code": REGION,
            }
        )
    uow.execute(insert(Establishment), rows)
    build.made.establishments[employer_id] = [str(row["id"]) for row in rows]


def _make_certificates(build: Build, uow: UnitOfWork) -> None:
    """The first demo employer is certified, the second never was; of the others a third, some of them no longer."""
    today = uow.today
    certified = [build.made.employers[0], *(each for each in build.made.employers[2:] if build.dice.random() < 0.33)]
    rows = []
    for number, employer_id in enumerate(certified):
        since = today - timedelta(days=90 if number == 0 else build.dice.randrange(30, 900))
        rows.append(
            {
                "employer_id": employer_id,
                "version": 1,
                "level": PsoLevel.STEP_2 if number == 0 else build.dice.choice(list(PsoLevel)),
                "thirty_plus": build.dice.random() < 0.2,
                "valid_from": since,
                "valid_until": since + timedelta(days=730),
            }
        )
    uow.execute(insert(PsoCertificate), rows)


def _make_employments(build: Build, uow: UnitOfWork, employer_id: str) -> None:
    """Most employees of whom an employer tells us are clients of UWV; of half of these the employer knows."""
    number = build.count(build.dice.randrange(15, 50))
    known = [build.dice.random() < 0.85 for _ in range(number)]
    identities = [Identity(bsn=build.numbers.bsn(), name=full_name(build.dice)) for _ in range(number)]
    clients = iter(_people(uow, [each for each, is_known in zip(identities, known, strict=True) if is_known], True))
    others = iter(_people(uow, [each for each, is_known in zip(identities, known, strict=True) if not is_known], False))
    employments, links, assignments = [], [], []
    for index, is_known in enumerate(known):
        person_id = next(clients) if is_known else next(others)
        row = _employment(build, employer_id, person_id, f"HR-{index + 1001}", uow)
        employments.append(row)
        if is_known:
            assignments.append(_assignment(build, uow, person_id))
            if build.dice.random() < 0.5:
                links.append(_link(build, uow, row))
    assign_many(uow, system("demo"), assignments)
    uow.execute(insert(Employment), employments)
    if links:
        uow.execute(insert(Link), links)


def _people(uow: UnitOfWork, identities: list[Identity], is_client: bool) -> list[str]:
    return people.create_many(uow, identities, is_client=is_client) if identities else []


def _employment(build: Build, employer_id: str, person_id: str, reference: str, uow: UnitOfWork) -> dict[str, Any]:
    title = build.dice.choice(occupations.job_titles())
    contract = build.dice.choice(_CONTRACTS)
    start = uow.today - timedelta(days=build.dice.randrange(60, 900))
    external = build.dice.random() < 0.2
    return {
        "id": new_id(),
        "version": 1,
        "employer_id": employer_id,
        "person_id": person_id,
        "establishment_id": build.dice.choice(build.made.establishments[employer_id]),
        "reference": reference,
        "employee_number": reference.replace("HR-", "P"),
        "start_date": start,
        "end_date": None if contract is ContractType.PERMANENT else _end(build, uow.today),
        "contract_type": contract,
        "hours_per_week": build.dice.choice((16, 20, 24, 28, 32, 36)),
        "job_title": title.title,
        "occupation_code": title.isco_code,
        "jobcoach_kind": JobcoachKind.EXTERNAL if external else JobcoachKind.NONE,
        "jobcoach_organisation_id": build.made.parties["demo-jobcoach"] if external else None,
        "created_at": uow.now,
    }


def _end(build: Build, today: date) -> date:
    """The last day of a month in the coming year, as contracts mostly end."""
    month = (today + timedelta(days=build.dice.randrange(60, 425))).replace(day=1)
    return month - timedelta(days=1)


def _assignment(build: Build, uow: UnitOfWork, person_id: str) -> NewAssignment:
    by_team = build.dice.random() < 0.3
    caseworker, backup = build.dice.sample(build.made.caseworkers, 2)
    since = uow.today - timedelta(days=build.dice.randrange(30, 700))
    staff = Staff(None, build.dice.choice(build.made.teams), None) if by_team else Staff(caseworker, None, backup)
    return NewAssignment(person_id, since, staff)


def _link(build: Build, uow: UnitOfWork, employment: dict[str, Any]) -> dict[str, Any]:
    return {
        "employment_id": employment["id"],
        "version": 1,
        "person_id": employment["person_id"],
        "disclosed_since": uow.today - timedelta(days=build.dice.randrange(1, 400)),
        "reason": build.dice.choice(_REASONS),
        "jobcoach_organisation_id": employment["jobcoach_organisation_id"],
    }
