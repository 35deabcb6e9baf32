"""Each party its own view of the same signal."""

from __future__ import annotations

from datetime import date

import pytest

from service.kernel.problems import Problem
from service.signals import operations
from service.signals.plans.schemas import PlanBody
from service.signals.rules import Outcome, Service, SignalPhase, SignalStatus
from tests.signals.signals_world import ANY, SignalsWorld

PLAN = PlanBody().load({"service": "naar_werk", "startDate": "2026-04-01", "lead": "arbeidsdeskundige"})


def planned(world: SignalsWorld, employment_id: str) -> str:
    signal_id = str(world.report(employment_id)["id"])
    world.get(signal_id, world.uwv)
    world.move(signal_id, "acknowledged")
    world.do(operations.record_plan, world.uwv, signal_id, PLAN, ANY)
    world.move(signal_id, "planned")
    return signal_id


def test_who_sees_which_signals(world: SignalsWorld) -> None:
    known = world.report(world.client(jobcoach=True))["id"]
    unknown = world.report(world.stranger())["id"]
    assert {each["id"] for each in world.listed(world.bakery)} == {known, unknown}
    assert {each["id"] for each in world.listed(world.desk)} == {known, unknown}
    assert [each["id"] for each in world.listed(world.uwv)] == [known]
    assert [each["id"] for each in world.listed(world.jobcoaches)] == [known]
    assert world.listed(world.garage) == []
    for actor, signal_id in ((world.garage, known), (world.uwv, unknown), (world.jobcoaches, unknown)):
        for read in (operations.get_signal, operations.get_handover_profile):
            with pytest.raises(Problem, match="404 not-found"):
                world.do(read, actor, signal_id)
        with pytest.raises(Problem, match="404 not-found"):
            world.do(operations.move_signal, actor, signal_id, {"to": SignalStatus.WITHDRAWN}, ANY)


def test_opening_it_is_told_once(world: SignalsWorld) -> None:
    signal_id = world.report(world.client(disclosed=True))["id"]
    world.get(signal_id)
    assert world.get(signal_id)["progress"]["code"] == "received"
    world.clock.day = date(2026, 3, 3)
    seen_at = world.get(signal_id, world.uwv)["seen_at"]
    world.clock.day = date(2026, 3, 4)
    assert world.get(signal_id, world.desk)["seen_at"] == seen_at == world.get(signal_id)["seen_at"]
    assert world.get(signal_id)["progress"]["code"] == "seen"
    assert world.types(world.bakery) == ["reported", "seen"]
    assert world.steps(signal_id) == [("reported", None, "doubt", "employer"), ("seen", None, None, "uwv")]


def test_the_employer_learns_that_there_is_a_plan_not_which(world: SignalsWorld) -> None:
    signal_id = planned(world, world.client(disclosed=True))
    signal = world.get(signal_id)
    assert signal["status"] is SignalStatus.PLANNED
    assert signal["acted_by"] == {"role": "arbeidsdeskundige", "name": "Ada de Vries"}
    assert (signal["next_step"]["what"], signal["next_step"]["whose"]) == ("tell_decision", "employer")
    assert "handling" not in signal
    assert "naar_werk" not in str(signal) + str(world.history(signal_id))
    for actor in (world.bakery, world.jobcoaches):
        with pytest.raises(Problem, match="403"):
            world.do(operations.get_plan, actor, signal_id)
    plan = world.do(operations.get_plan, world.uwv, signal_id)
    assert (plan["service"], plan["during_contract"]) == (Service.NAAR_WERK, True)
    assert ("plan_recorded", None, "naar_werk", "uwv") in world.steps(signal_id, world.uwv)


def test_an_undisclosed_caseworker_has_no_name(world: SignalsWorld) -> None:
    signal_id = planned(world, world.client())
    assert world.get(signal_id)["acted_by"] == {"role": "desk", "name": "Servicepunt"}
    assert world.get(signal_id, world.uwv)["acted_by"] == {"role": "arbeidsdeskundige", "name": "Ada de Vries"}


