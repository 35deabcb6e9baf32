"""What goes on where an employer may not look: it takes nothing from what the employer can do, and shows nowhere."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from service.employers.models import Employment
from service.kernel.problems import Problem
from service.signals.rules import Outcome, SignalOrigin, SignalPhase, SignalStatus
from tests.signals.signals_world import SignalsWorld

ADA = "Ada de Vries"


def coached(world: SignalsWorld) -> tuple[str, str]:
    """(employment, signal): the employer's, which a jobcoach organisation joined without the person's consent."""
    employment_id = world.stranger(jobcoach=True)
    signal_id = world.report(employment_id)["id"]
    world.clock.day = date(2026, 3, 3)
    world.report(employment_id, world.jobcoaches)
    world.clock.day = date(2026, 3, 4)
    return employment_id, signal_id


def of_employer(world: SignalsWorld, signal_id: str) -> tuple[Any, ...]:
    return world.get(signal_id), world.steps(signal_id), world.heard(world.bakery)


def withdrawn(world: SignalsWorld) -> tuple[str, str]:
    employment_id, signal_id = coached(world)
    world.move(signal_id, "withdrawn", world.bakery)
    world.clock.day = date(2026, 3, 5)
    return employment_id, signal_id


def test_a_withdrawn_report_shows_nothing_of_what_goes_on(world: SignalsWorld) -> None:
    _, signal_id = withdrawn(world)
    before = of_employer(world, signal_id)
    assert (before[1][-1][0], before[2][-1][0]) == ("report_withdrawn", "withdrawn")
    world.get(signal_id, world.desk)
    world.move(signal_id, "acknowledged", world.desk)
    world.change(signal_id, world.jobcoaches, phase=SignalPhase.DECIDED, expected_end_date=date(2026, 3, 6))
    world.clock.day = date(2026, 3, 10)
    world.tick("signals.ended")
    assert of_employer(world, signal_id) == before
    assert world.get(signal_id, world.jobcoaches)["phase"] is SignalPhase.ENDED


def test_what_was_seen_before_the_withdrawal_stays(world: SignalsWorld) -> None:
    _, signal_id = coached(world)
    world.get(signal_id, world.desk)
    world.move(signal_id, "acknowledged", world.desk)
    acted = world.get(signal_id)["acted_by"]
    world.clock.day = date(2026, 3, 5)
    world.move(signal_id, "withdrawn", world.bakery)
    world.clock.day = date(2026, 3, 6)
    world.move(signal_id, "closed", world.desk, outcome=Outcome.UNKNOWN)
    mine = world.get(signal_id)
    assert (mine["acted_by"], mine["seen_at"] is None, mine["outcome"]) == (acted, False, None)


def test_reporting_anew_is_a_new_signal_and_takes_the_other_along(world: SignalsWorld) -> None:
    employment_id, first = withdrawn(world)
    before = world.get(first), world.steps(first)
    again = world.report(employment_id)
    assert (again["id"] != first, again["status"]) == (True, SignalStatus.REPORTED)
    assert (world.get(first), world.steps(first)) == before
    assert [each[0] for each in world.steps(again["id"])] == ["reported"]
    assert world.get(again["id"], world.jobcoaches)["status"] is SignalStatus.REPORTED
    inside = world.get(again["id"], world.desk)["handling"]["statements"]
    assert sorted(each["by"].value for each in inside) == ["employer", "jobcoach_organisation"]
    assert world.types(world.jobcoaches)[-3:] == ["withdrawn", "reported", "seen"]


def test_taking_back_an_older_report_finds_nothing_in_its_way(world: SignalsWorld) -> None:
    employment_id, first = withdrawn(world)
    second = world.report(employment_id)["id"]
    with pytest.raises(Problem, match="signal-exists"):
        world.move(first, "reported", world.bakery)
    world.clock.day = date(2026, 3, 6)
    world.move(second, "withdrawn", world.bakery)
    world.clock.day = date(2026, 3, 9)
    assert world.move(first, "reported", world.bakery)["status"] is SignalStatus.REPORTED
    assert len(world.get(first, world.desk)["handling"]["statements"]) == 2
    assert world.get(second)["status"] is SignalStatus.WITHDRAWN


def test_taking_back_shows_nothing_of_the_time_between(world: SignalsWorld) -> None:
    _, signal_id = withdrawn(world)
    world.get(signal_id, world.desk)
    world.move(signal_id, "acknowledged", world.desk)
    world.clock.day = date(2026, 3, 6)
    world.move(signal_id, "reported", world.bakery)
    assert [each[0] for each in world.steps(signal_id)] == ["reported", "report_withdrawn", "status_changed"]
    assert "acknowledged" in [each[2] for each in world.steps(signal_id, world.desk)]


def test_a_disclosure_taken_back_leaves_no_name_behind(world: SignalsWorld) -> None:
    employment_id = world.client(disclosed=True)
    signal = world.report(employment_id)
    assert signal["receipt"]["contact"]["name"] == ADA
    world.clock.day = date(2026, 3, 6)
    world.tick("signals.escalation")
    before = world.get(signal["id"])
    assert before["escalation"]["level"] == "backup"
    world.withdraw(employment_id)
    after = world.get(signal["id"])
    assert after["receipt"]["contact"]["kind"] == "desk"
    assert after["version"] != before["version"]
    assert ADA not in repr(after) + repr(world.listed())
    assert world.steps(signal["id"])[-1] == ("escalated", None, "desk", "system")
    assert world.steps(signal["id"], world.uwv)[-1][1:3] == ("caseworker", "backup")


def test_an_early_warning_goes_out_of_sight_with_the_disclosure(world: SignalsWorld) -> None:
    employment_id = world.client(disclosed=True, end_date=date(2026, 5, 1))
    world.tick("signals.early-warning")
    [early] = world.listed()
    assert early["origin"] is SignalOrigin.REGISTER
    world.withdraw(employment_id)
    assert world.listed() == []
    heard = world.types(world.bakery)
    world.move(early["id"], "acknowledged")
    assert world.types(world.bakery) == heard
    fresh = world.report(employment_id)
    assert (fresh["status"], fresh["origin"]) == (SignalStatus.REPORTED, SignalOrigin.EMPLOYER)


def test_a_former_jobcoach_reads_no_more(world: SignalsWorld) -> None:
    employment_id, signal_id = coached(world)
    assert world.get(signal_id, world.jobcoaches)
    heard = world.types(world.jobcoaches)
    with world.database.transaction() as uow:
        uow.session.get_one(Employment, employment_id).jobcoach_organisation_id = None
    with pytest.raises(Problem, match="not-found"):
        world.get(signal_id, world.jobcoaches)
    world.move(signal_id, "acknowledged", world.desk)
    assert world.types(world.jobcoaches) == heard
    assert world.listed(world.jobcoaches) == []
