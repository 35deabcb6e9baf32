"""The timeline of a signal: composed from what its reader sees, and from nothing else."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.access.rules import PartyKind
from service.kernel.clock import amsterdam_day
from service.kernel.problems import Problem
from service.signals import operations
from service.signals.deadlines import employer_next_step, next_step
from service.signals.rules import Outcome, SignalPhase, SignalStatus
from service.signals.steps import StepKind
from service.signals.timeline import CONTRACT_ENDS, STEP_TEXT, Course, TimelineEntry, TimelineState, timeline
from tests.signals.signals_world import ANY, SignalsWorld
from tests.signals.test_views_per_party import PLAN

MONDAY = date(2026, 3, 2)
END = date(2026, 6, 30)
ACKNOWLEDGE_BY, PLAN_BY, INTERVIEW_BY = date(2026, 3, 5), date(2026, 3, 26), date(2026, 7, 28)


def course(reader: PartyKind = PartyKind.EMPLOYER, **more: Any) -> Course:
    """How far a signal is, with the next step that its reader has."""
    status = more.pop("status", SignalStatus.REPORTED)
    phase, end = more.pop("phase", SignalPhase.DECIDED), more.pop("end", END)
    step = next_step(
        status,
        phase,
        acknowledge_by=ACKNOWLEDGE_BY,
        plan_by=PLAN_BY,
        end=end,
        start_interview_by=INTERVIEW_BY,
    )
    inside = reader in (PartyKind.UWV, PartyKind.DESK)
    return Course(
        reader=reader,
        status=status,
        phase=phase,
        end=end,
        plan_by=PLAN_BY,
        start_interview_by=INTERVIEW_BY if inside else None,
        asked=PartyKind.EMPLOYER,
        next=step if inside else employer_next_step(step),
        number="SP-AAAAA-BBBBB",
    )


def step(day: date, what: StepKind, to: str | None = None, by: PartyKind = PartyKind.UWV, **more: Any) -> Any:
    at = datetime(day.year, day.month, day.day, 11, tzinfo=UTC)
    return {"at": at, "what": what, "from_value": None, "to_value": to, "reason": None, "by": by} | more


def brief(entries: list[TimelineEntry]) -> list[tuple[str, str, date | None]]:
    return [(entry.state.value, entry.what, entry.on) for entry in entries]


REPORTED = step(MONDAY, StepKind.REPORTED, "decided", PartyKind.EMPLOYER)


def test_a_fresh_report_shows_the_whole_way() -> None:
    entries = timeline(course(), [REPORTED], MONDAY)
    assert brief(entries) == [
        ("done", "reported", MONDAY),
        ("now", "acknowledge", ACKNOWLEDGE_BY),
        ("ahead", "make_plan", PLAN_BY),
        ("ahead", "carry_out_plan", END),
        ("ahead", "contract_ends", END),
    ]
    assert [entry.text.nl for entry in entries] == [
        "Wij ontvingen uw melding. Het nummer is SP-AAAAA-BBBBB.",
        "UWV of het Servicepunt pakt de melding op, uiterlijk op 5 maart 2026.",
        "UWV of het Servicepunt maakt een plan, uiterlijk op 26 maart 2026.",
        "UWV of het Servicepunt voert het plan uit, uiterlijk op 30 juni 2026.",
        "Het contract eindigt op 30 juni 2026. Daarna hoort u niets meer over deze werknemer, tenzij de werknemer dat "
        "wil.",
    ]
    assert entries[1].text.en == "UWV or the desk picks up the report, by 5 March 2026 at the latest."
    assert [entry.at is None for entry in entries] == [False, True, True, True, True]


def test_inside_the_interview_lies_ahead() -> None:
    entries = timeline(course(PartyKind.UWV, status=SignalStatus.PLANNED), [], MONDAY)
    assert brief(entries) == [
        ("now", "carry_out_plan", END),
        ("ahead", "contract_ends", END),
        ("ahead", "start_interview", INTERVIEW_BY),
    ]
    after = timeline(
        course(PartyKind.UWV, status=SignalStatus.PLANNED, phase=SignalPhase.ENDED), [], END + timedelta(days=2)
    )
    assert brief(after) == [("done", "contract_ends", END), ("now", "start_interview", INTERVIEW_BY)]


def test_in_doubt_it_is_the_turn_of_who_is_asked() -> None:
    entries = timeline(course(status=SignalStatus.PLANNED, phase=SignalPhase.DOUBT), [], MONDAY)
    assert brief(entries) == [("now", "tell_decision", None), ("ahead", "contract_ends", END)]
    assert entries[0].text.nl == "De werkgever laat weten of het contract doorgaat."
    assert entries[0].by is PartyKind.EMPLOYER
    assert entries[1].text.nl == "De verwachte einddatum is 30 juni 2026."
    fresh = timeline(course(phase=SignalPhase.DOUBT), [], MONDAY)
    assert [entry.what for entry in fresh] == ["acknowledge", "make_plan", "tell_decision", "contract_ends"]


def test_after_the_end_date_an_employer_hears_no_more() -> None:
    later = END + timedelta(days=10)
    history = [
        REPORTED,
        step(MONDAY, StepKind.STATUS_CHANGED, "planned"),
        step(END + timedelta(days=1), StepKind.PHASE_CHANGED, "ended", PartyKind.SYSTEM),
        step(later, StepKind.VACANCY_CHANGED, "filled"),
        step(later, StepKind.STATUS_CHANGED, "closed"),
        step(later, StepKind.STATUS_CHANGED, "acknowledged", from_value="closed"),
    ]
    seen = course(status=SignalStatus.PLANNED, phase=SignalPhase.ENDED)
    assert brief(timeline(seen, history, later)) == [
        ("done", "reported", MONDAY),
        ("done", "status_changed", MONDAY),
        ("done", "contract_ends", END),
        ("done", "vacancy_changed", later),
    ]
    inside = timeline(course(PartyKind.UWV, status=SignalStatus.PLANNED, phase=SignalPhase.ENDED), history, later)
    assert len([entry for entry in inside if entry.state is TimelineState.DONE]) == 7


def test_who_reports_after_the_end_is_still_answered() -> None:
    today = END + timedelta(days=3)
    late = course(status=SignalStatus.ACKNOWLEDGED, phase=SignalPhase.ENDED)
    history = [
        step(today, StepKind.REPORTED, "ended", PartyKind.EMPLOYER),
        step(today, StepKind.SEEN),
        step(today, StepKind.STATUS_CHANGED, "acknowledged"),
    ]
    assert [entry[:2] for entry in brief(timeline(late, history, today))] == [
        ("done", "contract_ends"),
        ("done", "reported"),
        ("done", "seen"),
        ("done", "status_changed"),
        ("now", "make_plan"),
    ]


@pytest.mark.parametrize("status", [SignalStatus.CLOSED, SignalStatus.WITHDRAWN])
def test_what_is_over_has_nothing_ahead(status: SignalStatus) -> None:
    assert brief(timeline(course(status=status), [REPORTED], MONDAY)) == [("done", "reported", MONDAY)]


def test_each_kind_of_step_has_a_sentence() -> None:
    assert set(STEP_TEXT) == set(StepKind)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([PartyKind.EMPLOYER, PartyKind.JOBCOACH_ORGANISATION, PartyKind.UWV]),
    st.sampled_from(SignalStatus),
    st.sampled_from(SignalPhase),
    st.lists(st.tuples(st.integers(0, 200), st.sampled_from(StepKind)), max_size=6),
    st.integers(0, 200),
)
def test_the_states_come_in_their_order(
    reader: PartyKind, status: SignalStatus, phase: SignalPhase, drawn: list[tuple[int, StepKind]], days: int
) -> None:
    history = [step(MONDAY + timedelta(days=day), what) for day, what in sorted(drawn)]
    today = MONDAY + timedelta(days=days)
    entries = timeline(course(reader, status=status, phase=phase), history, today)
    states = [list(TimelineState).index(entry.state) for entry in entries]
    assert states == sorted(states)
    assert [entry.state for entry in entries].count(TimelineState.NOW) <= 1
    done = [entry.on for entry in entries if entry.state is TimelineState.DONE and entry.on]
    assert done == sorted(done)
    for entry in entries:
        assert (entry.at is not None) == (entry.state is TimelineState.DONE and entry.what != CONTRACT_ENDS)
        assert entry.at is None or entry.on == amsterdam_day(entry.at)
        assert "{" not in entry.text.nl + entry.text.en
    if reader is not PartyKind.UWV:
        assert "start_interview" not in [entry.what for entry in entries]
    if reader is PartyKind.EMPLOYER and today > END:
        assert TimelineState.AHEAD not in [entry.state for entry in entries]


# --- Through the operations -------------------------------------------------------------------------------------


def read(world: SignalsWorld, signal_id: str, actor: Any = None) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = world.do(operations.get_timeline, actor or world.bakery, signal_id)["entries"]
    return entries


def told(entries: list[dict[str, Any]]) -> list[Any]:
    return [(each["state"].value, each["what"], each["on"], each["text"], each["by"].value) for each in entries]


def test_undisclosed_and_unknown_have_the_same_timeline(world: SignalsWorld) -> None:
    """From the report to months after the end, with a missed deadline in between; a disclosed one differs."""
    hidden, unknown = world.client(), world.stranger()
    open_one = world.client("100000009", disclosed=True)
    signals = [world.report(each, phase=SignalPhase.DECIDED)["id"] for each in (hidden, unknown, open_one)]
    handlers = (world.uwv, world.desk, world.uwv)
    numbers = [world.get(each)["number"] for each in signals]

    def masked() -> list[list[Any]]:
        found = []
        for signal_id, number in zip(signals, numbers, strict=True):
            lines = told(read(world, signal_id))
            found.append([(*line[:3], line[3].nl.replace(number, "N"), line[4]) for line in lines])
        return found

    def same() -> list[Any]:
        first, second, _ = masked()
        assert first == second
        return first

    same()
    world.clock.day = date(2026, 3, 6)
    world.tick("signals.escalation")
    assert ("done", "escalated", date(2026, 3, 6), "Nu bij het Servicepunt.", "system") in same()
    assert masked()[2] != masked()[0]
    for handler, signal_id in zip(handlers, signals, strict=True):
        world.get(signal_id, handler)
        world.move(signal_id, "acknowledged", handler)
    assert [line[:2] for line in same()][-3:] == [
        ("now", "make_plan"),
        ("ahead", "carry_out_plan"),
        ("ahead", "contract_ends"),
    ]
    for handler, signal_id in zip(handlers, signals, strict=True):
        world.do(operations.record_plan, handler, signal_id, PLAN, ANY)
        world.move(signal_id, "planned", handler)
    same()
    world.clock.day = date(2027, 1, 5)
    world.tick("signals.ended")
    assert same()[-1][:2] == ("done", "contract_ends")
    for handler, signal_id in zip(handlers, signals, strict=True):
        world.move(signal_id, "closed", handler, outcome=Outcome.NEW_EMPLOYER, outcome_date=date(2027, 1, 4))
    assert "afgerond" not in str(same())
    assert "afgerond" in str(told(read(world, signals[0], world.uwv)))


def test_who_may_not_see_the_signal_sees_no_timeline(world: SignalsWorld) -> None:
    signal_id = world.report(world.stranger())["id"]
    for actor in (world.garage, world.uwv, world.jobcoaches):
        with pytest.raises(Problem, match="404 not-found"):
            read(world, signal_id, actor)
    assert read(world, signal_id, world.desk)[0]["what"] == "reported"
