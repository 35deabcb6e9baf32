"""The world of the contacts with contract ends in it: who reports, who answers, what everybody hears."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import orjson
from sqlalchemy import select

from service.access.actor import Actor
from service.delivery.models import Event, EventParty, Mail
from service.kernel.requests import Expected
from service.kernel.room import Timer
from service.signals import operations
from service.signals.clocks import EMPLOYMENT_CHANGED
from service.signals.room import ROOM
from service.signals.rules import Consent, EndReason, SignalPhase, SignalStatus, VacancyExpected
from service.signals.schemas import SignalView
from tests.contacts.contacts_world import World

ANY = Expected(None)
END = date(2026, 12, 31)
BSN = "123456782"
REPORT: dict[str, Any] = {
    "reference": "HR-7",
    "phase": SignalPhase.DOUBT,
    "expected_end_date": END,
    "end_reason": EndReason.LESS_WORK,
    "employee_informed": True,
    "consent_to_contact_employer": Consent.UNKNOWN,
    "vacancy_expected": VacancyExpected.YES,
}


class SignalsWorld(World):
    """`client` is an employment whose person UWV knows, `stranger` one whose person it does not."""

    def client(self, bsn: str = BSN, *, disclosed: bool = False, **more: Any) -> str:
        employment_id = self.employment(bsn, **more)
        backup = self.caseworker("Bo Bakker", email="bo@uwv.example")
        self.assign(bsn, self.caseworker("Ada de Vries", email="ada@uwv.example"), backup_id=backup)
        if disclosed:
            self.disclose(employment_id)
        return employment_id

    def stranger(self, bsn: str = "111222333", **more: Any) -> str:
        return self.employment(bsn, **more)

    def report(self, employment_id: str, actor: Actor | None = None, **more: Any) -> dict[str, Any]:
        data = REPORT | {"employment_id": employment_id} | more
        return shown(self.do(operations.report_signal, actor or self.bakery, data))

    def get(self, signal_id: str, actor: Actor | None = None) -> dict[str, Any]:
        return shown(self.do(operations.get_signal, actor or self.bakery, signal_id))

    def listed(self, actor: Actor | None = None, **query: Any) -> list[dict[str, Any]]:
        found = self.do(operations.list_signals, actor or self.bakery, {"limit": 50} | query)
        return [shown(item) for item in found["items"]]

    def history(self, signal_id: str, actor: Actor | None = None) -> list[dict[str, Any]]:
        found = self.do(operations.list_history, actor or self.bakery, signal_id, {"limit": 50})
        items: list[dict[str, Any]] = found["items"]
        return items

    def steps(self, signal_id: str, actor: Actor | None = None) -> list[tuple[Any, ...]]:
        found = self.history(signal_id, actor)
        return [(step["what"].value, step["from_value"], step["to_value"], step["by"].value) for step in found]

    def change(self, signal_id: str, actor: Actor | None = None, **facts: Any) -> dict[str, Any]:
        return shown(self.do(operations.change_signal, actor or self.bakery, signal_id, facts, ANY))

    def move(self, signal_id: str, to: str, actor: Actor | None = None, **more: Any) -> dict[str, Any]:
        data = {"to": SignalStatus(to), **more}
        return shown(self.do(operations.move_signal, actor or self.uwv, signal_id, data, ANY))

    def tick(self, name: str) -> list[str]:
        """What the worker does with one timer: everything that is due now, each in its own transaction."""
        timer: Timer = next(each for each in ROOM.timers if each.name == name)
        done: list[str] = []
        while due := self.do(timer.due, 100):
            assert not set(due) & set(done), "the same thing falls due again at once"
            for each in due:
                self.do(timer.fire, each)
                done.append(each)
        return done

    def employment_changed(self, employment_id: str) -> None:
        self.do(EMPLOYMENT_CHANGED.handle, {"data": {"employmentId": employment_id}})

    def heard(self, actor: Actor) -> list[tuple[str, Mapping[str, Any]]]:
        """The events of signals that the actor's party may read, oldest first."""
        rows = self.rows(
            select(Event.type, Event.data)
            .join(EventParty, EventParty.event_id == Event.id)
            .where(EventParty.party_id == actor.party.id, Event.type.startswith("contract-end-signal."))
            .order_by(Event.id)
        )
        return [(type.removeprefix("contract-end-signal."), data) for type, data in rows]

    def types(self, actor: Actor) -> list[str]:
        return [type for type, _ in self.heard(actor)]

    def mails(self) -> list[tuple[str, str, str]]:
        """Template, recipient and text of the mails that would go out now, oldest first."""
        found = []
        for template, data in self.rows(select(Mail.template, Mail.data).order_by(Mail.id)):
            text = self.do(ROOM.mails[template], data)
            if text is not None:
                found.append((template, text.recipient, "\n".join((text.subject, *text.paragraphs))))
        return found


def shown(view: dict[str, Any]) -> dict[str, Any]:
    """The view, which must pass through its schema into JSON with all its required fields."""
    schema = SignalView()
    sent = orjson.loads(orjson.dumps(schema.dump(view)))
    missing = [name for name, field in schema.fields.items() if field.required and field.data_key not in sent]
    assert missing == []
    return view
