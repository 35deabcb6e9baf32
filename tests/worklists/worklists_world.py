"""Everybody who has something to do, over HTTP."""

from __future__ import annotations

from typing import Any

from service.access.rules import PartyKind
from service.contacts.models import Team
from service.kernel.ids import new_id
from tests.contract.privacy_world import PrivacyWorld
from tests.support.house import House, Party

ADA_BSN, BO_BSN, TEAM_BSN, UNKNOWN_BSN = "123456782", "999990342", "987654329", "111222333"
PLAN = {"service": "naar_werk", "startDate": "2026-12-21", "lead": "arbeidsdeskundige"}
WORK = {
    "title": "Medewerker magazijn",
    "occupationCode": "9333",
    "hours": {"min": 24, "max": 24},
    "contractType": "fixed_term",
    "workplace": {"postcode": "9712 AB"},
}


class WorklistsWorld(PrivacyWorld):
    """Monday 23 November 2026, ten in the morning. Caseworker `noor` is in the team, `bo` is not."""

    def __init__(self, house: House) -> None:
        super().__init__(house)
        self.noor, self.bo = self.caseworkers
        self.office = self.uwv.get(f"/caseworkers/{self.noor}").get_json()["officeId"]
        self.team = new_id()
        reach = {"phone": "+442079460678", "email": "team@uwv.example"}
        with house.database.transaction() as uow:
            uow.add(Team(id=self.team, office_id=self.office, name="Team Noord", active=True, **reach))
        self.done(self.uwv, "PATCH", f"/caseworkers/{self.noor}", {"teamId": self.team})

    def client(self, bsn: str, *, disclosed: bool = False, jobcoach: bool = False, **who: Any) -> str:
        """An employment of somebody for whom UWV named who is responsible."""
        more: dict[str, Any] = {}
        if jobcoach:
            more["jobcoach"] = {"kind": "external", "organisationId": self.jobcoach.id}
        row = self.employment({"bsn": bsn, "name": "Naam Verborgen"}, **more)
        self.made(self.uwv, "/assignments", {"bsn": bsn, **who})
        if disclosed:
            self.made(self.uwv, "/links", {"employmentId": row, "disclosed": True, "reason": "start_agreement"})
        return row

    def report(self, employment: str, **more: Any) -> str:
        body = {"employmentId": employment, "phase": "decided", "employeeInformed": True}
        return self.made(self.employer, "/contract-end-signals", body | {"expectedEndDate": "2027-02-28"} | more)

    def planned(self, signal: str, handler: Party | None = None) -> None:
        path, handler = f"/contract-end-signals/{signal}", handler or self.uwv
        for method, at, body in (
            ("POST", "/transitions", {"to": "acknowledged"}),
            ("PUT", "/plan", PLAN),
            ("POST", "/transitions", {"to": "planned"}),
        ):
            self.done(handler, method, path + at, body)

    def items(self, party: Party, **query: Any) -> list[dict[str, Any]]:
        asked = "&".join(f"{name}={value}" for name, value in ({"limit": 200} | query).items())
        response = party.get(f"/work-items?{asked}")
        assert response.status_code == 200, response.get_json()
        items: list[dict[str, Any]] = response.get_json()["items"]
        return items

    def ids(self, party: Party, **query: Any) -> list[str]:
        return [each["id"] for each in self.items(party, **query)]

    def kinds(self, party: Party, **query: Any) -> list[tuple[str, str | None]]:
        return [(each["kind"], each["dueOn"]) for each in self.items(party, **query)]

    def pool(self) -> Party:
        """A mobility pool of which the employer is a member."""
        from service.vacancies.pools.models import MobilityPool

        party = self.house.party(PartyKind.MOBILITY_POOL)
        with self.house.database.transaction() as uow:
            uow.add(MobilityPool(id=party.id, name="Pool Noord", created_at=uow.now))
        self.made(self.desk, f"/mobility-pools/{party.id}/members", {"partyId": self.employer.id})
        self.parties.append(party)
        return party
