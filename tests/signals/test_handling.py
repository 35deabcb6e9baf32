"""What the parties do with a signal: facts, moves, plan, handover profile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from service.employers import operations as employers
from service.employers.rules import PsoLevel
from service.kernel.problems import Problem
from service.kernel.requests import NOT_THERE, Expected
from service.reference.work_codes import WorkCondition, WorkDemand
from service.signals import operations
from service.signals.plans.schemas import PlanBody
from service.signals.room import ROOM
from service.signals.rules import Outcome, Service, SignalPhase, SignalStatus
from service.signals.steps import TransitionReason
from tests.signals.signals_world import ANY, END, SignalsWorld

PLAN = PlanBody().load({"service": "werkfit_maken", "startDate": "2027-01-04", "lead": "jobcoach"})
PROFILE = {
    "tasks_done_well": [WorkDemand.OUTDOOR_WORK],
    "hours_held": 24.5,
    "what_helps": [WorkCondition.FIXED_TASKS, WorkCondition.BUDDY],
}


def refused(do: Callable[..., Any], *arguments: Any, **named: Any) -> Problem:
    with pytest.raises(Problem) as caught:
        do(*arguments, **named)
    return caught.value


# --- Moves --------------------------------------------------------------------------------------------------------


def test_a_forbidden_move_names_the_allowed_ones(world: SignalsWorld) -> None:
    signal_id = world.report(world.client())["id"]
    problem = refused(world.move, signal_id, "planned")
    assert (problem.status, problem.code, problem.extra) == (409, "forbidden-transition", {"allowed": ["acknowledged"]})
    assert refused(world.move, signal_id, "acknowledged", world.bakery).extra == {"allowed": ["withdrawn"]}
    world.move(signal_id, "acknowledged")
    assert refused(world.move, signal_id, "acknowledged").extra == {"allowed": ["planned", "closed"]}
    assert refused(world.move, signal_id, "withdrawn").extra == {"allowed": ["planned", "closed"]}


def test_only_who_reported_withdraws(world: SignalsWorld) -> None:
    signal_id = world.report(world.client(jobcoach=True))["id"]
    problem = refused(world.move, signal_id, "withdrawn", world.jobcoaches)
    assert (problem.code, problem.extra) == ("forbidden-transition", {"allowed": []})
    signal = world.move(signal_id, "withdrawn", world.bakery, reason=TransitionReason.CONTRACT_EXTENDED)
    assert (signal["status"], signal["next_step"]) == (SignalStatus.WITHDRAWN, None)
    assert world.types(world.bakery) == world.types(world.uwv) == ["reported", "withdrawn"]
    assert world.history(signal_id)[-1]["reason"] == "contract_extended"
    world.clock.day = date(2026, 3, 9)
    again = world.move(signal_id, "reported", world.bakery)
    assert (again["status"], again["next_step"]["by"]) == (SignalStatus.REPORTED, date(2026, 3, 12))


def test_acknowledging_starts_the_clock_of_the_plan(world: SignalsWorld) -> None:
    signal_id = world.report(world.client(disclosed=True))["id"]
    world.clock.day = date(2026, 3, 4)
    world.move(signal_id, "acknowledged")
    signal = world.get(signal_id)
    assert (signal["next_step"]["what"], signal["next_step"]["by"]) == ("make_plan", date(2026, 3, 25))
    assert signal["progress"]["code"] == "acknowledged"


def test_the_caseworker_who_acts_is_named(world: SignalsWorld) -> None:
    signal_id = world.report(world.client(disclosed=True))["id"]
    colleague = world.caseworker("Cas Citroen")
    unknown = refused(world.move, signal_id, "acknowledged", caseworker_id=signal_id)
    assert [(error.pointer, error.code) for error in unknown.errors] == [("/caseworkerId", "unknown-reference")]
    world.move(signal_id, "acknowledged", caseworker_id=colleague)
    assert world.get(signal_id)["acted_by"] == {"role": "arbeidsdeskundige", "name": "Cas Citroen"}
    assert world.get(signal_id, world.uwv)["handling"]["caseworker_id"] == colleague


def test_planned_needs_a_plan_and_closed_an_outcome(world: SignalsWorld) -> None:
    signal_id = world.report(world.client())["id"]
    world.move(signal_id, "acknowledged")
    assert refused(world.move, signal_id, "planned").code == "plan-missing"
    assert [error.pointer for error in refused(world.move, signal_id, "closed").errors] == ["/outcome"]
    problem = refused(world.move, signal_id, "planned", outcome=Outcome.STAYS, tell_employer=True)
    assert [(error.pointer, error.code) for error in problem.errors] == [
        ("/outcome", "not-with-this-move"),
        ("/tellEmployer", "not-with-this-move"),
    ]
    problem = refused(world.move, signal_id, "withdrawn", world.bakery, caseworker_id=signal_id)
    assert [error.pointer for error in problem.errors] == ["/caseworkerId"]
    world.do(operations.record_plan, world.uwv, signal_id, PLAN, ANY)
    assert world.move(signal_id, "planned")["status"] is SignalStatus.PLANNED


def test_a_closed_signal_can_be_opened_again(world: SignalsWorld) -> None:
    employment_id = world.client()
    signal_id = world.report(employment_id)["id"]
    world.move(signal_id, "acknowledged")
    world.move(signal_id, "closed", outcome=Outcome.STAYS)
    assert world.get(signal_id)["outcome"] == "extended"
    again = world.move(signal_id, "acknowledged", reason=TransitionReason.ENDS_AFTER_ALL)
    assert (again["status"], again["handling"]["outcome"]) == (SignalStatus.ACKNOWLEDGED, None)
    world.move(signal_id, "closed", outcome=Outcome.STAYS)
    world.report(employment_id)
    assert refused(world.move, signal_id, "acknowledged").code == "signal-exists"


def test_a_stale_version_is_refused_before_the_state(world: SignalsWorld) -> None:
    signal = world.report(world.client())
    old = Expected(frozenset({signal["version"]}))
    world.get(signal["id"], world.uwv)
    moved = {"to": SignalStatus.PLANNED}
    assert refused(world.do, operations.move_signal, world.uwv, signal["id"], moved, old).status == 412
    assert refused(world.do, operations.change_signal, world.bakery, signal["id"], {}, old).status == 412
    assert refused(world.do, operations.move_signal, world.garage, signal["id"], moved, old).status == 404


# --- Facts --------------------------------------------------------------------------------------------------------


def test_the_phase_moves_by_its_table(world: SignalsWorld) -> None:
    signal_id = world.report(world.client(), phase=SignalPhase.ENDING_SOON, employee_informed=False)["id"]
    problem = refused(world.change, signal_id, phase=SignalPhase.DECIDED)
    assert [(error.pointer, error.code) for error in problem.errors] == [("/employeeInformed", "employee-not-informed")]
    changed = world.change(signal_id, phase=SignalPhase.DECIDED, employee_informed=True)
    assert changed["phase"] is SignalPhase.DECIDED
    assert world.heard(world.bakery)[-1] == (
        "changed",
        {"signalId": signal_id, "status": "reported", "phase": "decided"},
    )
    assert [error.code for error in refused(world.change, signal_id, employee_informed=False).errors] == [
        "employee-not-informed"
    ]
    problem = refused(world.change, signal_id, phase=SignalPhase.ENDING_SOON)
    assert (problem.code, problem.extra) == ("forbidden-transition", {"allowed": ["doubt", "ended"]})
    assert world.change(signal_id, phase=SignalPhase.DOUBT)["phase"] is SignalPhase.DOUBT
    assert world.steps(signal_id)[1:] == [
        ("phase_changed", "ending_soon", "decided", "employer"),
        ("facts_changed", None, None, "employer"),
        ("phase_changed", "decided", "doubt", "employer"),
    ]


def test_nothing_changed_is_not_told(world: SignalsWorld) -> None:
    signal_id = world.report(world.client())["id"]
    world.change(signal_id, phase=SignalPhase.DOUBT, expected_end_date=END)
    assert world.types(world.bakery) == ["reported"]
    assert [step[0] for step in world.steps(signal_id)] == ["reported"]


def test_what_uwv_corrects_leaves_the_employers_statement(world: SignalsWorld) -> None:
    signal_id = world.report(world.client())["id"]
    world.change(signal_id, world.uwv, expected_end_date=date(2026, 9, 30))
    assert world.get(signal_id)["expected_end_date"] == END
    inside = world.get(signal_id, world.uwv)
    assert inside["expected_end_date"] == date(2026, 9, 30)
    assert inside["handling"]["statements"][0]["expected_end_date"] == END
    assert "changed" not in world.types(world.bakery)


def test_who_did_not_report_reports_first(world: SignalsWorld) -> None:
    signal_id = world.report(world.client(jobcoach=True))["id"]
    assert refused(world.change, signal_id, world.jobcoaches, phase=SignalPhase.DECIDED).code == "report-first"
    world.move(signal_id, "withdrawn", world.bakery)
    assert refused(world.change, signal_id, phase=SignalPhase.DECIDED).code == "report-first"


# --- Plan and handover profile --------------------------------------------------------------------------------------


def test_a_plan_is_made_once_and_changed_with_its_version(world: SignalsWorld) -> None:
    signal_id = world.report(world.client())["id"]
    assert refused(world.do, operations.get_plan, world.uwv, signal_id).status == 404
    new = Expected(frozenset({NOT_THERE}))
    plan = world.do(operations.record_plan, world.uwv, signal_id, PLAN, new)
    assert plan["during_contract"] is False
    assert refused(world.do, operations.record_plan, world.uwv, signal_id, PLAN, new).status == 412
    other = PLAN | {"service": Service.NAAR_WERK}
    changed = world.do(operations.record_plan, world.uwv, signal_id, other, Expected(frozenset({plan["version"]})))
    assert (changed["service"], changed["version"]) == (Service.NAAR_WERK, plan["version"] + 1)


def test_the_employer_hands_over_and_uwv_reads(world: SignalsWorld) -> None:
    signal_id = world.report(world.client(jobcoach=True))["id"]
    made = world.do(operations.record_handover_profile, world.bakery, signal_id, PROFILE, ANY)
    assert made["certified_employer"] is False
    assert world.types(world.uwv) == ["reported", "changed"]
    certificate = {
        "level": PsoLevel.BASIS,
        "thirty_plus": False,
        "valid_from": date(2026, 1, 1),
        "valid_until": date(2027, 12, 31),
    }
    world.do(employers.record_certificate, world.desk, world.bakery.party.id, certificate, ANY)
    world.do(operations.record_handover_profile, world.bakery, signal_id, PROFILE | {"hours_held": None}, ANY)
    read = world.do(operations.get_handover_profile, world.uwv, signal_id)
    assert read["certified_employer"] is True
    assert (read["hours_held"], read["tasks_done_well"]) == (None, ["outdoor_work"])
    assert world.do(operations.get_handover_profile, world.bakery, signal_id) == read
    assert refused(world.do, operations.get_handover_profile, world.jobcoaches, signal_id).status == 404
    assert refused(world.do, operations.record_handover_profile, world.uwv, signal_id, PROFILE, ANY).status == 403


# --- The person's rights ----------------------------------------------------------------------------------------------


def exported_of(world: SignalsWorld, person_id: str) -> dict[str, Any]:
    assert ROOM.export is not None
    found: dict[str, Any] = world.do(ROOM.export, person_id)
    return found


def test_export_and_erasure(world: SignalsWorld) -> None:
    signal_id = world.report(world.client())["id"]
    world.do(operations.record_plan, world.uwv, signal_id, PLAN, ANY)
    world.do(operations.record_handover_profile, world.bakery, signal_id, PROFILE, ANY)
    person_id = world.get(signal_id, world.uwv)["handling"]["person_id"]
    (exported,) = exported_of(world, person_id)["contractEndSignals"]
    assert exported["id"] == signal_id
    (plan,) = exported_of(world, person_id)["contractEndPlans"]
    assert (plan["signalId"], plan["service"]) == (signal_id, Service.WERKFIT_MAKEN)
    [handed] = exported_of(world, person_id)["handoverProfiles"]
    assert (handed["by"], handed["whatHelps"]) == ("employer", ["fixed_tasks", "buddy"])
    before = world.get(signal_id)
    assert ROOM.erase is not None
    world.do(ROOM.erase, person_id)
    assert not any(exported_of(world, person_id).values())
    assert world.listed(world.uwv) == []
    assert refused(world.do, operations.get_handover_profile, world.desk, signal_id).status == 404
    assert {**world.get(signal_id), "version": 0} == {**before, "version": 0}
