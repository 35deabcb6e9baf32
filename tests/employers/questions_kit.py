"""An employer with employments, asked by its register, and what everybody hears of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from service.access.actor import NOBODY
from service.access.rules import PartyKind
from service.delivery.models import Event, EventParty
from service.employers.questions import clocks, operations
from service.kernel.room import Timer
from tests.support.house import House, Party
from tests.support.made import employer_in, employment_body, establishment_of


class Asking:
    """An employer, the desk, and the clock between them."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.employer = employer_in(house, "Noorderzon")
        self.desk = house.party(PartyKind.DESK)
        self.establishment_id = establishment_of(self.employer)
        self.heard: set[str] = set()

    def employment(self, **more: Any) -> str:
        body = employment_body(self.establishment_id, contractType="permanent", endDate=None)
        made = self.employer.post("/employments", body | more)
        assert made.status_code == 201, made.get_json()
        return str(made.get_json()["id"])

    def read(self, employment_id: str) -> dict[str, Any]:
        return dict(self.employer.get(f"/employments/{employment_id}").get_json())

    def change(self, employment_id: str, **values: Any) -> None:
        changed = self.employer.patch(f"/employments/{employment_id}", values, If_Match="*")
        assert changed.status_code == 200, changed.get_json()

    def missing(self, *employment_ids: str, job_id: str | None = None) -> int:
        with self.house.database.transaction() as uow:
            return operations.ask_missing(uow, self.employer.id, employment_ids, job_id)

    def named(self, *employment_ids: str) -> int:
        with self.house.database.transaction() as uow:
            return operations.named_again(uow, employment_ids)

    def questions(self, party: Party | None = None, **query: str) -> list[dict[str, Any]]:
        keys = "&".join(f"{name}={value}" for name, value in query.items())
        got = (party or self.employer).get(f"/employment-questions?{keys}")
        assert got.status_code == 200, got.get_json()
        return list(got.get_json()["items"])

    def question(self, employment_id: str) -> dict[str, Any]:
        """The latest about this employment."""
        return max(self.questions(employmentId=employment_id), key=lambda each: str(each["id"]))

    def answer(self, question: Mapping[str, Any], answer: str, **more: Any) -> Any:
        return self.employer.move(f"/employment-questions/{question['id']}", "answered", answer=answer, **more)

    def after(self, **by: float) -> None:
        """Time goes by, and the clock does what is due."""
        self.house.clock.advance(**by)
        for party in (self.employer, self.desk):
            party.headers["Authorization"] = f"Bearer {self.house.token(party)}"
        self.tick()

    def tick(self) -> int:
        """How much the clock did; what is due afterwards is nothing."""
        return sum(self._run(timer) for timer in (clocks.NO_WAGES, clocks.REMINDERS))

    def _run(self, timer: Timer) -> int:
        count = 0
        for _ in range(5):
            with self.house.database.reading() as uow:
                due = timer.due(uow, 100)
            for each in due:
                with self.house.database.transaction() as uow:
                    timer.fire(uow, each)
            count += len([each for each in due if each != NOBODY])
            if not due:
                return count
        raise AssertionError("there is no end of work")

    def consume(self) -> None:
        """What the worker does with changes of employments."""
        with self.house.database.transaction() as uow:
            for event in uow.session.scalars(select(Event).where(Event.type == "employment.changed")):
                clocks.EMPLOYMENT_CHANGED.handle(uow, {"data": event.data})

    def events(self, party: Party | None = None) -> list[str]:
        """The types of events about questions that this party may read, and has not heard before."""
        found = (
            select(Event.id, Event.type)
            .join(EventParty, EventParty.event_id == Event.id)
            .where(EventParty.party_id == (party or self.employer).id, Event.type.like("employment-question.%"))
            .order_by(Event.at, Event.id)
        )
        with self.house.database.reading() as uow:
            rows = [row for row in uow.execute(found) if (row.id + (party or self.employer).id) not in self.heard]
        self.heard |= {row.id + (party or self.employer).id for row in rows}
        return [str(row.type).partition(".")[2] for row in rows]
