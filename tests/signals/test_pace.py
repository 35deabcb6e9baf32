"""Time first, for who needs it: which clocks stand still, and how they go on. And the start interview."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from service.access.actor import Actor
from service.kernel.problems import Problem
from service.kernel.requests import NOT_THERE, Expected
from service.signals import deadlines
from service.signals.deadlines import NextStepCode
from service.signals.models import Signal
from service.signals.pace import operations as pace
from service.signals.pace.rules import PaceError, interview_error, pause_error
from service.signals.pace.schemas import PauseBody, StartInterviewBody
from service.signals.plans.operations import record_plan
from service.signals.plans.schemas import PlanBody
from service.signals.rules import Outcome, SignalPhase, SignalStatus
from service.signals.steps import InterviewResult
from tests.signals.signals_world import ANY, SignalsWorld

ESCALATION, PAUSE_OVER, ENDED = "signals.escalation", "signals.pause-over", "signals.ended"
TODAY = date(2026, 3, 2)
PLAN = PlanBody().load({"service": "naar_werk", "startDate": "2026-04-01", "lead": "aid"})
days = st.dates(date(2024, 1, 1), date(2060, 1, 1))


# --- Rules ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("until", "error"),
    [
        (date(2026, 3, 1), PaceError.TOO_SOON),
        (TODAY, PaceError.TOO_SOON),
        (date(2026, 3, 3), None),
        (date(2027, 3, 2), None),
        (date(2027, 3, 3), PaceError.TOO_LATE),
    ],
)
def test_a_pause_lasts_into_the_coming_twelve_months(until: date, error: PaceError | None) -> None:
    assert pause_error(until, TODAY) is error


def test_an_interview_that_was_held_has_its_day() -> None:
    assert interview_error(InterviewResult.HELD, TODAY, TODAY, TODAY) is None
    assert interview_error(InterviewResult.HELD, None, TODAY, TODAY) is PaceError.REQUIRED
    assert interview_error(InterviewResult.HELD, date(2026, 3, 3), TODAY, TODAY) is PaceError.IN_THE_FUTURE
    assert interview_error(InterviewResult.HELD, date(1900, 1, 1), TODAY, TODAY) is PaceError.TOO_LONG_AGO
    assert interview_error(InterviewResult.NOT_NEEDED, None, TODAY, TODAY) is None
    assert interview_error(InterviewResult.NOT_NEEDED, TODAY, TODAY, TODAY) is PaceError.NOT_HELD


def test_each_live_status_has_a_clock_and_no_answer_waits_for_the_person() -> None:
    assert set(deadlines.CLOCKS) == {SignalStatus.REPORTED, SignalStatus.ACKNOWLEDGED, SignalStatus.PLANNED}
    assert not deadlines.CLOCKS[SignalStatus.REPORTED].stops_in_pause
    assert [status for status, clock in deadlines.CLOCKS.items() if not clock.told_outside] == [SignalStatus.PLANNED]


@pytest.mark.parametrize("phase", SignalPhase)
@pytest.mark.parametrize("status", list(deadlines.CLOCKS))
def test_a_pause_takes_a_day_away_and_leaves_the_step(status: SignalStatus, phase: SignalPhase) -> None:
    named: dict[str, Any] = dict.fromkeys(("acknowledge_by", "plan_by", "end", "start_interview_by"), TODAY)
    step = deadlines.next_step(status, phase, **named)
    paused = deadlines.next_step(status, phase, **named, paused=True)
    assert step is not None
    assert paused is not None
    stopped = step.what in (NextStepCode.MAKE_PLAN, NextStepCode.START_INTERVIEW)
    assert paused == (step._replace(by=None) if stopped else step)


@given(days, st.none() | days)
@settings(max_examples=50, deadline=None)
def test_after_a_pause_nobody_is_hurried(day_0: date, end: date | None) -> None:
    fresh = deadlines.plan_by_from(day_0, end)
    assert fresh > day_0
    if end is None or end <= day_0:
        assert fresh == deadlines.plan_by(day_0, None)
    else:
        assert fresh == deadlines.plan_by(day_0, end)


@given(days, st.none() | days, st.none() | days)
@settings(max_examples=50, deadline=None)
def test_an_interview_is_never_due_before_there_was_time(by: date, planned: date | None, resumed: date | None) -> None:
    due = deadlines.interview_due(by, planned=planned, resumed=resumed)
    assert due >= by
    assert planned is None or due > planned
    assert resumed is None or due >= resumed + timedelta(days=28)


# --- A pause --------------------------------------------------------------------------------------------------------


def pause(world: SignalsWorld, signal_id: str, until: str, actor: Actor | None = None, **more: Any) -> dict[str, Any]:
    body = PauseBody().load({"pausedUntil": until, "wish": "person"})
    expected = more.get("expected", ANY)
    found: dict[str, Any] = world.do(pace.record_pause, actor or world.uwv, signal_id, body, expected)
    return found


def acknowledged(world: SignalsWorld, employment_id: str, actor: Actor | None = None, **more: Any) -> str:
    signal_id: str = world.report(employment_id, **more)["id"]
    world.move(signal_id, "acknowledged", actor or world.uwv)
    return signal_id


def test_a_pause_stops_the_plan_and_not_the_answer(world: SignalsWorld) -> None:
    signal_id = world.report(world.client(disclosed=True))["id"]
    pause(world, signal_id, "2026-06-30")
    assert world.get(signal_id)["next_step"]["by"] == date(2026, 3, 5)
    world.clock.day = date(2026, 3, 6)
    assert world.tick(ESCALATION) == [signal_id]
    world.move(signal_id, "acknowledged")
    step = world.get(signal_id)["next_step"]
    assert (step["what"], step["by"]) == (NextStepCode.MAKE_PLAN, None)
    assert world.get(signal_id, world.uwv)["handling"]["paused_until"] == date(2026, 6, 30)
    world.clock.day = date(2026, 6, 29)
    assert world.tick(ESCALATION) == world.tick(PAUSE_OVER) == []


def test_a_pause_takes_back_what_was_passed_on_for_it(world: SignalsWorld) -> None:
    signal_id = acknowledged(world, world.client(disclosed=True))
    world.clock.day = date(2026, 3, 24)
    assert world.tick(ESCALATION) == [signal_id]
    assert world.get(signal_id)["escalation"]
    pause(world, signal_id, "2026-06-30")
    assert world.get(signal_id)["escalation"] is None
    world.clock.day = date(2026, 3, 27)
    assert world.tick(ESCALATION) == []


@pytest.mark.parametrize(("runs_on", "plan_by"), [("2026-07-01", "2026-07-21"), ("2026-08-10", "2026-08-28")])
def test_the_clock_goes_on_once_also_after_a_standstill(world: SignalsWorld, runs_on: str, plan_by: str) -> None:
    signal_id = acknowledged(world, world.client(disclosed=True))
    pause(world, signal_id, "2026-06-30")
    world.clock.day = date(2026, 6, 30)
    assert world.tick(PAUSE_OVER) == []
    world.clock.day = date.fromisoformat(runs_on)
    assert world.tick(ESCALATION) == []
    assert world.tick(PAUSE_OVER) == [signal_id]
    assert world.tick(PAUSE_OVER) == world.tick(ESCALATION) == []
    assert world.get(signal_id)["next_step"]["by"] == date.fromisoformat(plan_by)
    assert world.steps(signal_id, world.uwv)[-2:] == [
        ("paused", None, "2026-06-30", "uwv"),
        ("pause_ended", "2026-06-30", None, "system"),
    ]
    [mail] = [each for each in world.mails() if each[0] == "signal-pause-over"]
    assert mail[1] == "ada@uwv.example"
    assert "Maak samen uiterlijk op" in mail[2]
    world.clock.day = date.fromisoformat(plan_by) + timedelta(days=3)
    assert world.tick(ESCALATION) == [signal_id]


def test_a_pause_is_renewed_and_ended_by_hand(world: SignalsWorld) -> None:
    signal_id = acknowledged(world, world.client())
    with pytest.raises(Problem, match="404"):
        world.do(pace.get_pause, world.uwv, signal_id)
    new = Expected(frozenset({NOT_THERE}))
    made = pause(world, signal_id, "2026-06-30", expected=new)
    assert (made["by"], made["recorded_on"], made["wish"]) == ("uwv", TODAY, "person")
    with pytest.raises(Problem, match="412"):
        pause(world, signal_id, "2026-07-31", expected=new)
    world.clock.day = date(2026, 6, 1)
    again = pause(world, signal_id, "2027-05-31", world.desk, expected=Expected(frozenset({made["version"]})))
    assert world.do(pace.get_pause, world.uwv, signal_id) == again
    with pytest.raises(Problem, match="invalid-input"):
        pause(world, signal_id, "2027-06-02")
    world.do(pace.end_pause, world.uwv, signal_id)
    assert world.get(signal_id)["next_step"]["by"] == date(2026, 6, 22)
    with pytest.raises(Problem, match="404"):
        world.do(pace.end_pause, world.uwv, signal_id)
    assert [step[:3] for step in world.steps(signal_id, world.uwv)[-3:]] == [
        ("paused", None, "2026-06-30"),
        ("paused", "2026-06-30", "2027-05-31"),
        ("pause_ended", "2027-05-31", None),
    ]
    for actor in (world.bakery, world.jobcoaches):
        with pytest.raises(Problem, match="403"):
            pause(world, signal_id, "2026-06-30", actor)


def test_an_employer_cannot_tell_whose_clocks_stand_still(world: SignalsWorld) -> None:
    """The same course, once for a client whose link is not disclosed, once for somebody whom UWV does not know."""
    both = [(world.report(world.client())["id"], world.uwv), (world.report(world.stranger())["id"], world.desk)]
    before = [world.types(world.bakery)]

    def same() -> None:
        views = []
        for signal_id, _ in both:
            view = world.get(signal_id)
            hidden = {"id", "version", "number", "employment_id", "receipt"}
            steps = [step[:3] for step in world.steps(signal_id)]
            views.append(({name: value for name, value in view.items() if name not in hidden}, steps))
        assert views[0] == views[1]
        heard = [data for _, data in world.heard(world.bakery)]
        assert len([1 for data in heard if data["signalId"] == both[0][0]]) * 2 == len(heard)

    for day, what in (
        (date(2026, 3, 3), lambda signal_id, actor: world.move(signal_id, "acknowledged", actor)),
        (date(2026, 3, 25), lambda signal_id, actor: None),
        (date(2026, 3, 26), lambda signal_id, actor: pause(world, signal_id, "2026-06-30", actor)),
        (date(2026, 4, 7), lambda signal_id, actor: world.change(signal_id, expected_end_date=date(2026, 7, 7))),
        (date(2026, 7, 1), lambda signal_id, actor: None),
        (date(2026, 7, 8), lambda signal_id, actor: None),
    ):
        world.clock.day = day
        for signal_id, actor in both:
            what(signal_id, actor)
        for timer in (PAUSE_OVER, ENDED, ESCALATION):
            world.tick(timer)
        same()
    assert "paused" not in repr([world.steps(each) for each, _ in both])
    assert before != [world.types(world.bakery)]


def test_a_pause_is_told_on_uwvs_side_only(world: SignalsWorld) -> None:
    signal_id = acknowledged(world, world.client(disclosed=True, jobcoach=True))
    heard = world.types(world.bakery), world.types(world.jobcoaches)
    pause(world, signal_id, "2026-06-30")
    assert (world.types(world.bakery), world.types(world.jobcoaches)) == heard
    assert world.types(world.uwv)[-1] == "changed"
    seen = repr([world.get(signal_id), world.history(signal_id), world.listed()])
    assert "pause" not in seen
    assert "2026-06-30" not in seen


def test_an_end_that_moves_during_a_pause_counts_after_it(world: SignalsWorld) -> None:
    signal_id = acknowledged(world, world.client(disclosed=True))
    pause(world, signal_id, "2026-06-30")
    world.change(signal_id, expected_end_date=date(2026, 7, 10))
    assert world.get(signal_id)["next_step"]["by"] is None
    world.clock.day = date(2026, 7, 1)
    world.tick(PAUSE_OVER)
    assert world.get(signal_id)["next_step"]["by"] == date(2026, 7, 9)
    world.change(signal_id, expected_end_date=date(2026, 12, 31))
    assert world.get(signal_id)["next_step"]["by"] == date(2026, 7, 21)


def test_what_begins_anew_begins_without_a_pause(world: SignalsWorld) -> None:
    signal_id = acknowledged(world, world.client(disclosed=True))
    pause(world, signal_id, "2026-06-30")
    world.move(signal_id, "withdrawn", world.bakery)
    with pytest.raises(Problem, match="signal-not-live"):
        pause(world, signal_id, "2026-07-31")
    world.clock.day = date(2026, 7, 2)
    assert world.tick(PAUSE_OVER) == []
    world.move(signal_id, "reported", world.bakery)
    assert world.get(signal_id, world.uwv)["handling"]["paused_until"] is None
    world.move(signal_id, "acknowledged")
    assert world.get(signal_id)["next_step"]["by"] == date(2026, 7, 23)
    pause(world, signal_id, "2026-09-30")
    world.move(signal_id, "closed", outcome=Outcome.STAYS)
    assert world.get(signal_id, world.uwv)["handling"]["paused_until"] is None
    world.move(signal_id, "acknowledged")
    assert world.get(signal_id)["next_step"]["by"] == date(2026, 7, 23)


def test_an_employers_report_of_what_it_could_not_see_begins_without_a_pause(world: SignalsWorld) -> None:
    employment_id = world.client(end_date=date(2026, 5, 29))
    world.tick("signals.early-warning")
    [early] = world.listed(world.uwv)
    world.move(early["id"], "acknowledged")
    pause(world, early["id"], "2026-06-30")
    signal_id = world.report(employment_id, expected_end_date=date(2026, 5, 29))["id"]
    assert signal_id == early["id"]
    assert world.get(signal_id)["next_step"]["by"] == date(2026, 3, 5)
    with pytest.raises(Problem, match="404"):
        world.do(pace.get_pause, world.uwv, signal_id)


def test_another_contact_finds_the_pause(world: SignalsWorld) -> None:
    signal_id = acknowledged(world, world.client(disclosed=True))
    pause(world, signal_id, "2026-06-30")
    world.clock.day = date(2026, 3, 9)
    world.assign("123456782", world.caseworker("Cas Citroen", email="cas@uwv.example"))
    world.clock.day = date(2026, 7, 1)
    world.tick(PAUSE_OVER)
    assert [each[1] for each in world.mails() if each[0] == "signal-pause-over"] == ["cas@uwv.example"]


# --- The start interview --------------------------------------------------------------------------------------------

LAST_DAY = date(2026, 4, 30)


def ended(world: SignalsWorld, employment_id: str, planned_on: date = date(2026, 3, 3)) -> str:
    """Planned, and the contract has ended on 30 April: the interview is due on 28 May 2026, a Thursday."""
    signal_id: str = world.report(employment_id, phase=SignalPhase.DECIDED, expected_end_date=LAST_DAY)["id"]
    world.move(signal_id, "acknowledged")
    world.do(record_plan, world.uwv, signal_id, PLAN, ANY)
    world.clock.day = planned_on
    world.move(signal_id, "planned")
    world.clock.day = max(planned_on, date(2026, 5, 1))
    world.tick(ENDED)
    return signal_id


def interview(world: SignalsWorld, signal_id: str, **body: Any) -> dict[str, Any]:
    data = StartInterviewBody().load(body)
    found: dict[str, Any] = world.do(pace.record_start_interview, world.uwv, signal_id, data, ANY)
    return found


@pytest.mark.parametrize("disclosed", [True, False])
def test_an_interview_that_nobody_holds_is_passed_on(world: SignalsWorld, disclosed: bool) -> None:
    signal_id = ended(world, world.client(disclosed=disclosed, jobcoach=True))
    step = world.get(signal_id, world.uwv)["next_step"]
    assert (step["what"], step["by"]) == (NextStepCode.START_INTERVIEW, date(2026, 5, 28))
    seen = [(world.get(signal_id), world.steps(signal_id), world.types(world.bakery)), world.types(world.jobcoaches)]
    for day, level in ((date(2026, 5, 28), None), (date(2026, 5, 29), "backup"), (date(2026, 6, 1), "desk")):
        world.clock.day = day
        assert world.tick(ESCALATION) == ([signal_id] if level else [])
        found = world.get(signal_id, world.uwv)["escalation"]
        assert (found and found["level"].value) == level
    after = [(world.get(signal_id), world.steps(signal_id), world.types(world.bakery)), world.types(world.jobcoaches)]
    assert after == seen
    assert world.types(world.uwv)[-1] == world.types(world.desk)[-1] == "escalated"
    texts = [each[2] for each in world.mails() if each[0] == "signal-escalated"]
    assert len(texts) == 2
    assert all("wacht op een startgesprek" in text for text in texts)


def test_an_interview_that_was_held_is_waited_for_no_more(world: SignalsWorld) -> None:
    signal_id = ended(world, world.client(disclosed=True))
    world.clock.day = date(2026, 5, 29)
    world.tick(ESCALATION)
    with pytest.raises(Problem, match="404"):
        world.do(pace.get_start_interview, world.uwv, signal_id)
    with pytest.raises(Problem, match="invalid-input"):
        interview(world, signal_id, result="held")
    made = interview(world, signal_id, result="held", startInterviewHeldOn="2026-05-29")
    assert (made["held_on"], made["due_on"]) == (date(2026, 5, 29), date(2026, 5, 28))
    assert world.do(pace.get_start_interview, world.desk, signal_id) == made
    inside = world.get(signal_id, world.uwv)
    assert (inside["next_step"], inside["escalation"]) == (None, None)
    world.clock.day = date(2026, 6, 5)
    assert world.tick(ESCALATION) == []
    world.do(pace.take_back_start_interview, world.uwv, signal_id)
    assert world.tick(ESCALATION) == [signal_id]
    interview(world, signal_id, result="not_needed")
    assert [step[:3] for step in world.steps(signal_id, world.uwv) if step[0] == "start_interview_recorded"] == [
        ("start_interview_recorded", None, "held"),
        ("start_interview_recorded", "held", None),
        ("start_interview_recorded", None, "not_needed"),
    ]
    assert "interview" not in repr([world.get(signal_id)["next_step"], world.steps(signal_id)])


def test_who_plans_late_has_a_day_for_the_interview(world: SignalsWorld) -> None:
    signal_id = ended(world, world.client(disclosed=True), planned_on=date(2026, 6, 12))
    assert world.get(signal_id, world.uwv)["next_step"]["by"] == date(2026, 6, 15)
    assert world.tick(ESCALATION) == []
    world.clock.day = date(2026, 6, 16)
    assert world.tick(ESCALATION) == [signal_id]


def test_a_pause_stops_the_interview_too(world: SignalsWorld) -> None:
    signal_id = ended(world, world.client(disclosed=True))
    pause(world, signal_id, "2026-08-31")
    assert world.get(signal_id, world.uwv)["next_step"]["by"] is None
    world.clock.day = date(2026, 9, 1)
    assert world.tick(ESCALATION) == []
    assert world.tick(PAUSE_OVER) == [signal_id]
    assert world.get(signal_id, world.uwv)["next_step"]["by"] == date(2026, 9, 28)
    assert world.rows(select(Signal.escalate_on)) == [(date(2026, 9, 29),)]


def test_the_interview_is_counted_from_the_end_that_uwv_knows(world: SignalsWorld) -> None:
    signal_id = acknowledged(world, world.client(), phase=SignalPhase.DECIDED, expected_end_date=None)
    world.change(signal_id, world.uwv, expected_end_date=LAST_DAY)
    world.do(record_plan, world.uwv, signal_id, PLAN, ANY)
    world.move(signal_id, "planned")
    world.clock.day = date(2026, 5, 1)
    world.tick(ENDED)
    world.clock.day = date(2026, 5, 29)
    assert world.tick(ESCALATION) == [signal_id]
    assert world.get(signal_id)["escalation"] is None


def test_an_end_that_is_changed_after_all_moves_the_interview(world: SignalsWorld) -> None:
    signal_id = ended(world, world.client(disclosed=True))
    world.change(signal_id, expected_end_date=date(2026, 5, 8))
    assert world.get(signal_id, world.uwv)["next_step"]["by"] == date(2026, 6, 5)
    world.clock.day = date(2026, 6, 5)
    assert world.tick(ESCALATION) == []
