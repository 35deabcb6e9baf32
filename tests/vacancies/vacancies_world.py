"""An employer with vacancies, and those to whom they go."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select

from service.access.actor import ActingParty, Actor
from service.access.rules import PartyKind
from service.delivery.models import Event, EventParty, Mail
from service.employers.models import Establishment
from service.kernel.database import Database
from service.kernel.ids import new_id
from service.kernel.requests import Expected
from service.kernel.room import MailText
from service.vacancies import operations as vacancies
from service.vacancies.pools import operations as pools
from service.vacancies.referrals import operations as referrals
from service.vacancies.referrals.schemas import ReferralTransition
from service.vacancies.room import ROOM
from service.vacancies.schemas import VacancyBody, VacancyChange, VacancyTransition
from tests.support.house import SettableClock
from tests.vacancies.parties import add_party

ANY = Expected(None)
WORK = {
    "title": "Medewerker magazijn",
    "occupationCode": "4321",
    "hours": {"min": 24, "max": 32},
    "contractType": "fixed_term",
    "workplace": {"postcode": "9711 AB"},
}


class World:
    """A service with one employer, a WSP in three regions, a desk and somebody of UWV."""

    def __init__(self, database: Database, clock: SettableClock) -> None:
        self.database = database
        self.clock = clock
        self.now = datetime(2027, 3, 1, 9, tzinfo=UTC)
        with database.transaction() as uow:
            self.employer = add_party(uow, PartyKind.EMPLOYER, "Bakkerij Brood")
            self.wsp = add_party(uow, PartyKind.WSP, "WSP Groningen", "AM01", email="wsp@example.nl")
            self.other_wsp = add_party(uow, PartyKind.WSP, "WSP Friesland", "AM02", email="wsp@example.nl")
            self.third_wsp = add_party(uow, PartyKind.WSP, "WSP Drenthe", "AM03", email="wsp@example.nl")
            self.desk = add_party(uow, PartyKind.DESK, "Servicepunt")
            self.uwv = add_party(uow, PartyKind.UWV, "UWV")

    @property
    def now(self) -> datetime:
        return self.clock.now

    @now.setter
    def now(self, moment: datetime) -> None:
        self.clock.set(moment)

    def add(self, kind: PartyKind, name: str) -> Actor:
        with self.database.transaction() as uow:
            return add_party(uow, kind, name)

    def establishment(self, employer: Actor) -> str:
        row_id = new_id()
        with self.database.transaction() as uow:
            uow.add(
                Establishment(
                    id=row_id,
                    employer_id=employer.party.id,
                    name="Filiaal Leeuwarden",
                    postcode="8911AA",
                    municipality_code="GM0080",
                    region_code="AM02",
                )
            )
        return row_id

    def post(self, actor: Actor | None = None, *, without: str = "", **body: Any) -> dict[str, Any]:
        sent = {name: value for name, value in {**WORK, **body}.items() if name != without}
        with self.database.transaction() as uow:
            return vacancies.register_vacancy(uow, actor or self.employer, VacancyBody().load(sent))

    def patch(self, vacancy_id: str, actor: Actor | None = None, expected: Expected = ANY, **body: Any) -> Any:
        data = VacancyChange(partial=True).load(body)
        with self.database.transaction() as uow:
            return vacancies.change_vacancy(uow, actor or self.employer, vacancy_id, data, expected)

    def move(self, vacancy_id: str, to: str, actor: Actor | None = None, **body: Any) -> dict[str, Any]:
        data = VacancyTransition().load({"to": to, **body})
        with self.database.transaction() as uow:
            return vacancies.move_vacancy(uow, actor or self.employer, vacancy_id, data, ANY)

    def get(self, vacancy_id: str, actor: Actor | None = None) -> dict[str, Any]:
        with self.database.reading() as uow:
            return vacancies.get_vacancy(uow, actor or self.employer, vacancy_id)

    def listed(self, actor: Actor, **query: Any) -> list[str]:
        with self.database.reading() as uow:
            return [item["id"] for item in vacancies.list_vacancies(uow, actor, {"limit": 50, **query})["items"]]

    def referrals(self, vacancy_id: str, actor: Actor | None = None) -> list[dict[str, Any]]:
        with self.database.reading() as uow:
            found = vacancies.list_referrals(uow, actor or self.employer, vacancy_id, {"limit": 50})
        return list(found["items"])

    def fill(self, vacancy_id: str, day: date) -> bool:
        with self.database.transaction() as uow:
            return vacancies.fill_position(uow, self.uwv.as_system("proposal.placed"), vacancy_id, day)

    def readers(self, type: str) -> list[set[str]]:
        """Who may read each event of this type."""
        with self.database.reading() as uow:
            events = uow.session.scalars(select(Event.id).where(Event.type == type).order_by(Event.id)).all()
            return [
                set(uow.session.scalars(select(EventParty.party_id).where(EventParty.event_id == event)))
                for event in events
            ]

    # --- Referrals and pools

    def inbox(self, actor: Actor, **query: Any) -> list[dict[str, Any]]:
        with self.database.reading() as uow:
            return list(referrals.list_referrals(uow, actor, {"limit": 50, **query})["items"])

    def open_referral(self, referral_id: str, actor: Actor) -> dict[str, Any]:
        with self.database.transaction() as uow:
            return referrals.get_referral(uow, actor, referral_id)

    def answer(
        self, vacancy_id: str, actor: Actor, to: str, reason: str | None = None, expected: Expected = ANY
    ) -> dict[str, Any]:
        """What this receiver answers on the newest referral of the vacancy that it can see."""
        found = self.inbox(actor, vacancy_id=vacancy_id)[-1]
        data = ReferralTransition().load({"to": to} | ({"reason": reason} if reason else {}))
        with self.database.transaction() as uow:
            return referrals.answer_referral(uow, actor, found["id"], data, expected)

    def statuses(self, vacancy_id: str) -> dict[str, str]:
        """Per receiver the status of its newest referral."""
        return {one["to"]["name"]: one["status"].value for one in self.referrals(vacancy_id)}

    def pool(self, name: str, *members: Actor, **term: date) -> Actor:
        with self.database.transaction() as uow:
            made = pools.create_pool(uow, self.desk, {"name": name})
            for member in members:
                pools.add_member(uow, self.desk, made["id"], {"party_id": member.party.id, **term})
        return Actor("pool", (ActingParty(made["id"], PartyKind.MOBILITY_POOL, name),), frozenset())

    def run(self, timer_name: str) -> list[str]:
        """What fell due for this timer, handled as the worker does."""
        (timer,) = (timer for timer in ROOM.timers if timer.name == timer_name)
        with self.database.reading() as uow:
            due = timer.due(uow, 10)
        for one in due:
            with self.database.transaction() as uow:
                timer.fire(uow, one)
        return due

    def mails(self, template: str) -> list[MailText | None]:
        """The mails of this template that are queued, rendered now."""
        with self.database.reading() as uow:
            queued = uow.session.scalars(select(Mail.data).where(Mail.template == template).order_by(Mail.id)).all()
            return [ROOM.mails[template](uow, data) for data in queued]
