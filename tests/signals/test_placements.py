"""What the vacancies need of a signal."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from service.access.actor import system
from service.employers.rules import ContractType
from service.kernel.problems import Problem
from service.signals import operations
from service.signals.rules import Outcome, SignalPhase, SignalStatus
from tests.signals.signals_world import BSN, END, SignalsWorld

HOUSE = system("proposal.placed")
VACANCY = "019a0000-0000-7000-8000-000000000001"


def test_the_freed_job(world: SignalsWorld) -> None:
    employment_id = world.client(job_title="Inpakker", occupation_code="9321", hours_per_week=24.0)
    signal_id = world.report(employment_id, phase=SignalPhase.DECIDED)["id"]
    assert world.do(operations.freed_by, world.bakery, signal_id) == operations.FreedJob(
        employer_id=world.bakery.party.id,
        establishment_id=world.bakery_place,
        title="Inpakker",
        occupation_code="9321",
        hours=Decimal(24),
        contract_type=ContractType.FIXED_TERM,
        start_date=date(2027, 1, 1),
    )


def test_no_job_comes_free_before_the_decision(world: SignalsWorld) -> None:
    signal_id = world.report(world.client())["id"]
    with pytest.raises(Problem, match="409 end-not-decided"):
        world.do(operations.freed_by, world.bakery, signal_id)
    world.change(signal_id, phase=SignalPhase.DECIDED)
    assert world.do(operations.freed_by, world.bakery, signal_id).start_date == date(2027, 1, 1)
    world.move(signal_id, "withdrawn", world.bakery)
    with pytest.raises(Problem, match="409 end-not-decided"):
        world.do(operations.freed_by, world.bakery, signal_id)


def test_a_signal_of_another_is_unknown(world: SignalsWorld) -> None:
    signal_id = world.report(world.client(), phase=SignalPhase.DECIDED)["id"]
    for actor, wanted in ((world.garage, signal_id), (world.bakery, VACANCY)):
        with pytest.raises(Problem) as refused:
            world.do(operations.freed_by, actor, wanted)
        assert [(error.pointer, error.code) for error in refused.value.errors] == [
            ("/freedBySignalId", "unknown-reference")
        ]


def test_how_the_freed_vacancy_fares(world: SignalsWorld) -> None:
    signal = world.report(world.client(), phase=SignalPhase.DECIDED)
    opened = date(2026, 3, 2)
    world.do(operations.link_vacancy, HOUSE, signal["id"], VACANCY, "open", opened)
    world.do(operations.link_vacancy, HOUSE, signal["id"], VACANCY, "open", opened)
    linked = world.get(signal["id"])
    assert linked["freed_vacancy"] == {"id": VACANCY, "status": "open", "filled_on": None, "fill_days": None}
    assert linked["version"] != signal["version"]
    world.do(operations.link_vacancy, HOUSE, signal["id"], VACANCY, "filled", opened, date(2026, 3, 20))
    assert world.get(signal["id"])["freed_vacancy"]["fill_days"] == 18
    assert world.types(world.bakery) == ["reported", "changed", "changed"]
    assert world.steps(signal["id"])[-1] == ("vacancy_changed", "open", "filled", "system")


def person_of(world: SignalsWorld, signal_id: str) -> str:
    return str(world.get(signal_id, world.uwv)["handling"]["person_id"])


def test_a_placement_closes_the_signal_with_the_days_between(world: SignalsWorld) -> None:
    signal_id = world.report(world.client(disclosed=True), phase=SignalPhase.DECIDED)["id"]
    person_id = person_of(world, signal_id)
    assert world.do(operations.record_placement, HOUSE, person_id, date(2027, 1, 4), "placed") == signal_id
    handling = world.get(signal_id, world.uwv)["handling"]
    assert (handling["outcome"], handling["outcome_date"]) == (Outcome.NEW_EMPLOYER, date(2027, 1, 4))
    assert (handling["gap_days"], handling["direct"], handling["trial_gap_days"]) == (3, True, None)
    mine = world.get(signal_id)
    assert (mine["status"], mine["outcome"]) == (SignalStatus.CLOSED, "new_work")
    assert world.types(world.bakery)[-1] == world.types(world.uwv)[-1] == "outcome"
    assert world.do(operations.record_placement, HOUSE, person_id, date(2028, 1, 3), "placed") is None


def test_trial_placement_and_contract_are_kept_apart(world: SignalsWorld) -> None:
    signal_id = world.report(world.client(), phase=SignalPhase.DECIDED)["id"]
    person_id = person_of(world, signal_id)
    world.do(operations.record_placement, HOUSE, person_id, date(2027, 1, 11), "trial_placement")
    handling = world.get(signal_id, world.uwv)["handling"]
    assert (handling["outcome"], handling["gap_days"]) == (Outcome.TRIAL_PLACEMENT, None)
    assert (handling["trial_started_on"], handling["trial_gap_days"]) == (date(2027, 1, 11), 10)
    world.do(operations.record_placement, HOUSE, person_id, date(2027, 3, 15), "placed")
    handling = world.get(signal_id, world.uwv)["handling"]
    assert (handling["outcome"], handling["gap_days"], handling["trial_gap_days"]) == (Outcome.NEW_EMPLOYER, 73, 10)


def test_after_the_end_the_employer_hears_no_more(world: SignalsWorld) -> None:
    signal_id = world.report(world.client(disclosed=True), phase=SignalPhase.DECIDED, expected_end_date=END)["id"]
    person_id = person_of(world, signal_id)
    told, steps = world.types(world.bakery), world.steps(signal_id)
    world.clock.day = date(2027, 2, 1)
    world.do(operations.record_placement, HOUSE, person_id, date(2027, 2, 1), "placed")
    assert (world.types(world.bakery), world.steps(signal_id)) == (told, steps)
    assert world.get(signal_id)["outcome"] == "not_known"
    assert world.types(world.uwv)[-1] == "outcome"


def test_a_trial_that_led_to_nothing_leaves_the_outcome_open(world: SignalsWorld) -> None:
    signal_id = world.report(world.client(disclosed=True), phase=SignalPhase.DECIDED)["id"]
    person_id = person_of(world, signal_id)
    world.do(operations.record_placement, HOUSE, person_id, date(2026, 12, 1), "trial_placement")
    assert world.do(operations.end_trial, HOUSE, person_id, date(2026, 12, 2)) is None
    assert world.get(signal_id)["outcome"] == "new_work"
    assert world.do(operations.end_trial, HOUSE, person_id, date(2026, 12, 1)) == signal_id
    handling = world.get(signal_id, world.uwv)["handling"]
    assert (handling["outcome"], handling["outcome_date"], handling["trial_ended_on"]) == (
        Outcome.UNKNOWN,
        None,
        world.clock.day,
    )
    # The job still runs, so that its employer hears how it stands.
    assert world.get(signal_id)["outcome"] == "not_known"
    assert world.types(world.bakery)[-1] == "outcome"
    assert world.do(operations.record_placement, HOUSE, person_id, date(2027, 2, 1), "trial_placement") == signal_id
    handling = world.get(signal_id, world.uwv)["handling"]
    assert (handling["outcome"], handling["trial_ended_on"]) == (Outcome.TRIAL_PLACEMENT, None)


def test_after_the_end_a_trial_that_led_to_nothing_is_not_told(world: SignalsWorld) -> None:
    signal_id = world.report(world.client(disclosed=True), phase=SignalPhase.DECIDED, expected_end_date=END)["id"]
    person_id = person_of(world, signal_id)
    world.do(operations.record_placement, HOUSE, person_id, date(2027, 1, 4), "trial_placement")
    before, told = world.get(signal_id), world.types(world.bakery)
    world.clock.day = date(2027, 3, 1)
    assert world.do(operations.end_trial, HOUSE, person_id, date(2027, 1, 4)) == signal_id
    assert (world.get(signal_id), world.types(world.bakery)) == (before, told)
    assert before["outcome"] == "new_work"
    assert world.types(world.uwv)[-1] == "outcome"
    assert world.get(signal_id, world.uwv)["outcome"] == "new_work"
    world.move(signal_id, "acknowledged")
    assert world.get(signal_id, world.uwv)["handling"]["trial_ended_on"] is None


def test_the_signal_of_the_job_that_somebody_leaves_comes_first(world: SignalsWorld) -> None:
    leaving = world.client()
    staying = world.employment(BSN, actor=world.garage)
    first = world.report(leaving, phase=SignalPhase.DECIDED, expected_end_date=date(2026, 11, 30))["id"]
    second = world.report(staying, world.garage)["id"]
    person_id = person_of(world, first)
    assert world.do(operations.decided_end, leaving) == date(2026, 11, 30)
    assert world.do(operations.decided_end, staying) is None
    assert world.do(operations.record_placement, HOUSE, person_id, date(2027, 1, 4), "placed", leaving) == first
    assert world.get(second, world.garage)["status"] is SignalStatus.REPORTED


def test_a_job_that_went_on_gets_no_placement(world: SignalsWorld) -> None:
    signal_id = world.report(world.client())["id"]
    person_id = person_of(world, signal_id)
    world.move(signal_id, "acknowledged")
    world.move(signal_id, "closed", outcome=Outcome.EXTENDED)
    assert world.do(operations.record_placement, HOUSE, person_id, date(2027, 1, 4), "placed") is None
    assert world.get(signal_id, world.uwv)["handling"]["outcome"] is Outcome.EXTENDED