@pytest.mark.parametrize(
    ("outcome", "disclosed", "told"),
    [
        (Outcome.EXTENDED, False, "extended"),
        (Outcome.OTHER_WORK_SAME_EMPLOYER, False, "internal_move"),
        (Outcome.NEW_EMPLOYER, True, "new_work"),
        (Outcome.NEW_EMPLOYER, False, "not_known"),
        (Outcome.BENEFIT, True, "not_known"),
    ],
)
def test_what_the_employer_is_told_of_the_outcome(
    world: SignalsWorld, outcome: Outcome, disclosed: bool, told: str
) -> None:
    signal_id = planned(world, world.client(disclosed=disclosed))
    world.move(signal_id, "closed", outcome=outcome, outcome_date=date(2027, 1, 4))
    mine, inside = world.get(signal_id), world.get(signal_id, world.uwv)
    assert (mine["status"], mine["outcome"], mine["next_step"]) == (SignalStatus.CLOSED, told, None)
    assert outcome.value not in str(world.history(signal_id)) or outcome.value == told
    assert inside["handling"]["outcome"] is outcome
    assert (inside["handling"]["gap_days"], inside["handling"]["direct"]) == (
        (3, True) if outcome is Outcome.NEW_EMPLOYER else (None, None)
    )


def test_after_the_end_new_work_is_told_only_if_the_person_agrees(world: SignalsWorld) -> None:
    for bsn, agrees in (("123456782", False), ("100000009", True)):
        signal_id = planned(world, world.client(bsn, disclosed=True))
        world.clock.day = date(2027, 2, 1)
        world.move(signal_id, "closed", outcome=Outcome.NEW_EMPLOYER, tell_employer=agrees)
        assert world.get(signal_id)["outcome"] == ("new_work" if agrees else "not_known")
        world.clock.day = date(2026, 3, 2)


def test_filters(world: SignalsWorld) -> None:
    known = world.client()
    first = world.report(known, expected_end_date=date(2026, 6, 30))["id"]
    second = world.report(world.stranger(), phase=SignalPhase.DECIDED)["id"]
    world.move(first, "acknowledged")
    for actor in (world.bakery, world.desk):
        assert [each["id"] for each in world.listed(actor, status=SignalStatus.ACKNOWLEDGED)] == [first]
        assert [each["id"] for each in world.listed(actor, phase=SignalPhase.DECIDED)] == [second]
        assert [each["id"] for each in world.listed(actor, ends_before=date(2026, 7, 1))] == [first]
        assert len(world.listed(actor, employer_id=world.bakery.party.id)) == 2
        assert world.listed(actor, employer_id=world.garage.party.id) == []
        assert [each["id"] for each in world.listed(actor, employment_id=known)] == [first]


def test_a_signal_is_found_by_the_number_that_is_quoted(world: SignalsWorld) -> None:
    known = world.client(disclosed=True, jobcoach=True)
    signal_id = world.report(known)["id"]
    world.report(known, world.jobcoaches)
    world.report(world.stranger())
    numbers = {actor: world.get(signal_id, actor)["number"] for actor in (world.bakery, world.jobcoaches, world.uwv)}
    for number in numbers.values():
        for actor in (world.uwv, world.desk):
            assert [each["id"] for each in world.listed(actor, number=number.lower())] == [signal_id]
    for actor in (world.bakery, world.jobcoaches):
        for number in numbers.values():
            assert [each["id"] for each in world.listed(actor, number=number)] == [signal_id] * (
                number == numbers[actor]
            )
    assert world.listed(world.desk, number="SP-00000-00000") == []


def test_a_withdrawn_report_is_over_for_its_party_while_the_other_goes_on(world: SignalsWorld) -> None:
    employment_id = world.client(jobcoach=True)
    signal_id = world.report(employment_id)["id"]
    world.report(employment_id, world.jobcoaches)
    world.clock.day = date(2026, 3, 3)
    assert world.move(signal_id, "withdrawn", world.bakery)["status"] is SignalStatus.WITHDRAWN
    world.clock.day = date(2026, 3, 4)
    assert world.get(signal_id, world.uwv)["status"] is SignalStatus.REPORTED
    world.move(signal_id, "acknowledged")
    mine = world.get(signal_id)
    assert mine["status"] is SignalStatus.WITHDRAWN
    assert (mine["seen_at"], mine["acted_by"], mine["next_step"]) == (None, None, None)
    assert [each["id"] for each in world.listed(status=SignalStatus.WITHDRAWN)] == [signal_id]
    assert world.listed(status=SignalStatus.ACKNOWLEDGED) == []
    assert world.heard(world.bakery)[-1] == (
        "withdrawn",
        {"signalId": signal_id, "status": "withdrawn", "phase": "doubt"},
    )
    assert world.get(signal_id, world.jobcoaches)["status"] is SignalStatus.ACKNOWLEDGED
    assert world.types(world.jobcoaches)[-2:] == ["seen", "acknowledged"]
