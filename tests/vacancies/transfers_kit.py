"""Over HTTP: an employer with vacancies, two WSPs, and what the tests of transfers look at."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from service.access.models import Party as PartyRow
from service.access.rules import PartyKind
from service.delivery import sequencer
from service.delivery.models import Mail
from service.kernel.ids import new_id
from service.kernel.room import MailText
from service.vacancies.room import ROOM
from tests.support.house import House, Party
from tests.support.made import employer_in

WORK: dict[str, Any] = {
    "title": "Medewerker magazijn",
    "occupationCode": "9333",
    "hours": {"min": 24, "max": 24},
    "contractType": "fixed_term",
    "workplace": {"postcode": "9712 AB"},
}
PROFILE: dict[str, Any] = {
    "occupations": ["9333"],
    "hours": {"min": 16, "max": 32},
    "postcode4": "9711",
    "maxDistanceKm": 20,
    "needs": [],
    "cannot": [],
}


class World:
    def __init__(self, house: House) -> None:
        self.house = house
        self.employer = employer_in(house, "Bakkerij Brood")
        self.wsp = house.party(PartyKind.WSP, "WSP Groningen")
        self.other = house.party(PartyKind.WSP, "WSP Friesland", region_code="AM02")
        self.desk = house.party(PartyKind.DESK, "Servicepunt")
        self.uwv = house.party(PartyKind.UWV, "UWV")
        with house.database.transaction() as uow:
            for party in (self.employer, self.wsp, self.other):
                uow.session.get_one(PartyRow, party.id).email = f"{party.kind.value}@example.nl"

    def later(self, *others: Party, **by: float) -> None:
        """Time passes, and everybody gets a new token."""
        self.house.clock.advance(**by)
        for party in (self.employer, self.wsp, self.other, self.desk, self.uwv, *others):
            party.headers = {"Authorization": f"Bearer {self.house.token(party)}"}

    def vacancy(self, employer: Party | None = None, **more: Any) -> str:
        return made(employer or self.employer, "/vacancies", WORK | more)

    def candidate(self, lead: Party, **more: Any) -> str:
        return made(lead, "/candidates", PROFILE | more)

    def pool(self, name: str, *members: Party) -> Party:
        pool_id = made(self.desk, "/mobility-pools", {"name": name})
        for member in members:
            made(self.desk, f"/mobility-pools/{pool_id}/members", {"partyId": member.id})
        return client_of(self.house, pool_id, PartyKind.MOBILITY_POOL)

    def referral(self, vacancy_id: str, party: Party) -> dict[str, Any]:
        """The newest of this party, as UWV's side sees it."""
        found = items(self.desk, f"/referrals?vacancyId={vacancy_id}&toId={party.id}")
        return dict(found[-1])

    def answer(self, vacancy_id: str, party: Party, to: str, **more: Any) -> dict[str, Any]:
        moved = party.move(f"/referrals/{self.referral(vacancy_id, party)['id']}", to, **more)
        assert moved.status_code == 200, moved.get_json()
        return dict(moved.get_json())

    def transfer(self, by: Party | None = None, *, dry_run: bool = False, status: int = 0, **body: Any) -> Any:
        path = "/referral-transfers" + ("?dryRun=true" if dry_run else "")
        sent = {"toId": self.other.id, "reason": "other_desk"} | body
        answer = (by or self.wsp).post(path, {name: value for name, value in sent.items() if value is not None})
        assert answer.status_code == (status or (200 if dry_run else 201)), answer.get_json()
        return answer.get_json()

    def events(self, party: Party) -> list[dict[str, Any]]:
        with self.house.database.transaction() as uow:
            while sequencer.sequence(uow, 1000):
                pass
        return items(party, "/events?limit=200")

    def mails(self, template: str) -> list[MailText]:
        with self.house.database.reading() as uow:
            queued = uow.session.scalars(select(Mail.data).where(Mail.template == template).order_by(Mail.id)).all()
            rendered = [ROOM.mails[template](uow, data) for data in queued]
        return [mail for mail in rendered if mail is not None]

    def run(self, timer_name: str) -> list[str]:
        (timer,) = (timer for timer in ROOM.timers if timer.name == timer_name)
        with self.house.database.reading() as uow:
            due = timer.due(uow, 10)
        for one in due:
            with self.house.database.transaction() as uow:
                timer.fire(uow, one)
        return due


def client_of(house: House, party_id: str, kind: PartyKind) -> Party:
    """A client of a party that exists."""
    party = house.party(kind, f"client {new_id()}")
    with house.database.transaction() as uow:
        from service.access.models import Client

        row = uow.session.get_one(Client, party.client_id)
        row.party_id = party_id
    party.id = party_id
    return party


def made(party: Party, path: str, body: dict[str, Any]) -> str:
    answer = party.post(path, body)
    assert answer.status_code == 201, answer.get_json()
    return str(answer.get_json()["id"])


def items(party: Party, path: str) -> list[dict[str, Any]]:
    answer = party.get(path)
    assert answer.status_code == 200, answer.get_json()
    return list(answer.get_json()["items"])


def errors(problem: dict[str, Any]) -> list[tuple[str, str]]:
    return [(error["pointer"], error["code"]) for error in problem["errors"]]
