"""What is handed over, by whom, and who reads it; and what the person says beside it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from service.access.actor import Actor
from service.access.rules import PartyKind
from service.contacts.rules import ConsentMeans
from service.kernel.problems import Problem
from service.kernel.requests import NOT_THERE, Expected
from service.reference.work_codes import WorkCondition, WorkDemand
from service.signals.profiles import operations
from service.signals.profiles.rules import WayToWork, asks_profile, hours_fit
from service.signals.room import ROOM
from service.signals.rules import Consent, EndReason, SignalPhase
from tests.signals.imports_kit import row, send
from tests.signals.signals_world import ANY, SignalsWorld

KNOWN: dict[str, Any] = {
    "tasks_done_well": [WorkDemand.OUTDOOR_WORK],
    "hours_held": 24,
    "hours_held_min": 16,
    "what_helps": [WorkCondition.BUDDY],
    "what_was_missing": [WorkCondition.QUIET_WORKPLACE],
    "growth_wishes": [WorkDemand.CUSTOMER_CONTACT],
    "came_by": [WayToWork.BICYCLE],
}
SAID: dict[str, Any] = KNOWN | {
    "hours_held": None,
    "hours_held_min": None,
    "opinions": [{"topic": "hours", "opinion": "differs"}, {"topic": "tasks", "opinion": "agrees"}],
    "wants_hours_min": 12,
    "wants_hours_max": 16,
    "wants_conditions": [WorkCondition.SMALL_TEAM],
    "not_now": True,
    "contradicted_reason": EndReason.HOURS_DO_NOT_FIT,
    "contradicts_phase": False,
    "told_on": date(2026, 3, 2),
    "means": ConsentMeans.CONVERSATION,
}
NEW = Expected(frozenset({NOT_THERE}))


def hand_over(world: SignalsWorld, signal_id: str, actor: Actor, expected: Expected = ANY, **more: Any) -> Any:
    return world.do(operations.record_handover_profile, actor, signal_id, KNOWN | more, expected)


def read(world: SignalsWorld, signal_id: str, actor: Actor, by: str | None = None) -> Any:
    try:
        return world.do(operations.get_handover_profile, actor, signal_id, by)
    except Problem as problem:
        return problem.status


def refused(world: SignalsWorld, operation: Any, *arguments: Any) -> tuple[int, list[tuple[str | None, str]]]:
    with pytest.raises(Problem) as caught:
        world.do(operation, *arguments)
    return caught.value.status, [(error.pointer, error.code) for error in caught.value.errors]


# --- Asked once -------------------------------------------------------------------------------------------------


def test_when_it_is_asked() -> None:
    asked = [
        (kind, phase)
        for kind in PartyKind
        for phase in SignalPhase
        if asks_profile(kind, phase, asked=False, given=False)
    ]
    assert asked == [(PartyKind.EMPLOYER, SignalPhase.DECIDED), (PartyKind.EMPLOYER, SignalPhase.ENDED)]
    assert not asks_profile(*asked[0], asked=True, given=False)
    assert not asks_profile(*asked[0], asked=False, given=True)
    assert [hours_fit(*each) for each in ((None, None), (None, 8), (8, 8), (9, 8), (8, None))] == [True] * 3 + [
        False
    ] * 2


def test_the_employer_is_asked_once_when_it_says_that_it_is_decided(world: SignalsWorld) -> None:
    """By report, by change, by file and where it joins; alike whether UWV knows the person or not."""
    today, nothing = {"asked_on": world.clock.day, "given_on": None}, {"asked_on": None, "given_on": None}
    changed = world.client()
    signal_id = world.report(changed)["id"]
    assert world.get(signal_id)["handover_profile"] == nothing
    assert world.change(signal_id, phase=SignalPhase.DECIDED)["handover_profile"] == today
    assert world.get(signal_id, world.uwv)["handover_profile"] == today
    assert world.report(world.stranger(), phase=SignalPhase.DECIDED)["handover_profile"] == today
    joined = world.client("100000009", jobcoach=True)
    beside = world.report(joined, world.jobcoaches, phase=SignalPhase.DECIDED)
    assert beside["handover_profile"] is None
    assert world.get(beside["id"], world.uwv)["handover_profile"] == nothing
    assert world.report(joined, phase=SignalPhase.DECIDED)["handover_profile"] == today
    in_file = [world.stranger("100000010"), world.client("100000022")]
    for receipt in send(world, [row(each, fase="besloten") for each in in_file])["receipts"].values():
        assert world.get(receipt["signal_id"])["handover_profile"] == today
    # Not a second time for the same employment.
    world.clock.day = date(2026, 3, 9)
    world.change(signal_id, phase=SignalPhase.DOUBT)
    assert world.change(signal_id, phase=SignalPhase.DECIDED)["handover_profile"] == today
    world.move(signal_id, "withdrawn", world.bakery)
    again = world.report(changed, phase=SignalPhase.DECIDED)
    assert again["id"] != signal_id
    assert again["handover_profile"] == today


def test_what_was_handed_over_before_is_not_asked(world: SignalsWorld) -> None:
    employment_id = world.client()
    first = world.report(employment_id)["id"]
    hand_over(world, first, world.bakery, NEW)
    world.move(first, "withdrawn", world.bakery)
    second = world.report(employment_id, phase=SignalPhase.DECIDED)
    assert second["handover_profile"] == {"asked_on": None, "given_on": world.clock.day}
    found = read(world, second["id"], world.uwv)
    assert (found["signal_id"], found["what_was_missing"]) == (second["id"], ["quiet_workplace"])
    changed = hand_over(world, second["id"], world.bakery, Expected(frozenset({found["version"]})), hours_held=32)
    assert (changed["version"], changed["hours_held"]) == (found["version"] + 1, 32)


# --- Who reads what ---------------------------------------------------------------------------------------------


def test_each_hands_over_its_own(world: SignalsWorld) -> None:
    employment_id = world.client(jobcoach=True, disclosed=True)
    signal_id = world.report(employment_id)["id"]
    hand_over(world, signal_id, world.bakery)
    before = world.types(world.bakery), world.get(signal_id), world.history(signal_id)
    hand_over(world, signal_id, world.jobcoaches, hours_held=8, hours_held_min=None)
    assert (world.types(world.bakery), world.get(signal_id), world.history(signal_id)) == before
    assert [read(world, signal_id, who)["hours_held"] for who in (world.bakery, world.jobcoaches)] == [24, 8]
    assert read(world, signal_id, world.bakery, "jobcoach_organisation") == 404
    assert read(world, signal_id, world.jobcoaches, "employer") == 404
    assert [read(world, signal_id, world.uwv, by)["hours_held"] for by in (None, "jobcoach_organisation")] == [24, 8]
    assert read(world, signal_id, world.garage) == 404
    hand_over(world, signal_id, world.bakery, what_helps=[])
    texts = [text for template, to, text in world.mails() if template == "handover-profile-given"]
    assert [text.partition(" bij melding")[2].partition("bij melding")[0].split()[1:3] for text in texts] == [
        ["De", "werkgever"],
        ["De", "jobcoachorganisatie"],
    ]
    assert refused(world, operations.record_handover_profile, world.uwv, signal_id, KNOWN, ANY)[0] == 403


def test_a_jobcoach_that_alone_knows_of_it(world: SignalsWorld) -> None:
    """The employer does not see the signal: nor does it hear of the profile."""
    signal_id = world.report(world.client(jobcoach=True), world.jobcoaches)["id"]
    hand_over(world, signal_id, world.jobcoaches)
    assert (world.types(world.bakery), read(world, signal_id, world.bakery)) == ([], 404)
    assert world.types(world.jobcoaches) == ["reported", "changed"]
    assert read(world, signal_id, world.uwv) == 404
    assert read(world, signal_id, world.uwv, "jobcoach_organisation")["certified_employer"] is False


# --- The person's own view --------------------------------------------------------------------------------------


def test_the_persons_view_stands_beside_it(world: SignalsWorld) -> None:
    signal_id = world.report(world.client(jobcoach=True, disclosed=True))["id"]
    outside = world.bakery, world.jobcoaches
    world.get(signal_id, world.uwv)
    before = [(world.get(signal_id, who), world.types(who), world.history(signal_id, who)) for who in outside]
    made = world.do(operations.record_own_view, world.uwv, signal_id, SAID, NEW)
    assert (made["recorded_by"], made["recorded_on"]) == ("Ada de Vries", world.clock.day)
    assert made["opinions"] == SAID["opinions"]
    assert (made["wants_hours_max"], made["not_now"]) == (16, True)
    assert world.do(operations.get_own_view, world.desk, signal_id) == made
    for who, seen in zip(outside, before, strict=True):
        assert (world.get(signal_id, who), world.types(who), world.history(signal_id, who)) == seen
        assert refused(world, operations.get_own_view, who, signal_id)[0] == 403
        assert refused(world, operations.record_own_view, who, signal_id, SAID, ANY)[0] == 403
    assert "own_view_recorded" in [step[0] for step in world.steps(signal_id, world.uwv)]
    later = SAID | {"told_on": date(2026, 3, 3)}
    assert refused(world, operations.record_own_view, world.uwv, signal_id, later, ANY) == (
        400,
        [("/toldOn", "in-the-future")],
    )
    assert refused(world, operations.record_own_view, world.uwv, signal_id, SAID, NEW)[0] == 412


def test_what_was_said_goes_along_to_where_the_case_goes_on(world: SignalsWorld) -> None:
    employment_id = world.client(jobcoach=True)
    first = world.report(employment_id)["id"]
    world.report(employment_id, world.jobcoaches)
    hand_over(world, first, world.jobcoaches)
    said = world.do(operations.record_own_view, world.uwv, first, SAID, NEW)
    against = world.get(first, world.uwv)["handling"]["contradiction"]
    world.clock.day = date(2026, 3, 3)
    world.move(first, "withdrawn", world.bakery)
    world.clock.day = date(2026, 3, 4)
    second = world.report(employment_id)["id"]
    assert second != first
    assert world.do(operations.get_own_view, world.uwv, second) == said | {"signal_id": second}
    assert world.get(second, world.uwv)["handling"]["contradiction"] == against is not None
    assert world.get(first, world.uwv)["handling"]["contradiction"] is None
    assert read(world, second, world.jobcoaches)["signal_id"] == second


def test_a_statement_can_be_contradicted(world: SignalsWorld) -> None:
    signal_id = world.report(world.client(disclosed=True), consent_to_contact_employer=Consent.GRANTED)["id"]
    assert world.get(signal_id, world.uwv)["handling"]["contradiction"] is None
    world.do(operations.record_own_view, world.uwv, signal_id, SAID, ANY)
    handling = world.get(signal_id, world.uwv)["handling"]
    assert handling["contradiction"] == {
        "reason": EndReason.HOURS_DO_NOT_FIT,
        "phase": False,
        "told_on": date(2026, 3, 2),
        "means": ConsentMeans.CONVERSATION,
    }
    assert handling["statements"][0]["end_reason"] is EndReason.LESS_WORK
    assert world.get(signal_id)["end_reason"] is EndReason.LESS_WORK
    assert "hours_do_not_fit" not in repr(world.get(signal_id)) + repr(world.heard(world.bakery))
    assert ROOM.export is not None
    person_id = handling["person_id"]
    exported = world.do(ROOM.export, person_id)
    assert exported["contractEndSignals"][0]["contradiction"]["endReason"] is EndReason.HOURS_DO_NOT_FIT
    assert exported["ownViews"][0]["contradictedReason"] == "hours_do_not_fit"
    agreed = SAID | {"contradicted_reason": None}
    world.do(operations.record_own_view, world.uwv, signal_id, agreed, ANY)
    assert world.get(signal_id, world.uwv)["handling"]["contradiction"] is None
    world.do(operations.record_own_view, world.uwv, signal_id, SAID, ANY)
    assert ROOM.erase is not None
    world.do(ROOM.erase, person_id)
    assert world.get(signal_id, world.desk)["handling"]["contradiction"] is None
    assert refused(world, operations.get_own_view, world.desk, signal_id)[0] == 404
