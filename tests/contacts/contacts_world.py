"""A small world for the tests of contacts: two employers, an office, and UWV that assigns and discloses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any

from service.access.actor import ActingParty, Actor
from service.access.models import Party
from service.access.rules import PartyKind
from service.contacts import caseload, links, offices, operations
from service.contacts.models import Office, Team
from service.contacts.rules import CaseworkerRole, DisclosureReason, OfficeOrganisation
from service.employers import employments
from service.employers import operations as employers
from service.employers.rules import ContractType, JobcoachKind
from service.kernel.database import Database
from service.kernel.ids import new_id
from service.kernel.problems import Problem
from service.kernel.requests import Expected

BSNS = ("123456782", "111222333", "100000009", "100000010", "100000022")


class TestClock:
    """The day that a test sets, at noon."""

    __test__ = False

    def __init__(self) -> None:
        self.day = date(2026, 3, 2)

    def __call__(self) -> datetime:
        return datetime.combine(self.day, time(11), UTC)


class World:
    """Everything through operations, each in its own transaction."""

    def __init__(self, database: Database, clock: TestClock) -> None:
        self.database = database
        self.clock = clock
        self.uwv = self.party(PartyKind.UWV, "UWV")
        self.desk = self.party(PartyKind.DESK, "Servicepunt")
        self.jobcoaches = self.party(PartyKind.JOBCOACH_ORGANISATION, "Samen Werken")
        self.bakery, self.bakery_place = self.employer("Bakkerij De Korenaar", "69599084")
        self.garage, self.garage_place = self.employer("Garage Jansen", "12345678")
        self.office_id = self.add(
            Office(
                id=new_id(),
                name="UWV Groningen",
                region_code="AM01",
                organisation=OfficeOrganisation.CASELOAD,
                phone="+442079460678",
                email="groningen@uwv.example",
            )
        )
        self.team_id = self.add(
            Team(
                id=new_id(),
                office_id=self.office_id,
                name="Team Noord",
                phone="+442079460600",
                email="noord@uwv.example",
                active=True,
            )
        )

    def do(self, operation: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        with self.database.transaction() as uow:
            return operation(uow, *arguments, **named)

    def add(self, row: Any) -> str:
        with self.database.transaction() as uow:
            uow.add(row)
        return str(row.id)

    def rows(self, statement: Any) -> list[Any]:
        with self.database.reading() as uow:
            return list(uow.session.execute(statement).all())

    def party(self, kind: PartyKind, name: str) -> Actor:
        party_id = self.add(Party(id=new_id(), kind=kind, name=name))
        return Actor(f"client-of-{name}", (ActingParty(party_id, kind, name),), frozenset())

    def employer(self, name: str, kvk_number: str) -> tuple[Actor, str]:
        made = self.do(employers.register_employer, self.desk, {"name": name, "kvk_number": kvk_number})
        actor = Actor(f"client-of-{name}", (ActingParty(made["id"], PartyKind.EMPLOYER, name),), frozenset())
        place = {"name": "Winkel", "postcode": "9711AB"}
        return actor, self.do(employers.register_establishment, actor, made["id"], place)["id"]

    def employment(self, bsn: str | None, *, actor: Actor | None = None, jobcoach: bool = False, **more: Any) -> str:
        actor = actor or self.bakery
        data = {
            "establishment_id": self.bakery_place if actor is self.bakery else self.garage_place,
            "employee_number": "0042",
            "start_date": date(2026, 1, 1),
            "end_date": date(2026, 12, 31),
            "contract_type": ContractType.FIXED_TERM,
        } | more
        if bsn is not None:
            data["bsn"] = bsn
        if jobcoach:
            data["jobcoach"] = {"kind": JobcoachKind.EXTERNAL, "organisation_id": self.jobcoaches.party.id}
        return str(self.do(employments.register_employment, actor, data)["id"])

    def caseworker(self, name: str, **more: Any) -> str:
        data = {
            "office_id": self.office_id,
            "team_id": None,
            "name": name,
            "role": CaseworkerRole.ARBEIDSDESKUNDIGE,
            "phone": "+442079460601",
            "email": "ad@uwv.example",
            "working_days": [1, 2, 4],
            "active": True,
        } | more
        return str(self.do(offices.register_caseworker, self.uwv, data)["id"])

    def absent(self, caseworker_id: str, first: date, last: date | None, backup_id: str | None = None) -> str:
        data = {"first_day": first, "last_day": last, "backup_id": backup_id, "planned": first >= self.clock.day}
        return str(self.do(offices.report_absence, self.uwv, caseworker_id, data)["id"])

    def assign(self, bsn: str, caseworker_id: str | None = None, **more: Any) -> dict[str, Any]:
        data = {"bsn": bsn, "caseworker_id": caseworker_id, "team_id": None, "backup_id": None} | more
        made: dict[str, Any] = self.do(caseload.assign, self.uwv, data)
        return made

    def disclose(self, employment_id: str) -> dict[str, Any]:
        data = {"employment_id": employment_id, "disclosed": True, "reason": DisclosureReason.START_AGREEMENT}
        made: dict[str, Any] = self.do(links.record_link, self.uwv, data)
        return made

    def confirm_jobcoaches(self, employment_id: str) -> dict[str, Any]:
        """UWV's side confirms the organisation that the employer named, whether the link was recorded or not."""
        coach = {"jobcoach_organisation_id": self.jobcoaches.party.id}
        made: dict[str, Any]
        try:
            made = self.do(links.change_link, self.uwv, employment_id, coach, Expected(None))
        except Problem:
            new = coach | {"employment_id": employment_id, "disclosed": False}
            made = self.do(links.record_link, self.uwv, new)
        return made

    def withdraw(self, employment_id: str) -> dict[str, Any]:
        made: dict[str, Any] = self.do(links.change_link, self.uwv, employment_id, {"disclosed": False}, Expected(None))
        return made

    def ask(self, employment_id: str, actor: Actor | None = None) -> dict[str, Any]:
        answer: dict[str, Any] = self.do(operations.get_contact, actor or self.bakery, employment_id)
        return answer
