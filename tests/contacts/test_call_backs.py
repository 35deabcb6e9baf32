"""Asking for a call-back, moving it on, passing it on behind the counter, and what the clock does."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from service.access.models import AccessEntry
from service.access.rules import PartyKind, Purpose
from service.contacts import offices, room
from service.contacts.callbacks import operations, part
from service.contacts.callbacks.models import CallBack
from service.contacts.callbacks.rules import CallBackStatus, CallBackSubject
from service.contacts.rules import ContactKind
from service.delivery.models import Event
from service.employers.models import Employment
from service.kernel.database import Database
from service.kernel.ids import new_id
from service.kernel.problems import Problem
from service.kernel.requests import Expected
from service.rooms import ROOMS
from tests.contacts.call_backs_world import (
    ANY,
    FRIDAY,
    MONDAY,
    PHONE,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    CallBacksWorld,
    window,
)
from tests.contacts.contacts_world import TestClock

ADA, BO, TEAM, DESK = "ada@uwv.example", "bo@uwv.example", "noord@uwv.example", "servicepunt@example.nl"


@pytest.fixture
def world(database: Database, clock: TestClock) -> CallBacksWorld:
    return CallBacksWorld(database, clock)


def refusal(status: int, code: str) -> Any:
    return pytest.raises(Problem, match=f"{status} {code}")


def errors(problem: Problem) -> list[tuple[str, str | None]]:
    return [(error.code, error.pointer) for error in problem.errors]


# --- Asking -------------------------------------------------------------------------------------------------------


def test_the_receipt_of_a_disclosed_employee_names_the_caseworker(world: CallBacksWorld) -> None:
    employment_id = world.client(disclosed=True)
    made = world.request(employment_id, windows=[window(FRIDAY), window(TUESDAY), window(WEDNESDAY, 13, 15)])
    assert made["number"].startswith("TB-")
    assert (made["contact"]["kind"], made["contact"]["name"]) == (ContactKind.CASEWORKER, "Ada de Vries")
    assert made["called_from"] == made["contact"]["phone"] == "+442079460611"
    assert [each["day"] for each in made["windows"]] == [TUESDAY, WEDNESDAY, FRIDAY]
    assert (made["answer_by"], made["due_by"]) == (WEDNESDAY, WEDNESDAY)
    assert (made["status"], made["attempts"], made["version"]) == (CallBackStatus.OPEN, 0, 1)
    assert "handling" not in made
    assert world.get(made["id"]) == made
    [mail] = world.mails()
    assert mail[:2] == ("call-back-requested", ADA)
    for part_of in (made["number"], "Bakkerij De Korenaar", PHONE, "Jobcoach", "4 maart 2026, 13:00 tot 15:00 uur"):
        assert part_of in mail[2]
    assert world.types(world.bakery) == world.types(world.uwv) == world.types(world.desk) == ["requested"]


@pytest.mark.parametrize("known", [True, False])
def test_undisclosed_and_unknown_go_to_the_desk(world: CallBacksWorld, known: bool) -> None:
    made = world.request(world.client() if known else world.stranger())
    assert made["contact"]["kind"] is ContactKind.DESK
    assert made["called_from"] == made["contact"]["phone"] == "+442079460001"
    [(template, recipient, text)] = world.mails()
    assert (template, recipient) == ("call-back-requested", DESK)
    assert "+442079460001" in text
    assert "Ada" not in text
    inside = world.get(made["id"], world.desk)["handling"]
    assert inside["handler"] == {"kind": ContactKind.DESK, "caseworker_id": None, "name": "Servicepunt"}
    assert (inside["responsible"] and inside["responsible"]["name"]) == ("Ada de Vries" if known else None)
    assert world.types(world.uwv) == (["requested"] if known else [])


def test_a_question_about_no_employee_goes_to_the_desk(world: CallBacksWorld) -> None:
    made = world.request(subject=CallBackSubject.VACANCY)
    assert (made["employment_id"], made["employer_id"]) == (None, world.bakery.party.id)
    assert made["contact"]["kind"] is ContactKind.DESK
    assert world.get(made["id"], world.desk)["handling"]["person_id"] is None
    assert world.listed(world.uwv) == []


def test_a_jobcoach_organisation_is_called_by_the_caseworker_and_the_employer_does_not_see_it(
    world: CallBacksWorld,
) -> None:
    employment_id = world.client(jobcoach=True)
    made = world.request(employment_id, world.jobcoaches)
    assert made["contact"]["name"] == "Ada de Vries"
    assert world.listed() == []
    with refusal(404, "not-found"):
        world.get(made["id"])
    assert world.types(world.bakery) == []
    assert world.types(world.jobcoaches) == ["requested"]
    # The employer may ask about the same.
    assert world.request(employment_id)["contact"]["kind"] is ContactKind.DESK


def test_a_jobcoach_organisation_names_an_employee_whom_it_coaches(world: CallBacksWorld) -> None:
    with refusal(400, "invalid-input") as caught:
        world.request(None, world.jobcoaches)
    assert errors(caught.value) == [("required", "/employmentId")]
    with refusal(400, "invalid-input") as caught:
        world.request(world.client(), world.jobcoaches)
    assert errors(caught.value) == [("unknown-reference", "/employmentId")]


def test_once_it_no_longer_coaches_the_names_are_gone(world: CallBacksWorld) -> None:
    employment_id = world.client(jobcoach=True)
    made = world.request(employment_id, world.jobcoaches)
    with world.database.transaction() as uow:
        uow.session.get_one(Employment, employment_id).jobcoach_organisation_id = None
    assert world.get(made["id"], world.jobcoaches)["contact"]["kind"] is ContactKind.DESK


def test_somebody_elses_employment_is_unknown(world: CallBacksWorld) -> None:
    for employment_id in (world.client(), new_id()):
        with refusal(400, "invalid-input") as caught:
            world.request(employment_id, world.garage)
        assert errors(caught.value) == [("unknown-reference", "/employmentId")]


def test_who_acts_for_several_employers_says_for_which(world: CallBacksWorld) -> None:
    bureau = world.other_employer()
    with refusal(400, "invalid-input") as caught:
        world.request(None, bureau)
    assert errors(caught.value) == [("required", "/employerId")]
    assert world.request(None, bureau, employer_id=world.garage.party.id)["employer_id"] == world.garage.party.id
    with refusal(400, "invalid-input") as caught:
        world.request(world.client(), bureau, employer_id=world.garage.party.id)
    assert errors(caught.value) == [("unknown-reference", "/employerId")]


def test_all_that_is_wrong_with_the_windows_at_once(world: CallBacksWorld) -> None:
    windows = [
        window(MONDAY),
        window(date(2026, 3, 7)),
        window(date(2026, 3, 17)),
        window(WEDNESDAY, 12, 9),
        window(THURSDAY),
        window(THURSDAY, 11, 14),
    ]
    with refusal(400, "invalid-input") as caught:
        world.request(world.client(), windows=windows)
    assert errors(caught.value) == [
        ("too-soon", "/windows/0/date"),
        ("not-a-working-day", "/windows/1/date"),
        ("too-late", "/windows/2/date"),
        ("window-too-short", "/windows/3/to"),
        ("overlap", "/windows/5"),
    ]
    assert world.rows(select(CallBack.id)) == []


def test_one_live_call_back_per_employee_subject_and_party(world: CallBacksWorld) -> None:
    employment_id = world.client(jobcoach=True)
    first = world.request(employment_id)
    with refusal(409, "call-back-exists") as caught:
        world.request(employment_id)
    assert caught.value.extra == {"existing": f"/v1/call-backs/{first['id']}"}
    world.request(employment_id, subject=CallBackSubject.VACANCY)
    world.request(employment_id, world.jobcoaches)
    world.request()
    with refusal(409, "call-back-exists"):
        world.request()
    world.move(first["id"], "withdrawn", world.bakery)
    assert world.request(employment_id)["id"] != first["id"]


def test_what_comes_first_is_also_what_the_database_keeps(world: CallBacksWorld) -> None:
    """Two at the same moment, which both found none: the index refuses the second."""
    employment_id = world.client()
    for about in (employment_id, None):
        made = world.request(about)
        with world.database.transaction() as uow:
            found = uow.session.get_one(CallBack, made["id"])
            values = {c.key: getattr(found, c.key) for c in CallBack.__table__.columns}
        twin = CallBack(**{k: v for k, v in values.items() if k not in ("version",)} | {"id": new_id(), "number": "X"})
        with refusal(409, "call-back-exists") as caught, world.database.transaction() as uow:
            uow.session.execute = lambda *a, **b: _Nothing()  # type: ignore[method-assign,assignment]
            operations._save(uow, twin)
        assert caught.value.extra == {}


class _Nothing:
    def scalar(self) -> None:
        return None


# --- Moving it on -------------------------------------------------------------------------------------------------


def test_a_call_that_comes(world: CallBacksWorld) -> None:
    made = world.request(world.client(disclosed=True))
    world.clock.day = TUESDAY
    done = world.move(made["id"], "done", world.uwv)
    assert (done["status"], done["done_on"], done["due_by"]) == (CallBackStatus.DONE, TUESDAY, None)
    assert world.get(made["id"])["version"] == 2
    assert world.types(world.bakery) == ["requested", "done"]
    world.clock.day = date(2026, 3, 20)
    assert world.tick() == []
    for to in CallBackStatus:
        with refusal(409, "forbidden-transition"):
            world.move(made["id"], to, world.bakery)
    assert world.mails() == []


def test_a_delay_names_a_new_day_and_restarts_the_clock(world: CallBacksWorld) -> None:
    made = world.request(world.client())
    world.clock.day = WEDNESDAY
    for until, code in (
        (WEDNESDAY, "too-soon"),
        (date(2026, 3, 7), "not-a-working-day"),
        (date(2026, 3, 20), "too-late"),
    ):
        with refusal(400, "invalid-input") as caught:
            world.move(made["id"], "delayed", delayed_until=until)
        assert errors(caught.value) == [(code, "/delayedUntil")]
    with refusal(400, "invalid-input") as caught:
        world.move(made["id"], "delayed")
    assert errors(caught.value) == [("required", "/delayedUntil")]
    with refusal(400, "invalid-input") as caught:
        world.move(made["id"], "done", delayed_until=FRIDAY)
    assert errors(caught.value) == [("not-with-this-move", "/delayedUntil")]
    world.move(made["id"], "delayed", delayed_until=FRIDAY)
    seen = world.get(made["id"])
    assert (seen["status"], seen["delayed_until"], seen["due_by"]) == (CallBackStatus.DELAYED, FRIDAY, FRIDAY)
    assert seen["answer_by"] == WEDNESDAY
    world.clock.day = FRIDAY
    assert world.tick() == []
    world.clock.day = date(2026, 3, 9)
    assert world.tick() == [made["id"]]
    world.move(made["id"], "delayed", delayed_until=date(2026, 3, 10))
    assert world.get(made["id"])["escalation"] is None


def test_three_calls_in_vain_end_it(world: CallBacksWorld) -> None:
    made = world.request(world.client())
    with refusal(409, "forbidden-transition") as caught:
        world.move(made["id"], "given_up")
    assert caught.value.extra["allowed"] == ["delayed", "not_reached", "done"]
    for day, again in ((WEDNESDAY, THURSDAY), (THURSDAY, FRIDAY), (FRIDAY, date(2026, 3, 9))):
        world.clock.day = day
        tried = world.move(made["id"], "not_reached")
        assert (tried["due_by"], tried["delayed_until"]) == (again, None)
        if day != FRIDAY:
            with refusal(409, "too-few-attempts"):
                world.move(made["id"], "given_up")
    seen = world.get(made["id"])
    assert (seen["attempts"], seen["last_tried_at"]) == (3, world.clock())
    assert world.move(made["id"], "given_up")["due_by"] is None
    assert world.types(world.bakery) == ["requested", "not-reached", "not-reached", "not-reached", "given-up"]
    assert [version for _, version, _ in world.heard(world.bakery)] == [1, 2, 3, 4, 5]


def test_whoever_asked_withdraws_it_and_whoever_calls_hears_of_it(world: CallBacksWorld) -> None:
    made = world.request(world.client(disclosed=True))
    for actor in (world.uwv, world.desk):
        with refusal(409, "forbidden-transition"):
            world.move(made["id"], "withdrawn", actor)
    with refusal(404, "not-found"):
        world.move(made["id"], "withdrawn", world.garage)
    world.move(made["id"], "withdrawn", world.bakery)
    assert [(mail[0], mail[1]) for mail in world.mails()] == [("call-back-withdrawn", ADA)]
    assert world.types(world.uwv) == ["requested", "withdrawn"]


def test_each_side_changes_by_its_own_version(world: CallBacksWorld) -> None:
    made = world.request(world.client())
    world.pass_on(made["id"])
    inside, outside = world.get(made["id"], world.desk)["version"], world.get(made["id"])["version"]
    assert (outside, inside > outside) == (1, True)
    for version, actor, to in ((inside, world.bakery, "withdrawn"), (outside, world.desk, "done")):
        with refusal(412, "stale-version"):
            world.move(made["id"], to, actor, expected=Expected(frozenset({version})))
    world.move(made["id"], "withdrawn", world.bakery, expected=Expected(frozenset({outside})))


# --- Behind the counter -------------------------------------------------------------------------------------------


def test_the_desk_passes_it_on_to_whoever_is_responsible(world: CallBacksWorld) -> None:
    made = world.request(world.client())
    passed = world.pass_on(made["id"])
    assert passed["handling"]["handler"] == {
        "kind": ContactKind.CASEWORKER,
        "caseworker_id": world.ada,
        "name": "Ada de Vries",
    }
    assert passed["contact"]["name"] == "Ada de Vries"
    # Not her own number: it would tell the employer that UWV is involved.
    assert passed["called_from"] == "+442079460001"
    [(template, recipient, text)] = world.mails()
    assert (template, recipient) == ("call-back-passed-on", ADA)
    assert "namens het Servicepunt" in text
    assert world.get(made["id"]) == made
    assert world.types(world.bakery) == ["requested"]
    assert world.types(world.uwv) == world.types(world.desk) == ["requested", "passed-on"]


def test_passing_on_to_the_same_changes_nothing(world: CallBacksWorld) -> None:
    made = world.request(world.client())
    first = world.pass_on(made["id"])
    assert world.pass_on(made["id"]) == first
    assert world.types(world.desk) == ["requested", "passed-on"]


def test_it_comes_back_to_the_desk(world: CallBacksWorld) -> None:
    made = world.request(world.client())
    world.pass_on(made["id"])
    assert world.at_the_desk() == []
    world.pass_on(made["id"], "desk", world.uwv)
    assert [item["id"] for item in world.at_the_desk()] == [made["id"]]
    assert [mail[:2] for mail in world.mails()] == [("call-back-requested", DESK), ("call-back-passed-on", DESK)]


def test_a_question_about_no_employee_goes_to_a_caseworker_by_name(world: CallBacksWorld) -> None:
    made = world.request()
    world.client()
    with refusal(409, "nobody-responsible"):
        world.pass_on(made["id"])
    with refusal(400, "invalid-input") as caught:
        world.pass_on(made["id"], caseworker_id=new_id())
    assert errors(caught.value) == [("unknown-reference", "/handler/caseworkerId")]
    with refusal(400, "invalid-input") as caught:
        world.pass_on(made["id"], "desk", caseworker_id=world.ada)
    assert errors(caught.value) == [("not-with-the-desk", "/handler/caseworkerId")]
    world.pass_on(made["id"], caseworker_id=world.bo)
    assert world.listed(world.uwv) == world.listed(world.uwv, caseworker_id=world.bo) == [made["id"]]
    assert world.listed(world.uwv, caseworker_id=world.ada) == []
    assert world.get(made["id"])["contact"]["kind"] is ContactKind.DESK


def test_the_team_of_an_office_without_a_caseload(world: CallBacksWorld) -> None:
    employment_id = world.employment("123456782")
    world.assign("123456782", team_id=world.team_id)
    made = world.request(employment_id)
    handler = world.pass_on(made["id"])["handling"]["handler"]
    assert handler == {"kind": ContactKind.TEAM, "caseworker_id": None, "name": "Team Noord"}
    assert world.mails()[-1][1] == TEAM


def test_what_is_over_is_not_passed_on(world: CallBacksWorld) -> None:
    made = world.request(world.client())
    world.move(made["id"], "done")
    with refusal(409, "call-back-over"):
        world.pass_on(made["id"])


@pytest.mark.parametrize("name", ["handled_by", "caseworker_id"])
def test_nobody_outside_finds_out_by_a_filter_who_handles_it(world: CallBacksWorld, name: str) -> None:
    world.request(world.client())
    query: dict[str, Any] = {name: ContactKind.DESK if name == "handled_by" else world.ada}
    for actor in (world.bakery, world.jobcoaches):
        with refusal(403, "not-allowed"):
            world.listed(actor, **query)


def test_nobody_outside_passes_on(world: CallBacksWorld) -> None:
    made = world.request(world.client())
    with refusal(403, "not-allowed"):
        world.pass_on(made["id"], actor=world.bakery)


def test_lists_are_filtered(world: CallBacksWorld) -> None:
    employment_id = world.client()
    one = world.request(employment_id)["id"]
    two = world.request(windows=[window(FRIDAY)])["id"]
    three = world.request(None, world.garage)["id"]
    assert world.listed() == [one, two]
    assert world.listed(world.desk) == [one, two, three]
    assert world.listed(employment_id=employment_id) == [one]
    assert world.listed(world.desk, employer_id=world.garage.party.id) == [three]
    assert world.listed(due_before=FRIDAY) == [one]
    world.pass_on(one)
    assert world.listed(world.desk, handled_by=ContactKind.CASEWORKER) == [one]
    assert world.listed(world.uwv) == [one]
    world.move(two, "done")
    assert world.listed(status=CallBackStatus.DONE) == [two]
    assert world.listed(due_before=date(2027, 1, 1)) == [one]


def test_the_worklist_of_the_desk_is_in_the_order_of_its_deadlines(world: CallBacksWorld) -> None:
    late = world.request(windows=[window(FRIDAY)])["id"]
    known = world.request(world.client(), windows=[window(TUESDAY)])["id"]
    unknown = world.request(world.stranger(), windows=[window(WEDNESDAY)])["id"]
    passed = world.request(world.client("100000009"), windows=[window(TUESDAY)])["id"]
    world.pass_on(passed)
    items = world.at_the_desk()
    assert [item["id"] for item in items] == [known, unknown, late]
    assert items[0]["link"] == f"/call-backs/{known}"
    assert [item["id"] for item in world.at_the_desk(due_before=WEDNESDAY)] == [known]
    world.clock.day = WEDNESDAY
    world.tick()
    assert [item["late"] for item in world.at_the_desk()] == [True, False, False]
    world.move(known, "done")
    assert [item["id"] for item in world.at_the_desk()] == [unknown, late]


# --- The clock ----------------------------------------------------------------------------------------------------


def test_a_missed_day_passes_it_on_one_step_a_working_day(world: CallBacksWorld) -> None:
    made = world.request(world.client(disclosed=True, team=True))
    for day, level, since in (
        (WEDNESDAY, None, None),
        (THURSDAY, "backup", THURSDAY),
        (FRIDAY, "team", FRIDAY),
        (date(2026, 3, 8), "team", FRIDAY),
        (date(2026, 3, 9), "desk", date(2026, 3, 9)),
        (date(2026, 3, 20), "desk", date(2026, 3, 9)),
    ):
        world.clock.day = day
        world.tick()
        assert world.tick() == []
        seen = world.get(made["id"])
        assert seen["escalation"] == (level and {"level": ContactKind(level), "since": since})
        assert seen["contact"]["kind"] == (level or "caseworker")
        assert seen["called_from"] == seen["contact"]["phone"]
    assert world.heard(world.bakery) == [
        ("requested", 1, "open"),
        ("escalated", 2, "open"),
        ("escalated", 3, "open"),
        ("escalated", 4, "open"),
    ]
    # What was queued for somebody who no longer has it is not sent.
    assert [mail[:2] for mail in world.mails()] == [("call-back-escalated", DESK)]


def test_after_a_standstill_it_is_at_once_with_whom_it_belongs(world: CallBacksWorld) -> None:
    made = world.request(world.client(disclosed=True, team=True))
    world.clock.day = date(2026, 3, 25)
    assert world.tick() == [made["id"]]
    assert world.get(made["id"])["escalation"] == {"level": ContactKind.DESK, "since": date(2026, 3, 9)}
    world.clock.day += timedelta(days=1)
    assert world.tick() == []
    assert world.types(world.bakery) == ["requested", "escalated"]


def test_who_gets_it_late_has_a_working_day(world: CallBacksWorld) -> None:
    made = world.request(world.client())
    world.clock.day = FRIDAY
    world.tick()
    world.pass_on(made["id"])
    assert world.tick() == []
    world.clock.day = date(2026, 3, 9)
    assert world.tick() == [made["id"]]
    assert world.get(made["id"], world.uwv)["handling"]["handler"]["name"] == "Bo Bakker"
    assert world.types(world.bakery) == ["requested", "escalated"]


def test_the_backup_who_is_away_is_left_out(world: CallBacksWorld) -> None:
    made = world.request(world.client(disclosed=True))
    world.absent(world.bo, MONDAY, None)
    world.clock.day = THURSDAY
    world.tick()
    assert world.get(made["id"])["escalation"] == {"level": ContactKind.DESK, "since": THURSDAY}


def test_who_handles_it_is_shown_as_away(world: CallBacksWorld) -> None:
    made = world.request(world.client(disclosed=True))
    world.absent(world.ada, MONDAY, FRIDAY)
    contact = world.get(made["id"])["contact"]
    assert contact["absent_until"] == FRIDAY
    assert contact["reachable_on"] > FRIDAY


def test_the_contact_has_the_same_fields_whoever_it_is(world: CallBacksWorld) -> None:
    named, desk = world.request(world.client(disclosed=True)), world.request(world.stranger())
    assert named["contact"]["kind"] is not desk["contact"]["kind"]
    assert set(named["contact"]) == set(desk["contact"])


# --- Another becomes responsible ----------------------------------------------------------------------------------


def contact_changed(world: CallBacksWorld) -> None:
    """What the worker does with the news of the contacts."""
    [consumer] = room.ROOM.consumers
    events = world.rows(select(Event.type, Event.data).order_by(Event.id))
    for type, data in events:
        if type in consumer.types:
            world.do(consumer.handle, {"data": data})


@pytest.mark.parametrize("disclosed", [True, False])
def test_it_goes_along_with_the_employee(world: CallBacksWorld, disclosed: bool) -> None:
    made = world.request(world.client(disclosed=disclosed))
    if not disclosed:
        world.pass_on(made["id"])
    cees = world.caseworker("Cees Dekker", email="cees@uwv.example")
    world.clock.day = TUESDAY
    world.assign("123456782", cees)
    contact_changed(world)
    contact_changed(world)
    assert world.get(made["id"], world.uwv)["handling"]["handler"]["name"] == "Cees Dekker"
    assert world.mails()[-1][:2] == ("call-back-passed-on", "cees@uwv.example")
    seen = world.get(made["id"])
    assert seen["contact"]["name"] == ("Cees Dekker" if disclosed else "Servicepunt")
    assert world.types(world.bakery) == (["requested", "passed-on"] if disclosed else ["requested"])
    assert seen["version"] == (2 if disclosed else 1)
    assert world.types(world.uwv) == ["requested", "passed-on"] + ([] if disclosed else ["passed-on"])


def test_an_absence_takes_it_to_the_backup_and_a_number_leaves_it(world: CallBacksWorld) -> None:
    made = world.request(world.client(disclosed=True))
    world.clock.day = TUESDAY
    world.do(offices.change_caseworker, world.uwv, world.ada, {"phone": "+442079460619"}, ANY)
    contact_changed(world)
    assert world.get(made["id"])["called_from"] == "+442079460619"
    assert world.types(world.bakery) == ["requested"]
    world.absent(world.ada, TUESDAY, FRIDAY)
    contact_changed(world)
    assert world.get(made["id"])["contact"]["name"] == "Bo Bakker"


def test_somebody_chosen_by_name_keeps_it(world: CallBacksWorld) -> None:
    made = world.request(world.client())
    dora = world.caseworker("Dora Evers")
    world.pass_on(made["id"], caseworker_id=dora)
    world.clock.day = TUESDAY
    world.assign("123456782", world.bo)
    contact_changed(world)
    assert world.get(made["id"], world.uwv)["handling"]["handler"]["name"] == "Dora Evers"


def test_what_the_desk_has_stays_there(world: CallBacksWorld) -> None:
    made = world.request(world.client())
    world.clock.day = TUESDAY
    world.assign("123456782", world.bo)
    contact_changed(world)
    assert [item["id"] for item in world.at_the_desk()] == [made["id"]]


def test_after_the_end_of_the_employment_the_employer_sees_the_desk(world: CallBacksWorld) -> None:
    employment_id = world.client(disclosed=True, jobcoach=True, end_date=WEDNESDAY)
    made, coached = world.request(employment_id), world.request(employment_id, world.jobcoaches)
    world.clock.day = WEDNESDAY
    assert world.get(made["id"])["contact"]["name"] == "Ada de Vries"
    world.clock.day = THURSDAY
    assert world.get(made["id"])["contact"]["kind"] is ContactKind.DESK
    assert world.get(coached["id"], world.jobcoaches)["contact"]["name"] == "Ada de Vries"
    again = world.request(employment_id, subject=CallBackSubject.OTHER, windows=[window(FRIDAY)])
    assert again["contact"]["kind"] is ContactKind.DESK
    assert world.get(again["id"], world.desk)["handling"]["handler"]["kind"] is ContactKind.DESK


# --- What is kept -------------------------------------------------------------------------------------------------


def test_a_disclosure_that_is_taken_back_hides_the_name_at_once(world: CallBacksWorld) -> None:
    employment_id = world.client(disclosed=True)
    made = world.request(employment_id)
    world.clock.day = THURSDAY
    world.tick()
    assert world.get(made["id"])["contact"]["name"] == "Bo Bakker"
    world.withdraw(employment_id)
    seen = world.get(made["id"])
    assert (seen["contact"]["kind"], seen["called_from"]) == (ContactKind.DESK, "+442079460001")
    assert seen["escalation"] == {"level": ContactKind.DESK, "since": THURSDAY}


@pytest.mark.parametrize("actor", ["bakery", "uwv", "desk"])
def test_each_look_is_in_the_access_log(world: CallBacksWorld, actor: str) -> None:
    made = world.request(world.client())
    world.request()
    known = world.rows(select(Employment.person_id))[0][0]
    who = getattr(world, actor)
    before = len(world.rows(select(AccessEntry.id)))
    world.get(made["id"], who)
    world.listed(who)
    entries = world.rows(select(AccessEntry).order_by(AccessEntry.id))[before:]
    assert [(e.person_id, e.action, e.purpose, e.resource) for (e,) in entries] == [
        (known, "call-back.read", Purpose.CONTACT, f"call-backs/{made['id']}")
    ] * 2


def test_the_phone_is_sealed(world: CallBacksWorld) -> None:
    made = world.request(world.client())
    [(sealed,)] = world.rows(select(CallBack.phone))
    assert PHONE.encode() not in bytes(sealed)
    assert world.get(made["id"], world.desk)["phone"] == PHONE


def test_an_erased_person_is_nowhere_in_it(world: CallBacksWorld) -> None:
    employment_id = world.client(disclosed=True)
    made = world.request(employment_id)
    person_id = world.get(made["id"], world.desk)["handling"]["person_id"]
    [exported] = world.do(part.export, person_id)["callBacks"]
    assert (exported["number"], exported["askedBy"]) == (made["number"], PartyKind.EMPLOYER)
    for each in reversed(ROOMS):
        if each.erase is not None:
            world.do(each.erase, person_id)
    inside = world.get(made["id"], world.desk)
    assert inside["handling"]["person_id"] is None
    assert inside["handling"]["employee_name"] is None
    assert inside["handling"]["handler"]["kind"] is ContactKind.DESK
    [row] = world.rows(select(*CallBack.__table__.columns))
    assert person_id not in map(str, row)
    assert world.ada not in map(str, row)
    assert world.listed(world.uwv) == []
    assert world.get(made["id"])["contact"]["kind"] is ContactKind.DESK
    assert world.do(part.export, person_id)["callBacks"] == []
    world.clock.day = THURSDAY
    assert world.tick() == [made["id"]]


def test_three_months_after_the_call_it_is_forgotten(world: CallBacksWorld) -> None:
    live, over = world.request()["id"], world.request(world.client())["id"]
    world.move(over, "done")
    world.clock.day = MONDAY + part.TERM - timedelta(days=1)
    assert world.do(part.forget) == 0
    world.clock.day = MONDAY + part.TERM
    assert world.do(part.forget) == 1
    assert world.do(part.forget) == 0
    assert world.listed() == [live]
