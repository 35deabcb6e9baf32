"""The world of the signals with second tracks in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import orjson
from sqlalchemy import select

from service.access.actor import Actor
from service.access.rules import PartyKind
from service.delivery.models import Event, EventParty
from service.kernel.room import Timer
from service.signals.room import ROOM
from service.signals.rules import VacancyExpected
from service.signals.second_track import operations
from service.signals.second_track.rules import (
    Agency,
    SecondTrackOutcome,
    SecondTrackStatus,
    WaitingPeriodChange,
)
from service.signals.second_track.schemas import SecondTrackStepView, SecondTrackView
from tests.signals.signals_world import ANY, SignalsWorld

END = date(2027, 6, 28)
ESCALATION, MILESTONES, LEFT_BEHIND = (
    f"signals.second-track-{name}" for name in ("escalation", "milestones", "left-behind")
)
REPORT: dict[str, Any] = {
    "waiting_period_ends_on": END,
    "reference": "HR-7",
    "planned_start_on": date(2026, 9, 1),
    "agency": Agency.HIRED,
    "employee_informed": True,
    "vacancy_expected": VacancyExpected.UNKNOWN,
}


class SecondTrackWorld(SignalsWorld):
    def other(self, kind: PartyKind) -> Actor:
        return self.party(kind, f"another {kind.value}")

    def begin(self, employment_id: str, actor: Actor | None = None, **more: Any) -> dict[str, Any]:
        data = REPORT | {"employment_id": employment_id} | more
        return fits(self.do(operations.report_second_track, actor or self.bakery, data))

    def see(self, row: str, actor: Actor | None = None) -> dict[str, Any]:
        return fits(self.do(operations.get_second_track, actor or self.bakery, row))

    def seen(self, actor: Actor | None = None, **query: Any) -> list[str]:
        found = self.do(operations.list_second_tracks, actor or self.bakery, {"limit": 50} | query)
        return [item["id"] for item in found["items"]]

    def handling(self, row: str, actor: Actor) -> dict[str, Any]:
        found: dict[str, Any] = self.do(operations.get_handling, actor, row)
        return found

    def update(self, row: str, actor: Actor | None = None, **facts: Any) -> dict[str, Any]:
        return fits(self.do(operations.change_second_track, actor or self.bakery, row, facts, ANY))

    def move_end(self, row: str, change: str, end: date) -> dict[str, Any]:
        return self.update(row, waiting_period_change=WaitingPeriodChange(change), waiting_period_ends_on=end)

    def go(self, row: str, to: str, actor: Actor | None = None, outcome: str | None = None) -> dict[str, Any]:
        data: dict[str, Any] = {"to": SecondTrackStatus(to)}
        if outcome is not None:
            data["outcome"] = SecondTrackOutcome(outcome)
        return fits(self.do(operations.move_second_track, actor or self.uwv, row, data, ANY))

    def course(self, row: str, actor: Actor | None = None) -> list[tuple[Any, ...]]:
        found = self.do(operations.list_history, actor or self.bakery, row, {"limit": 50})["items"]
        assert all(SecondTrackStepView().dump(step)["at"] for step in found)
        return [(step["what"].value, step["from_value"], step["to_value"], step["by"].value) for step in found]

    def timer(self, name: str) -> Timer:
        return next(each for each in ROOM.timers if each.name == name)

    def told(self, actor: Actor) -> list[str]:
        """The types of the events about second tracks that the actor's party may read, oldest first."""
        return [type for type, _ in self.news(actor)]

    def news(self, actor: Actor) -> list[tuple[str, Mapping[str, Any]]]:
        rows = self.rows(
            select(Event.type, Event.data)
            .join(EventParty, EventParty.event_id == Event.id)
            .where(EventParty.party_id == actor.party.id, Event.type.startswith("second-track."))
            .order_by(Event.id)
        )
        return [(type.removeprefix("second-track."), data) for type, data in rows]


def fits(view: dict[str, Any]) -> dict[str, Any]:
    """The view, which must pass through its schema into JSON with all its required fields."""
    schema = SecondTrackView()
    sent = orjson.loads(orjson.dumps(schema.dump(view)))
    assert [name for name, field in schema.fields.items() if field.required and field.data_key not in sent] == []
    assert len(sent["milestones"]) == 6
    return view
