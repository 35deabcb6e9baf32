"""What the clock does: escalation, early warning, the last day; and what the contract register's news does."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from service.employers import employments
from service.signals.models import Signal
from service.signals.rules import Outcome, SignalOrigin, SignalPhase, SignalStatus
from tests.signals.signals_world import ANY, END, SignalsWorld

ESCALATION, WARNING, ENDED = "signals.escalation", "signals.early-warning", "signals.ended"


def escalation(world: SignalsWorld, signal_id: str) -> Any:
    found = world.get(signal_id)["escalation"]
    return found and (found["level"].value, found["since"])


def test_a_missed_deadline_passes_it_on_one_step_a_working_day(world: SignalsWorld) -> None:
    signal_id = world.report(world.client(disclosed=True))["id"]
    # Acknowledge by Thursday 5 March 2026.
    for day, passed_on, expected in (
        (date(2026, 3, 5), [], None),
        (date(2026, 3, 6), [signal_id], ("backup", date(2026, 3, 6))),
        (date(2026, 3, 7), [], ("backup", date(2026, 3, 6))),
        (date(2026, 3, 8), [], ("backup", date(2026, 3, 6))),
        (date(2026, 3, 9), [signal_id], ("desk", date(2026, 3, 9))),
        (date(2026, 3, 10), [], ("desk", date(2026, 3, 9))),
        (date(2026, 3, 20), [], ("desk", date(2026, 3, 9))),
    ):
        world.clock.day = day
        assert world.tick(ESCALATION) == passed_on
        assert world.tick(ESCALATION) == []
        assert escalation(world, signal_id) == expected
    assert world.types(world.bakery) == ["reported", "escalated", "escalated"]
    assert world.types(world.desk) == ["escalated"]
    assert world.steps(signal_id)[1:] == [
        ("escalated", "caseworker", "backup", "system"),
        ("escalated", "backup", "desk", "system"),
    ]
    assert [mail[:2] for mail in world.mails()] == [
        ("signal-reported", "ada@uwv.example"),
        ("signal-escalated", "bo@uwv.example"),
        ("signal-passed-on", "ada@uwv.example"),
        ("signal-escalated", "servicepunt@example.nl"),
        ("signal-passed-on", "bo@uwv.example"),
    ]


def test_after_a_standstill_it_goes_at_once_to_whom_it_belongs(world: SignalsWorld) -> None:
    signal_id = world.report(world.client(disclosed=True))["id"]
    world.clock.day = date(2026, 3, 25)
    assert world.tick(ESCALATION) == [signal_id]
    assert escalation(world, signal_id) == ("desk", date(2026, 3, 9))
    assert world.tick(ESCALATION) == []
    world.clock.day = date(2026, 3, 26)
    assert world.tick(ESCALATION) == []
    assert world.types(world.bakery) == ["reported", "escalated"]
    assert world.steps(signal_id)[1:] == [("escalated", "caseworker", "desk", "system")]


def test_a_team_stands_between_backup_and_desk(world: SignalsWorld) -> None:
    employment_id = world.employment("123456782")
    world.assign("123456782", world.caseworker("Ada de Vries"), team_id=world.team_id)
    world.disclose(employment_id)
    signal_id = world.report(employment_id)["id"]
    world.clock.day = date(2026, 3, 6)
    world.tick(ESCALATION)
    assert escalation(world, signal_id) == ("team", date(2026, 3, 6))


@pytest.mark.parametrize("known", [True, False])
def test_without_a_disclosed_link_it_is_with_the_desk(world: SignalsWorld, known: bool) -> None:
    signal_id = world.report(world.client() if known else world.stranger())["id"]
    world.clock.day = date(2026, 3, 6)
    assert world.tick(ESCALATION) == [signal_id]
    assert escalation(world, signal_id) == ("desk", date(2026, 3, 6))
    world.clock.day = date(2026, 3, 9)
    assert world.tick(ESCALATION) == []


def test_acknowledging_ends_the_escalation_and_the_plan_has_its_own(world: SignalsWorld) -> None:
    signal_id = world.report(world.client(disclosed=True))["id"]
    world.clock.day = date(2026, 3, 6)
    world.tick(ESCALATION)
    world.move(signal_id, "acknowledged")
    assert world.get(signal_id)["escalation"] is None
    # Plan by Friday 27 March 2026.
    world.clock.day = date(2026, 3, 27)
    assert world.tick(ESCALATION) == []
    world.clock.day = date(2026, 3, 30)
    assert world.tick(ESCALATION) == [signal_id]
    assert escalation(world, signal_id) == ("backup", date(2026, 3, 30))
    world.move(signal_id, "closed", outcome=Outcome.STAYS)
    world.clock.day = date(2026, 4, 1)
    assert world.tick(ESCALATION) == []
    assert world.mails() == []


def test_a_nearer_end_brings_the_deadline_nearer(world: SignalsWorld) -> None:
    signal_id = world.report(world.client(disclosed=True))["id"]
    world.clock.day = date(2026, 3, 3)
    signal = world.change(signal_id, expected_end_date=date(2026, 3, 20))
    assert signal["next_step"]["by"] == date(2026, 3, 3)
    world.clock.day = date(2026, 3, 4)
    assert world.tick(ESCALATION) == [signal_id]


# --- Early warning ------------------------------------------------------------------------------------------------


def test_an_end_within_three_months_raises_a_signal_for_a_client(world: SignalsWorld) -> None:
    employment_id = world.client(disclosed=True)
    stranger_id = world.stranger()
    world.clock.day = date(2026, 9, 30)
    assert world.tick(WARNING) == []
    world.clock.day = date(2026, 10, 1)
    assert world.tick(WARNING) == [employment_id, stranger_id]
    assert world.tick(WARNING) == []
    (signal,) = world.listed(world.uwv)
    assert (signal["origin"], signal["phase"]) == (SignalOrigin.REGISTER, SignalPhase.ENDING_SOON)
    assert (signal["expected_end_date"], signal["receipt"]) == (END, None)
    assert world.types(world.uwv) == world.types(world.bakery) == ["reported"]
    assert [mail[1] for mail in world.mails()] == ["ada@uwv.example"]
    (mine,) = world.listed()
    assert (mine["origin"], mine["receipt"]) == (SignalOrigin.REGISTER, None)
    joined = world.report(employment_id)
    assert (joined["id"], joined["receipt"]["number"]) == (signal["id"], joined["number"])
    assert joined["origin"] is SignalOrigin.REGISTER


def test_the_employer_is_not_asked_about_an_undisclosed_client(world: SignalsWorld) -> None:
    world.client()
    world.clock.day = date(2026, 10, 1)
    assert len(world.tick(WARNING)) == 1
    assert len(world.listed(world.uwv)) == 1
    assert (world.listed(), world.types(world.bakery)) == ([], [])


def test_no_warning_beside_a_live_signal_nor_about_an_end_that_was_told(world: SignalsWorld) -> None:
    employment_id = world.client()
    signal_id = world.report(employment_id)["id"]
    world.clock.day = date(2026, 10, 1)
    world.tick(WARNING)
    world.move(signal_id, "withdrawn", world.bakery)
    assert world.tick(WARNING) == []
    assert [each["id"] for each in world.listed(world.uwv)] == [signal_id]
    world.do(employments.change_employment, world.bakery, employment_id, {"end_date": date(2026, 11, 30)}, ANY)
    assert world.tick(WARNING) == [employment_id]
    assert [each["origin"] for each in world.listed(world.uwv, status=SignalStatus.REPORTED)] == ["register"]


# --- The last day ---------------------------------------------------------------------------------------------------


def test_a_decided_end_becomes_a_fact_the_day_after(world: SignalsWorld) -> None:
    decided = world.report(world.client(), phase=SignalPhase.DECIDED)["id"]
    doubted = world.report(world.stranger())["id"]
    world.clock.day = END
    assert world.tick(ENDED) == []
    world.clock.day = date(2027, 1, 1)
    assert world.tick(ENDED) == [decided]
    assert world.get(decided)["phase"] is SignalPhase.ENDED
    assert world.get(doubted)["phase"] is SignalPhase.DOUBT
    assert world.heard(world.bakery)[-1] == (
        "changed",
        {"signalId": decided, "status": "reported", "phase": "ended"},
    )
    assert world.steps(decided)[-1] == ("phase_changed", "decided", "ended", "system")


def test_what_only_the_jobcoach_decided_ends_out_of_the_employers_sight(world: SignalsWorld) -> None:
    employment_id = world.client(jobcoach=True)
    signal_id = world.report(employment_id)["id"]
    world.report(employment_id, world.jobcoaches, phase=SignalPhase.DECIDED)
    world.clock.day = date(2027, 1, 1)
    assert world.tick(ENDED) == [signal_id]
    assert world.get(signal_id)["phase"] is SignalPhase.DOUBT
    assert world.get(signal_id, world.jobcoaches)["phase"] is SignalPhase.ENDED
    assert world.types(world.bakery) == ["reported"]
    assert world.types(world.jobcoaches)[-1] == "changed"


# --- News from the register -----------------------------------------------------------------------------------------


def test_a_new_end_date_in_the_register_moves_the_signal(world: SignalsWorld) -> None:
    employment_id = world.client(disclosed=True)
    signal_id = world.report(employment_id)["id"]
    world.do(employments.change_employment, world.bakery, employment_id, {"job_title": "Bakker"}, ANY)
    world.employment_changed(employment_id)
    assert world.types(world.bakery) == ["reported"]
    world.do(employments.change_employment, world.bakery, employment_id, {"end_date": date(2027, 2, 28)}, ANY)
    world.employment_changed(employment_id)
    world.employment_changed(employment_id)
    assert world.get(signal_id)["expected_end_date"] == date(2027, 2, 28)
    assert world.types(world.bakery) == ["reported", "changed"]
    assert world.steps(signal_id)[-1] == ("end_date_changed", "2026-12-31", "2027-02-28", "system")
    assert world.get(signal_id)["receipt"]["start_interview_by"] == date(2027, 1, 28)


def test_an_early_warning_whose_end_moves_away_is_withdrawn(world: SignalsWorld) -> None:
    employment_id = world.client()
    world.clock.day = date(2026, 10, 1)
    world.tick(WARNING)
    world.do(employments.change_employment, world.bakery, employment_id, {"end_date": date(2027, 12, 31)}, ANY)
    world.employment_changed(employment_id)
    assert world.rows(select(Signal.status)) == [(SignalStatus.WITHDRAWN,)]
    assert world.types(world.uwv) == ["reported", "withdrawn"]
    assert world.types(world.bakery) == []
    assert world.tick(WARNING) == []
    # Of the new end it is warned as well, when that comes near.
    world.clock.day = date(2027, 10, 1)
    assert world.tick(WARNING) == [employment_id]
    assert world.types(world.uwv) == ["reported", "withdrawn", "reported"]
