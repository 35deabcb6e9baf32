"""Reporting a second track, changing and moving it, and who sees it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from service.access.models import AccessEntry
from service.access.rules import PartyKind, Purpose
from service.delivery.models import Event, EventParty
from service.employers.models import Employment
from service.kernel.database import Database
from service.kernel.ids import new_id
from service.kernel.problems import Problem
from service.kernel.requests import Expected
from service.kernel.text import dutch_day
from service.rooms import ROOMS
from service.signals.second_track import operations, part
from service.signals.second_track.models import SecondTrack, SecondTrackStep
from service.signals.second_track.rules import Agency, SecondTrackStatus, WaitingPeriodChange
from tests.contacts.contacts_world import TestClock
from tests.signals.second_track_world import END, REPORT, SecondTrackWorld

ADA, DESK = "ada@uwv.example", "servicepunt@example.nl"


@pytest.fixture
def world(database: Database, clock: TestClock) -> SecondTrackWorld:
    return SecondTrackWorld(database, clock)


def refusal(status: int, code: str) -> Any:
    return pytest.raises(Problem, match=f"{status} {code}")


def errors(problem: Problem) -> list[tuple[str, str | None]]:
    return [(error.code, error.pointer) for error in problem.errors]


# --- Reporting ----------------------------------------------------------------------------------------------------


def test_a_report_is_answered_with_the_days_that_matter(world: SecondTrackWorld) -> None:
    made = world.begin(world.client())
    assert made["number"].startswith("TS-")
    assert (made["status"], made["version"]) == (SecondTrackStatus.REPORTED, 1)
    # Monday 2 March 2026 and three working days.
    assert (made["acknowledge_by"], made["escalated_since"]) == (date(2026, 3, 5), None)
    days = {each["code"].value: each["day"] for each in made["milestones"]}
    assert days["first_year_evaluation"] == date(2026, 6, 29)
    assert days["waiting_period_end"] == END
    assert world.see(made["id"]) == made
    assert world.news(world.bakery) == [("reported", {"secondTrackId": made["id"]})]
    assert world.course(made["id"]) == [("reported", None, "reported", "employer")]


def test_near_the_end_it_is_taken_up_sooner(world: SecondTrackWorld) -> None:
    near: dict[str, Any] = {"waiting_period_ends_on": date(2026, 4, 1), "planned_start_on": None}
    assert world.begin(world.client(), **near)["acknowledge_by"] == date(2026, 3, 3)


@pytest.mark.parametrize(
    ("facts", "code", "pointer"),
    [
        ({"employee_informed": False}, "employee-not-informed", "/employeeInformed"),
        ({"waiting_period_ends_on": date(2026, 3, 1)}, "in-the-past", "/waitingPeriodEndsOn"),
        ({"waiting_period_ends_on": date(2028, 2, 29)}, "too-late", "/waitingPeriodEndsOn"),
        ({"planned_start_on": END + timedelta(days=1)}, "too-late", "/plannedStartOn"),
    ],
)
def test_what_cannot_be(world: SecondTrackWorld, facts: dict[str, Any], code: str, pointer: str) -> None:
    with refusal(400, "invalid-input") as caught:
        world.begin(world.client(), **facts)
    assert errors(caught.value) == [(code, pointer)]
    assert world.rows(select(SecondTrack.id)) == []


def test_somebody_elses_employment_is_unknown(world: SecondTrackWorld) -> None:
    employment_id = world.client()
    for actor, named in ((world.garage, employment_id), (world.bakery, new_id())):
        with refusal(400, "invalid-input") as caught:
            world.begin(named, actor)
        assert errors(caught.value) == [("unknown-reference", "/employmentId")]
    for actor in (world.uwv, world.desk, world.jobcoaches):
        with refusal(403, "not-allowed"):
            world.begin(employment_id, actor)


def test_one_live_second_track_per_employment(world: SecondTrackWorld) -> None:
    employment_id = world.client()
    first = world.begin(employment_id)
    with refusal(409, "second-track-exists") as caught:
        world.begin(employment_id)
    assert caught.value.extra == {"existing": f"/v1/second-tracks/{first['id']}"}
    world.go(first["id"], "withdrawn", world.bakery)
    second = world.begin(employment_id)
    assert second["id"] != first["id"]
    # The database holds it too, where two come at once.
    again = update(SecondTrack).where(SecondTrack.id == first["id"]).values(status=SecondTrackStatus.REPORTED)
    with pytest.raises(IntegrityError), world.database.transaction() as uow:
        uow.execute(again)


def test_a_contract_end_goes_its_own_way(world: SecondTrackWorld) -> None:
    employment_id = world.client(disclosed=True, jobcoach=True)
    signal, track = world.report(employment_id), world.begin(employment_id)
    world.move(signal["id"], "acknowledged")
    assert world.see(track["id"])["status"] is SecondTrackStatus.REPORTED
    world.go(track["id"], "closed", world.bakery, "other_employer")
    for actor in (world.bakery, world.uwv, world.desk):
        assert [each["id"] for each in world.listed(actor)] == [signal["id"]]
        assert track["id"] not in str((world.get(signal["id"], actor), world.history(signal["id"], actor)))


# --- Who sees it --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("disclosed", [True, False])
def test_the_employer_uwv_and_the_desk_see_that_of_a_client(world: SecondTrackWorld, disclosed: bool) -> None:
    row = world.begin(world.client(disclosed=disclosed))["id"]
    for actor in (world.bakery, world.uwv, world.desk):
        assert world.see(row, actor) == world.see(row)
        assert world.seen(actor) == [row]
        assert world.told(actor) == ["reported"]


def test_of_somebody_unknown_uwv_sees_nothing(world: SecondTrackWorld) -> None:
    row = world.begin(world.stranger())["id"]
    assert world.see(row, world.desk) == world.see(row)
    assert (world.seen(world.uwv), world.told(world.uwv)) == ([], [])
    for look in (world.see, world.handling, world.course):
        with refusal(404, "not-found"):
            look(row, world.uwv)
    with refusal(404, "not-found"):
        world.go(row, "acknowledged", world.uwv)
    assert world.go(row, "acknowledged", world.desk)["status"] is SecondTrackStatus.ACKNOWLEDGED


def test_nobody_else_sees_it(world: SecondTrackWorld) -> None:
    """Not the organisation that coaches the employee either, and no other employer."""
    row = world.begin(world.client(disclosed=True, jobcoach=True))["id"]
    kinds = frozenset(PartyKind) - {PartyKind.UWV, PartyKind.DESK, PartyKind.SYSTEM}
    for actor in (world.jobcoaches, world.garage, *(world.other(kind) for kind in sorted(kinds))):
        assert world.seen(actor) == world.told(actor) == []
        for look in (world.see, world.course):
            with refusal(404, "not-found"):
                look(row, actor)
        with refusal(404, "not-found"):
            world.go(row, "withdrawn", actor)
        for model, visible in part.PART.visible.items():
            with world.database.reading() as uow:
                counted = select(func.count()).select_from(visible(actor).subquery())
                assert uow.execute(counted).scalar() == 0, model


def test_the_events_hold_an_id_and_go_to_nobody_else(world: SecondTrackWorld) -> None:
    employment_id = world.client(disclosed=True, jobcoach=True)
    row = world.begin(employment_id)["id"]
    world.update(row, agency=Agency.OWN)
    world.go(row, "acknowledged")
    world.go(row, "guided")
    world.go(row, "closed", outcome="wia_claim")
    about = Event.type.startswith("second-track.")
    assert {str(data) for (data,) in world.rows(select(Event.data).where(about))} == {str({"secondTrackId": row})}
    readers = select(EventParty.party_id).join(Event, Event.id == EventParty.event_id).where(about).distinct()
    three = {world.bakery.party.id, world.uwv.party.id, world.desk.party.id}
    assert {party for (party,) in world.rows(readers)} == three
    expected = ["reported", "changed", "acknowledged", "guided", "closed"]
    assert world.told(world.bakery) == world.told(world.uwv) == world.told(world.desk) == expected


def test_each_look_is_logged_under_a_purpose_of_its_own(world: SecondTrackWorld) -> None:
    employment_id = world.client()
    row = world.begin(employment_id)["id"]
    world.see(row, world.uwv)
    world.seen(world.desk)
    world.handling(row, world.desk)
    world.course(row)
    entries = world.rows(
        select(AccessEntry.action, AccessEntry.person_id, AccessEntry.resource)
        .where(AccessEntry.purpose == Purpose.SECOND_TRACK)
        .order_by(AccessEntry.id)
    )
    [(person_id,)] = world.rows(select(Employment.person_id).where(Employment.id == employment_id))
    actions = ["reported", "read", "read", "handling_read", "history_read"]
    assert [tuple(each) for each in entries] == [
        (f"second-track.{action}", person_id, f"second-tracks/{row}") for action in actions
    ]


def test_filters(world: SecondTrackWorld) -> None:
    one, other = world.begin(world.client()), world.begin(world.stranger(), waiting_period_ends_on=date(2027, 1, 4))
    world.go(one["id"], "acknowledged")
    assert world.seen(status=SecondTrackStatus.ACKNOWLEDGED) == [one["id"]]
    assert world.seen(employment_id=other["employment_id"]) == [other["id"]]
    assert world.seen(ends_before=date(2027, 1, 5)) == [other["id"]]
    assert world.seen(world.desk, employer_id=world.garage.party.id) == []


def test_behind_the_counter(world: SecondTrackWorld) -> None:
    hidden, unknown = world.begin(world.client())["id"], world.begin(world.stranger())["id"]
    found = world.handling(hidden, world.uwv)
    assert (found["disclosed"], found["with_desk"], found["responsible"]["name"]) == (False, False, "Ada de Vries")
    assert found == world.handling(hidden, world.desk)
    found = world.handling(unknown, world.desk)
    assert (found["with_desk"], found["responsible"]) == (True, None)
    with refusal(403, "not-allowed"):
        world.handling(hidden, world.bakery)


# --- Mails --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "recipients"), [("disclosed", [ADA]), ("hidden", [ADA, DESK]), ("unknown", [DESK]), ("unassigned", [DESK])]
)
def test_who_is_written_to(world: SecondTrackWorld, who: str, recipients: list[str]) -> None:
    if who == "unassigned":
        # The employer knows of UWV, and nobody there is responsible today.
        employment_id = world.client(disclosed=True)
        world.clock.day += timedelta(days=1)
        world.assign("123456782")
    else:
        employment_id = world.stranger() if who == "unknown" else world.client(disclosed=who == "disclosed")
    made = world.begin(employment_id)
    mails = [mail for mail in world.mails() if mail[0].startswith("second-track")]
    assert [(template, to) for template, to, _ in mails] == [("second-track-reported", to) for to in recipients]
    for _, _, text in mails:
        assert made["number"] in text
        assert dutch_day(made["acknowledge_by"]) in text
    world.go(made["id"], "closed", world.bakery, "own_employer")
    assert [mail for mail in world.mails() if mail[0].startswith("second-track")] == []


# --- Changing -----------------------------------------------------------------------------------------------------


def test_a_wage_sanction_moves_what_is_to_come(world: SecondTrackWorld) -> None:
    made = world.begin(world.client())
    moved = world.move_end(made["id"], "wage_sanction", END + timedelta(weeks=52))
    assert moved["version"] == made["version"] + 1
    assert moved["waiting_period_change"] == "wage_sanction"
    shifts = [
        (new["day"] - old["day"]).days // 7 for old, new in zip(made["milestones"], moved["milestones"], strict=True)
    ]
    assert shifts == [0, 0, 52, 52, 52, 52]
    corrected = world.move_end(made["id"], "corrected", END)
    assert corrected["milestones"] == made["milestones"]
    assert world.course(made["id"])[1:] == [
        ("waiting_period_moved", "2027-06-28", "2028-06-26", "employer"),
        ("waiting_period_moved", "2028-06-26", "2027-06-28", "employer"),
    ]
    assert world.told(world.uwv) == ["reported", "changed", "changed"]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"waiting_period_ends_on": END}, ("required", "/waitingPeriodChange")),
        ({"waiting_period_change": WaitingPeriodChange.CORRECTED}, ("required", "/waitingPeriodEndsOn")),
        ({"planned_start_on": END + timedelta(days=1)}, ("too-late", "/plannedStartOn")),
        (
            {"waiting_period_change": WaitingPeriodChange.CORRECTED, "waiting_period_ends_on": date(2026, 8, 31)},
            ("too-soon", "/waitingPeriodEndsOn"),
        ),
        (
            {
                "waiting_period_change": WaitingPeriodChange.WAGE_SANCTION,
                "waiting_period_ends_on": END + timedelta(days=365),
            },
            ("too-late", "/waitingPeriodEndsOn"),
        ),
    ],
)
def test_a_change_that_does_not_fit(world: SecondTrackWorld, facts: dict[str, Any], expected: Any) -> None:
    made = world.begin(world.client())
    with refusal(400, "invalid-input") as caught:
        world.update(made["id"], **facts)
    assert errors(caught.value) == [expected]
    assert world.see(made["id"]) == made


def test_a_change_that_changes_nothing_is_told_to_nobody(world: SecondTrackWorld) -> None:
    made = world.begin(world.client())
    same = {name: REPORT[name] for name in ("reference", "agency", "vacancy_expected")}
    assert world.update(made["id"], **same) == made
    assert world.move_end(made["id"], "corrected", END) == made
    assert world.told(world.bakery) == ["reported"]
    changed = world.update(made["id"], reference=None, planned_start_on=None)
    assert (changed["reference"], changed["planned_start_on"]) == (None, None)
    assert world.course(made["id"])[1:] == [("facts_changed", None, None, "employer")]


def test_only_the_employer_changes_what_it_stated(world: SecondTrackWorld) -> None:
    row = world.begin(world.client())["id"]
    with refusal(403, "not-allowed"):
        world.update(row, world.uwv, agency=Agency.OWN)
    with refusal(404, "not-found"):
        world.update(row, world.garage, agency=Agency.OWN)
    with refusal(412, "stale-version"), world.database.transaction() as uow:
        operations.change_second_track(uow, world.bakery, row, {"agency": Agency.OWN}, Expected(frozenset({7})))
    world.go(row, "withdrawn", world.bakery)
    with refusal(409, "second-track-over"):
        world.update(row, agency=Agency.OWN)


# --- Moving -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("known", [True, False])
def test_what_uwvs_side_does_looks_like_the_desk(world: SecondTrackWorld, known: bool) -> None:
    row = world.begin(world.client() if known else world.stranger())["id"]
    handler = world.uwv if known else world.desk
    assert world.go(row, "acknowledged", handler)["acknowledged_at"] is not None
    world.go(row, "guided", handler)
    inside = world.go(row, "closed", handler, "wia_claim")
    assert (inside["outcome"], world.handling(row, handler)["outcome_by"]) == ("wia_claim", handler.kind)
    outside = world.see(row)
    assert (outside["status"], outside["outcome"]) == (SecondTrackStatus.CLOSED, None)
    assert outside["version"] == inside["version"]
    assert world.course(row) == [
        ("reported", None, "reported", "employer"),
        ("status_changed", "reported", "acknowledged", "desk"),
        ("status_changed", "acknowledged", "guided", "desk"),
        ("status_changed", "guided", "closed", "desk"),
    ]
    assert world.course(row, handler)[-2:] == [
        ("status_changed", "guided", "closed", handler.kind.value),
        ("outcome_recorded", None, "wia_claim", handler.kind.value),
    ]


def test_the_employer_closes_with_its_own_word(world: SecondTrackWorld) -> None:
    row = world.begin(world.client())["id"]
    with refusal(400, "invalid-input") as caught:
        world.go(row, "closed", world.bakery)
    assert errors(caught.value) == [("required", "/outcome")]
    with refusal(400, "invalid-input") as caught:
        world.go(row, "withdrawn", world.bakery, "secondment")
    assert errors(caught.value) == [("not-with-this-move", "/outcome")]
    closed = world.go(row, "closed", world.bakery, "back_in_own_work")
    assert closed["outcome"] == world.see(row, world.uwv)["outcome"] == "back_in_own_work"
    assert closed["over_at"] is not None


def test_a_forbidden_move_names_the_allowed_ones(world: SecondTrackWorld) -> None:
    row = world.begin(world.client())["id"]
    for actor, to, allowed in (
        (world.uwv, "closed", ["acknowledged"]),
        (world.bakery, "acknowledged", ["closed", "withdrawn"]),
    ):
        with refusal(409, "forbidden-transition") as caught:
            world.go(row, to, actor, "none_yet" if to == "closed" else None)
        assert caught.value.extra["allowed"] == allowed


# --- A person's data ----------------------------------------------------------------------------------------------


def test_what_is_known_of_a_person_is_given_and_taken_away(world: SecondTrackWorld) -> None:
    employment_id, other = world.client(), world.begin(world.stranger())["id"]
    row = world.begin(employment_id)["id"]
    world.go(row, "acknowledged")
    [(person_id,)] = world.rows(select(Employment.person_id).where(Employment.id == employment_id))
    [found] = world.do(part.export, person_id)["secondTracks"]
    assert (found["waitingPeriodEndsOn"], found["status"]) == (END, "acknowledged")
    assert [step["what"] for step in found["steps"]] == ["reported", "status_changed"]
    for room in reversed(ROOMS):
        if room.erase is not None:
            world.do(room.erase, person_id)
    with refusal(404, "not-found"):
        world.see(row)
    assert world.seen() == [other]
    assert {each for (each,) in world.rows(select(SecondTrackStep.second_track_id))} == {other}


def test_what_is_over_is_forgotten_in_its_time(world: SecondTrackWorld) -> None:
    rows = [world.begin(world.employment(bsn))["id"] for bsn in ("123456782", "111222333", "100000009")]
    world.go(rows[0], "closed", world.bakery, "secondment")
    world.go(rows[1], "withdrawn", world.bakery)
    for days, left in ((89, rows), (90, [rows[0], rows[2]]), (729, [rows[0], rows[2]]), (730, [rows[2]])):
        world.clock.day = date(2026, 3, 2) + timedelta(days=days)
        for retention in part.PART.retention:
            world.do(retention.forget)
        assert world.seen() == left
