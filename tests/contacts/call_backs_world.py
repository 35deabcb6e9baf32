"""The world of the contacts with call-backs in it: who asks, who calls, what everybody hears."""

from __future__ import annotations

from datetime import date
from typing import Any

import orjson
from sqlalchemy import select

from service.access.actor import ActingParty, Actor
from service.access.rules import PartyKind
from service.contacts.callbacks import moves, operations
from service.contacts.callbacks.rules import CallBackStatus, CallBackSubject, HandlerKind
from service.contacts.callbacks.schemas import CallBackView
from service.contacts.room import ROOM
from service.delivery.models import Event, EventParty, Mail
from service.kernel.requests import Expected
from service.kernel.room import Timer
from service.worklists.operations import list_work_items
from tests.contacts.contacts_world import World

ANY = Expected(None)
BSN, OTHER_BSN = "123456782", "111222333"
MONDAY, TUESDAY, WEDNESDAY = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)
THURSDAY, FRIDAY = date(2026, 3, 5), date(2026, 3, 6)
PHONE = "+442079460002"
TIMER = "contacts.call-backs"


def window(day: date, start: int = 9, end: int = 12) -> dict[str, Any]:
    return {"day": day, "start": f"{start:02}:00", "end": f"{end:02}:00"}


def body(**more: Any) -> dict[str, Any]:
    return {"subject": CallBackSubject.JOBCOACH, "phone": PHONE, "windows": [window(WEDNESDAY)]} | more


class CallBacksWorld(World):
    """`client` is an employment whose person UWV knows, `stranger` one whose person it does not."""

    ada = bo = ""

    def client(self, bsn: str = BSN, *, disclosed: bool = False, team: bool = False, **more: Any) -> str:
        employment_id = self.employment(bsn, **more)
        self.bo = self.caseworker("Bo Bakker", email="bo@uwv.example", phone="+442079460612")
        self.ada = self.caseworker("Ada de Vries", email="ada@uwv.example", phone="+442079460611")
        self.assign(bsn, self.ada, backup_id=self.bo, team_id=self.team_id if team else None)
        if disclosed:
            self.disclose(employment_id)
        return employment_id

    def stranger(self, bsn: str = OTHER_BSN, **more: Any) -> str:
        return self.employment(bsn, **more)

    def request(self, employment_id: str | None = None, actor: Actor | None = None, **more: Any) -> dict[str, Any]:
        about = {} if employment_id is None else {"employment_id": employment_id}
        return shown(self.do(operations.request_call_back, actor or self.bakery, body(**about, **more)))

    def get(self, call_back_id: str, actor: Actor | None = None) -> dict[str, Any]:
        return shown(self.do(operations.get_call_back, actor or self.bakery, call_back_id))

    def listed(self, actor: Actor | None = None, **query: Any) -> list[str]:
        found = self.do(operations.list_call_backs, actor or self.bakery, {"limit": 50} | query)
        return [shown(item)["id"] for item in found["items"]]

    def at_the_desk(self, **query: Any) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.do(list_work_items, self.desk, {"limit": 50} | query)["items"]
        return items

    def move(self, call_back_id: str, to: str, actor: Actor | None = None, **more: Any) -> dict[str, Any]:
        expected = more.pop("expected", ANY)
        data = {"to": CallBackStatus(to), **more}
        return shown(self.do(moves.move_call_back, actor or self.desk, call_back_id, data, expected))

    def pass_on(
        self, call_back_id: str, to: str = "caseworker", actor: Actor | None = None, **more: Any
    ) -> dict[str, Any]:
        data = {"handler": {"kind": HandlerKind(to), **more}}
        return shown(self.do(moves.pass_on_call_back, actor or self.desk, call_back_id, data, ANY))

    def tick(self) -> list[str]:
        """What the worker does with the timer: everything that is due now, each in its own transaction."""
        timer: Timer = next(each for each in ROOM.timers if each.name == TIMER)
        done: list[str] = []
        while due := self.do(timer.due, 100):
            assert not set(due) & set(done), "the same thing falls due again at once"
            for each in due:
                self.do(timer.fire, each)
                done.append(each)
        return done

    def heard(self, actor: Actor) -> list[tuple[str, int, str]]:
        """Type, version and status of the events of call-backs that the actor's party may read, oldest first."""
        rows = self.rows(
            select(Event.type, Event.subject_version, Event.data)
            .join(EventParty, EventParty.event_id == Event.id)
            .where(EventParty.party_id == actor.party.id, Event.type.startswith("call-back."))
            .order_by(Event.id)
        )
        return [(type.removeprefix("call-back."), version, data["status"]) for type, version, data in rows]

    def types(self, actor: Actor) -> list[str]:
        return [type for type, _, _ in self.heard(actor)]

    def mails(self) -> list[tuple[str, str, str]]:
        """Template, recipient and text of the mails that would go out now, oldest first."""
        found = []
        for template, data in self.rows(select(Mail.template, Mail.data).order_by(Mail.id)):
            text = self.do(ROOM.mails[template], data)
            if text is not None:
                found.append((template, text.recipient, "\n".join((text.subject, *text.paragraphs))))
        return found

    def other_employer(self) -> Actor:
        """A client that acts for both employers."""
        parties = (self.bakery.party, ActingParty(self.garage.party.id, PartyKind.EMPLOYER, "Garage"))
        return Actor("bureau", parties, frozenset())


def shown(view: dict[str, Any]) -> dict[str, Any]:
    """The view, which must pass through its schema into JSON with all its required fields."""
    schema = CallBackView()
    sent = orjson.loads(orjson.dumps(schema.dump(view)))
    missing = [name for name, field in schema.fields.items() if field.required and field.data_key not in sent]
    assert missing == []
    return view
