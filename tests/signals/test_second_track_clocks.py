"""What the clock does to second tracks."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from service.kernel.database import Database
from service.signals.second_track.rules import SecondTrackStatus
from tests.contacts.contacts_world import TestClock
from tests.signals.second_track_world import END, ESCALATION, LEFT_BEHIND, MILESTONES, SecondTrackWorld

DESK = "servicepunt@example.nl"


@pytest.fixture
def world(database: Database, clock: TestClock) -> SecondTrackWorld:
    return SecondTrackWorld(database, clock)


@pytest.mark.parametrize("who", ["disclosed", "hidden", "unknown"])
def test_a_missed_deadline_leads_to_the_desk(world: SecondTrackWorld, who: str) -> None:
    row = world.begin(world.stranger() if who == "unknown" else world.client(disclosed=who == "disclosed"))["id"]
    for day, done, since in (
        (date(2026, 3, 5), [], None),
        (date(2026, 3, 6), [row], date(2026, 3, 6)),
        (date(2026, 3, 12), [], date(2026, 3, 6)),
    ):
        world.clock.day = day
        assert world.tick(ESCALATION) == done
        assert world.see(row)["escalated_since"] == since
    assert world.told(world.bakery) == world.told(world.desk) == ["reported", "escalated"]
    assert world.course(row)[1:] == [("escalated", None, "desk", "system")]
    assert [to for template, to, _ in world.mails() if template == "second-track-escalated"] == [DESK]
    assert world.handling(row, world.desk)["with_desk"] is True
    assert world.go(row, "acknowledged", world.desk)["escalated_since"] is None


def test_what_was_taken_up_in_time_stays(world: SecondTrackWorld) -> None:
    row = world.begin(world.client())["id"]
    world.go(row, "acknowledged")
    world.clock.day = date(2026, 4, 1)
    assert world.tick(ESCALATION) == []


def test_a_worker_that_comes_late_looks_again(world: SecondTrackWorld) -> None:
    """It found the row due, and somebody else was quicker."""
    row = world.begin(world.client())["id"]
    world.clock.day = date(2026, 6, 1)
    for name in (ESCALATION, MILESTONES):
        timer = world.timer(name)
        assert world.do(timer.due, 10) == [row]
        world.do(timer.fire, row)
        world.do(timer.fire, row)
    world.go(row, "withdrawn", world.bakery)
    for name in (ESCALATION, MILESTONES, LEFT_BEHIND):
        world.do(world.timer(name).fire, row)
    assert world.told(world.bakery) == ["reported", "escalated", "milestone-near", "withdrawn"]


def test_the_employer_is_reminded_of_its_own_milestones_once_each(world: SecondTrackWorld) -> None:
    row = world.begin(world.client(disclosed=True))["id"]
    reminded = []
    while world.clock.day <= END:
        if world.tick(MILESTONES):
            reminded.append(world.clock.day)
        world.clock.day += timedelta(days=1)
    assert reminded == [date(2026, 6, 1), date(2026, 7, 13), date(2027, 3, 1)]
    assert world.told(world.bakery) == ["reported", *["milestone-near"] * 3]
    assert world.told(world.uwv) == world.told(world.desk) == ["reported"]
    near = [step[2] for step in world.course(row) if step[0] == "milestone_near"]
    assert near == ["first_year_evaluation", "second_track_start", "final_evaluation"]


def test_after_a_standstill_one_reminder_of_what_is_still_to_come(world: SecondTrackWorld) -> None:
    row = world.begin(world.client())["id"]
    # The evaluation of 29 June was due for a reminder, and is past; that of 10 August is near.
    world.clock.day = date(2026, 7, 20)
    assert world.tick(MILESTONES) == [row]
    assert world.told(world.bakery) == ["reported", "milestone-near"]
    assert world.course(row)[-1][2] == "second_track_start"
    # And when all are past, none.
    world.clock.day = date(2027, 4, 1)
    assert world.tick(MILESTONES) == [row]
    assert world.told(world.bakery) == ["reported", "milestone-near"]


def test_what_was_near_at_the_report_stood_in_the_answer(world: SecondTrackWorld) -> None:
    row = world.begin(world.client(), waiting_period_ends_on=date(2027, 3, 15))["id"]
    assert world.see(row)["milestones"][0]["day"] == date(2026, 3, 16)
    assert world.tick(MILESTONES) == []
    world.clock.day = date(2026, 3, 30)
    assert world.tick(MILESTONES) == [row]
    assert world.course(row)[-1][2] == "second_track_start"


def test_reminders_follow_an_end_that_moves(world: SecondTrackWorld) -> None:
    row = world.begin(world.client())["id"]
    world.clock.day = date(2027, 3, 1)
    assert world.tick(MILESTONES) == [row]
    world.move_end(row, "wage_sanction", END + timedelta(weeks=52))
    world.clock.day = date(2028, 2, 27)
    assert world.tick(MILESTONES) == []
    world.clock.day = date(2028, 2, 28)
    assert world.tick(MILESTONES) == [row]
    near = [step[2] for step in world.course(row) if step[0] == "milestone_near"]
    assert near == ["final_evaluation", "final_evaluation"]


def test_what_nobody_closes_is_closed_by_the_clock(world: SecondTrackWorld) -> None:
    row, other = world.begin(world.client())["id"], world.begin(world.stranger())["id"]
    world.go(row, "acknowledged")
    world.go(other, "withdrawn", world.bakery)
    world.clock.day = END + timedelta(weeks=13)
    assert world.tick(LEFT_BEHIND) == []
    world.clock.day += timedelta(days=1)
    assert world.tick(LEFT_BEHIND) == [row]
    assert world.see(row)["status"] is SecondTrackStatus.CLOSED
    assert (world.see(row)["outcome"], world.see(row, world.uwv)["outcome"]) == (None, "none_yet")
    assert world.told(world.bakery)[-1] == "closed"
