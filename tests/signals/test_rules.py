"""Contract-end signals: status, phase, deadlines, escalation, what is told to whom."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.access.rules import PartyKind
from service.employers.rules import months_later
from service.kernel.clock import amsterdam_day
from service.kernel.state import ForbiddenMove
from service.kernel.text import Text
from service.reference.working_days import (
    add_working_days,
    end_of_day,
    is_working_day,
    working_days_between,
)
from service.signals import deadlines, rules, wording
from service.signals.deadlines import NextStep, NextStepCode
from service.signals.plans.advice import AdviceCondition, advise
from service.signals.rules import (
    EmployerOutcome,
    EmployerStatus,
    EndReason,
    EscalationLevel,
    Outcome,
    Readiness,
    ReasonSide,
    Service,
    SignalPhase,
    SignalStatus,
)
from service.signals.wording import ReceiptWarning

ONE_DAY = timedelta(days=1)
DAYS = st.dates(date(2024, 1, 1), date(2060, 12, 31))
ENDS = st.none() | DAYS
# A first look at the holidays of a year takes time.
relaxed = settings(deadline=None)


@pytest.mark.parametrize(
    ("enum", "values"),
    [
        (SignalPhase, "ending_soon doubt decided ended"),
        (SignalStatus, "reported acknowledged planned closed withdrawn"),
        (rules.SignalOrigin, "employer jobcoach register uwv"),
        (rules.Consent, "granted refused unknown"),
        (rules.VacancyExpected, "yes no unknown"),
        (EscalationLevel, "caseworker backup team desk"),
        (Service, "naar_werk werkfit_maken modular own_service"),
        (Readiness, "ready not_yet not_ready"),
        (
            Outcome,
            "extended stays other_work_same_employer new_employer trial_placement secondment"
            " fewer_hours_or_voluntary benefit unknown",
        ),
        (EmployerOutcome, "extended internal_move new_work not_known"),
    ],
)
def test_published_values(enum: type[StrEnum], values: str) -> None:
    assert [each.value for each in enum] == values.split()


# --- Status: every pair, every role -------------------------------------------------------------------------------

E, J, U, D, S = (
    PartyKind.EMPLOYER,
    PartyKind.JOBCOACH_ORGANISATION,
    PartyKind.UWV,
    PartyKind.DESK,
    PartyKind.SYSTEM,
)
STATUS_MOVES: dict[tuple[str, str], set[PartyKind]] = {
    ("reported", "acknowledged"): {U, D},
    ("reported", "closed"): {S},
    ("reported", "withdrawn"): {E, J, S},
    ("acknowledged", "planned"): {U, D},
    ("acknowledged", "closed"): {U, D, S},
    ("acknowledged", "withdrawn"): {E, J, S},
    ("planned", "closed"): {U, D, S},
    ("planned", "withdrawn"): {E, J, S},
    ("closed", "acknowledged"): {U, D},
    ("withdrawn", "reported"): {E, J},
}
PHASE_MOVES: dict[tuple[str, str], set[PartyKind]] = {
    ("ending_soon", "doubt"): {E, J, U},
    ("ending_soon", "decided"): {E, J, U},
    ("ending_soon", "ended"): {E, J, U, S},
    ("doubt", "decided"): {E, J, U},
    ("doubt", "ended"): {E, J, U, S},
    ("decided", "doubt"): {E, J, U},
    ("decided", "ended"): {E, J, U, S},
}


@pytest.mark.parametrize(("source", "target", "role"), list(product(SignalStatus, SignalStatus, PartyKind)))
def test_status_moves(source: SignalStatus, target: SignalStatus, role: PartyKind) -> None:
    if role in STATUS_MOVES.get((source, target), set()):
        move = rules.STATUS_MACHINE.move(source, target, role)
        assert (move.source, move.target) == (source, target)
        assert move.causes
    else:
        with pytest.raises(ForbiddenMove) as caught:
            rules.STATUS_MACHINE.move(source, target, role)
        assert set(caught.value.allowed) == {
            to for (at, to), who in STATUS_MOVES.items() if at == source and role in who
        }


@pytest.mark.parametrize(("source", "target", "role"), list(product(SignalPhase, SignalPhase, PartyKind)))
def test_phase_moves(source: SignalPhase, target: SignalPhase, role: PartyKind) -> None:
    if role in PHASE_MOVES.get((source, target), set()):
        assert rules.PHASE_MACHINE.move(source, target, role).target is target
    else:
        with pytest.raises(ForbiddenMove):
            rules.PHASE_MACHINE.move(source, target, role)


def test_causes_follow_the_target() -> None:
    expected = {
        SignalStatus.ACKNOWLEDGED: ("start_plan_clock", "tell_reporters"),
        SignalStatus.PLANNED: ("stop_clocks", "tell_reporters"),
        SignalStatus.CLOSED: ("stop_clocks", "tell_reporters"),
        SignalStatus.WITHDRAWN: ("stop_clocks", "tell_contact"),
        SignalStatus.REPORTED: ("start_acknowledge_clock", "tell_contact"),
    }
    assert all(move.causes == expected[move.target] for move in rules.STATUS_MACHINE.moves)


def test_live_is_what_can_still_be_closed() -> None:
    closable = {move.source for move in rules.STATUS_MACHINE.moves if move.target is SignalStatus.CLOSED}
    assert closable == rules.LIVE_STATUSES


def test_only_ended_is_the_last_phase() -> None:
    assert [phase for phase in SignalPhase if rules.PHASE_MACHINE.is_final(phase)] == [SignalPhase.ENDED]


@pytest.mark.parametrize(
    ("phase", "uninformed"), [("ending_soon", True), ("doubt", True), ("decided", False), ("ended", False)]
)
def test_decided_and_ended_need_an_informed_employee(phase: str, uninformed: bool) -> None:
    assert rules.phase_allowed(SignalPhase(phase), employee_informed=False) is uninformed
    assert rules.phase_allowed(SignalPhase(phase), employee_informed=True)


# --- Reasons ------------------------------------------------------------------------------------------------------


def test_every_reason_has_a_side_and_a_label() -> None:
    assert set(rules.REASON_SIDE) == set(wording.END_REASON_TEXT) == set(EndReason)
    for reason, side in rules.REASON_SIDE.items():
        assert (side is ReasonSide.EMPLOYEE) == reason.value.startswith("employee_")
        assert (side is ReasonSide.UNKNOWN) == (reason is EndReason.UNKNOWN)
    assert set(rules.REASON_SIDE.values()) == set(ReasonSide)


MEDICAL = re.compile(
    r"sick|ill\b|illness|health|disab|medic|diagnos|limit|handicap|ziek|gezond|beperk|medisch|arbeidsongeschikt|wajong",
    re.IGNORECASE,
)


def test_no_reason_is_medical() -> None:
    for reason, text in wording.END_REASON_TEXT.items():
        assert not MEDICAL.search(f"{reason.value.replace('_', ' ')} {text.nl} {text.en}"), reason


# --- Deadlines ----------------------------------------------------------------------------------------------------


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("received", "end", "expected"),
    [
        ("2026-03-02", None, "2026-03-05"),
        ("2026-03-02", "2026-12-31", "2026-03-05"),
        ("2026-03-05", "2026-12-31", "2026-03-10"),  # over a weekend
        ("2026-03-07", "2026-12-31", "2026-03-11"),  # received on a Saturday
        ("2026-03-02", "2026-04-02", "2026-03-05"),  # 31 days
        ("2026-03-02", "2026-04-01", "2026-03-03"),  # 30 days
        ("2026-03-02", "2026-03-02", "2026-03-03"),
        ("2026-03-02", "2026-02-01", "2026-03-03"),  # past
        ("2026-03-06", "2026-03-31", "2026-03-09"),
        ("2026-04-02", "2026-12-31", "2026-04-09"),  # Good Friday and Easter Monday
        ("2026-05-04", "2026-12-31", "2026-05-08"),  # 5 May, a year without a day off for many
        ("2025-05-02", "2025-05-20", "2025-05-06"),  # 5 May again, urgent
        ("2026-12-23", "2027-12-31", "2026-12-29"),  # Christmas
        ("2026-12-30", "2027-12-31", "2027-01-05"),  # New Year
        ("2026-04-24", None, "2026-04-30"),  # King's Day
        ("2026-05-13", None, "2026-05-19"),  # Ascension Day
    ],
)
def test_acknowledge_by(received: str, end: str | None, expected: str) -> None:
    assert deadlines.acknowledge_by(day(received), None if end is None else day(end)) == day(expected)


@pytest.mark.parametrize("year", range(2024, 2061))
def test_good_friday_and_5_may_are_never_a_deadline(year: int) -> None:
    a, b, c = year % 19, year // 100, year % 100
    d = (19 * a + b - b // 4 - ((b - (b + 8) // 25 + 1) // 3) + 15) % 30
    e = (32 + 2 * (b % 4) + 2 * (c // 4) - d - (c % 4)) % 7
    f = d + e - 7 * ((a + 11 * d + 22 * e) // 451) + 114
    easter = date(year, f // 31, f % 31 + 1)
    free = {easter - timedelta(days=2), easter + ONE_DAY, date(year, 5, 5)}
    for first in (date(year, 3, 10) + timedelta(days=n) for n in range(60)):
        assert deadlines.acknowledge_by(first, None) not in free
        assert deadlines.acknowledge_by(first, first) not in free
        assert deadlines.plan_by(first, None) not in free
        assert deadlines.plan_by(first, first + timedelta(days=12)) not in free


@relaxed
@given(DAYS, ENDS)
def test_acknowledge_by_is_the_third_or_first_working_day(received: date, end: date | None) -> None:
    deadline = deadlines.acknowledge_by(received, end)
    urgent = end is not None and end <= received + timedelta(days=30)
    assert is_working_day(deadline)
    assert working_days_between(received, deadline) == (1 if urgent else 3)


@relaxed
@given(DAYS, DAYS, ENDS)
def test_acknowledge_by_is_monotonic_where_the_urgency_is_the_same(one: date, other: date, end: date | None) -> None:
    early, late = sorted((one, other))
    if deadlines.is_urgent(early, end) == deadlines.is_urgent(late, end):
        assert deadlines.acknowledge_by(early, end) <= deadlines.acknowledge_by(late, end)


@pytest.mark.parametrize(
    ("acknowledged", "end", "expected"),
    [
        ("2026-03-02", None, "2026-03-23"),
        ("2026-03-02", "2026-12-31", "2026-03-23"),
        ("2026-03-02", "2026-03-24", "2026-03-23"),
        ("2026-03-02", "2026-03-20", "2026-03-19"),  # the day before the end
        ("2026-03-02", "2026-03-16", "2026-03-13"),  # the end is a Monday: the Friday before
        ("2026-03-02", "2026-03-04", "2026-03-03"),
        ("2026-03-02", "2026-03-03", "2026-03-03"),  # never before the day after
        ("2026-03-02", "2026-03-02", "2026-03-03"),
        ("2026-03-02", "2025-01-01", "2026-03-03"),
        ("2026-03-06", "2026-03-08", "2026-03-09"),
        ("2026-04-20", None, "2026-05-13"),  # King's Day and 5 May between
        ("2026-03-02", "0001-01-01", "2026-03-03"),
        ("2026-03-02", "9999-12-31", "2026-03-23"),
    ],
)
def test_plan_by(acknowledged: str, end: str | None, expected: str) -> None:
    assert deadlines.plan_by(day(acknowledged), None if end is None else day(end)) == day(expected)


@relaxed
@given(DAYS, ENDS | st.integers(-5, 40))
def test_plan_by_keeps_its_bounds(acknowledged: date, end: date | int | None) -> None:
    end = acknowledged + timedelta(days=end) if isinstance(end, int) else end
    deadline = deadlines.plan_by(acknowledged, end)
    earliest = add_working_days(acknowledged, 1)
    assert is_working_day(deadline)
    assert earliest <= deadline <= add_working_days(acknowledged, 15)
    assert deadline == earliest or end is None or deadline < end
    if end is None or end > add_working_days(acknowledged, 15):
        assert deadline == add_working_days(acknowledged, 15)


@relaxed
@given(DAYS, st.integers(0, 60), ENDS)
def test_plan_by_is_monotonic_in_the_acknowledgement(acknowledged: date, later: int, end: date | None) -> None:
    assert deadlines.plan_by(acknowledged, end) <= deadlines.plan_by(acknowledged + timedelta(days=later), end)


@relaxed
@given(DAYS, DAYS, st.integers(0, 60))
def test_plan_by_is_monotonic_in_the_end(acknowledged: date, end: date, later: int) -> None:
    assert deadlines.plan_by(acknowledged, end) <= deadlines.plan_by(acknowledged, end + timedelta(days=later))
    assert deadlines.plan_by(acknowledged, end) <= deadlines.plan_by(acknowledged, None)


def test_start_interview_by() -> None:
    assert deadlines.start_interview_by(day("2026-03-31")) == day("2026-04-28")
    assert deadlines.start_interview_by(day("2026-03-31"), has_new_work=True) is None
    assert deadlines.start_interview_by(None) is None
    assert deadlines.start_interview_by(date.max) == date.max


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        # The clocks go forward on 29 March and back on 25 October 2026; the day of receipt is the day in Amsterdam.
        (datetime(2026, 3, 28, 22, 59, tzinfo=UTC), "2026-04-01"),
        (datetime(2026, 3, 29, 21, 59, tzinfo=UTC), "2026-04-01"),
        (datetime(2026, 3, 29, 22, 0, tzinfo=UTC), "2026-04-02"),
        (datetime(2026, 10, 25, 22, 59, tzinfo=UTC), "2026-10-28"),
        (datetime(2026, 10, 25, 23, 0, tzinfo=UTC), "2026-10-29"),
    ],
)
def test_nights_on_which_the_clock_changes(moment: datetime, expected: str) -> None:
    deadline = deadlines.acknowledge_by(amsterdam_day(moment), None)
    assert deadline == day(expected)
    assert amsterdam_day(end_of_day(deadline)) == deadline + ONE_DAY
    assert amsterdam_day(end_of_day(deadline) - timedelta(microseconds=1)) == deadline


# --- Escalation ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("deadline", "today", "level"),
    [
        ("2026-03-05", "2026-03-04", None),
        ("2026-03-05", "2026-03-05", None),
        ("2026-03-05", "2026-03-06", "backup"),
        ("2026-03-05", "2026-03-08", "backup"),  # a weekend moves nothing
        ("2026-03-05", "2026-03-09", "team"),
        ("2026-03-05", "2026-03-10", "desk"),
        ("2026-03-05", "2027-03-10", "desk"),
        ("2026-03-06", "2026-03-08", None),
        ("2026-04-02", "2026-04-06", None),  # Easter
        ("2026-04-02", "2026-04-07", "backup"),
        ("2026-05-04", "2026-05-05", None),
        ("2026-05-04", "2026-05-06", "backup"),
    ],
)
def test_escalation(deadline: str, today: str, level: str | None) -> None:
    assert deadlines.escalation_at(day(deadline), day(today)) == level


PATHS = st.sampled_from(
    [
        tuple(level for level, kept in zip(EscalationLevel, (*keep, True), strict=True) if kept)
        for keep in product((True, False), repeat=3)
    ]
)


@relaxed
@given(DAYS, st.integers(-20, 40), st.integers(0, 20), PATHS)
def test_escalation_is_monotonic_in_today(
    deadline: date, offset: int, later: int, path: tuple[EscalationLevel, ...]
) -> None:
    def height(on: date) -> int:
        level = deadlines.escalation_at(deadline, on, path)
        return -1 if level is None else path.index(level)

    today = deadline + timedelta(days=offset)
    assert height(today) <= height(today + timedelta(days=later))
    # At most one step from one day to the next; two where the first step leaves the first of the path.
    assert height(today + ONE_DAY) - height(today) <= (2 if height(today) == -1 else 1)
    if working_days_between(deadline, today) <= 0:
        assert height(today) == -1
    else:
        assert height(today) == min(len(path) - 1, working_days_between(deadline, today))


@relaxed
@given(DAYS, PATHS)
def test_escalated_since_is_the_first_day_on_that_level(deadline: date, path: tuple[EscalationLevel, ...]) -> None:
    for level in path[1:] or path:
        since = deadlines.escalated_since(deadline, level, path)
        assert is_working_day(since)
        assert deadlines.escalation_at(deadline, since, path) is level
        assert deadlines.escalation_at(deadline, since - ONE_DAY, path) is not level


def test_nobody_waits_for_an_empty_chair() -> None:
    friday, monday = day("2026-03-06"), day("2026-03-09")
    without_backup = (EscalationLevel.CASEWORKER, EscalationLevel.TEAM, EscalationLevel.DESK)
    assert deadlines.escalation_at(friday, monday, without_backup) is EscalationLevel.TEAM
    assert deadlines.escalation_at(friday, monday, (EscalationLevel.DESK,)) is EscalationLevel.DESK


def test_the_first_level_is_no_escalation() -> None:
    with pytest.raises(ValueError, match="not in tuple"):
        deadlines.escalated_since(day("2026-03-06"), EscalationLevel.CASEWORKER)


# --- Lead time ----------------------------------------------------------------------------------------------------

LONG_AGO = day("2020-01-01")


@pytest.mark.parametrize(
    ("received", "end", "start", "reason", "expected"),
    [
        ("2026-03-02", "2026-06-02", "2020-01-01", "fixed_term_not_renewed", True),
        ("2026-03-02", "2026-06-01", "2020-01-01", "fixed_term_not_renewed", False),
        ("2026-03-02", "2026-01-01", "2020-01-01", "unknown", False),
        ("2025-11-30", "2026-02-28", "2020-01-01", "less_work", True),
        ("2025-12-01", "2026-02-28", "2020-01-01", "less_work", False),
        ("2026-03-02", None, "2020-01-01", "unknown", None),
        ("2026-03-02", "2026-12-31", None, "unknown", True),
        ("2026-03-02", "2026-03-31", None, "unknown", False),
        # Exactly six months is not shorter; one day less is.
        ("2026-05-02", "2026-06-30", "2026-01-01", "unknown", False),
        ("2026-05-02", "2026-06-29", "2026-01-01", "unknown", None),
        ("2026-01-02", "2026-06-29", "2026-01-01", "unknown", None),
        ("2026-03-02", "2026-12-31", "2020-01-01", "bankruptcy", None),
        ("2026-03-02", "2026-03-31", "2020-01-01", "probation_period", None),
        ("2026-03-02", "2026-03-31", "2020-01-01", "employee_found_new_work", None),
        ("2026-03-02", "9999-12-31", "9999-12-01", "unknown", True),
    ],
)
def test_timely(received: str, end: str | None, start: str | None, reason: str, expected: bool | None) -> None:
    end_day, start_day = (None if each is None else day(each) for each in (end, start))
    assert deadlines.timely(day(received), end_day, start_day, EndReason(reason)) is expected


@relaxed
@given(DAYS, ENDS, st.none() | DAYS, st.sampled_from(EndReason), st.integers(1, 400))
def test_timely_agrees_with_itself(
    received: date, end: date | None, start: date | None, reason: EndReason, days: int
) -> None:
    answer = deadlines.timely(received, end, start, reason)
    earlier = deadlines.timely(received - timedelta(days=days), end, start, reason)
    assert (answer is None) == (earlier is None)
    if end is None or reason in deadlines.UNFORESEEABLE_REASONS:
        assert answer is None
    if answer is True:
        assert earlier is True
        lead = deadlines.lead_time_days(received, end)
        assert lead is not None
        assert lead >= 89
        assert end is not None
        assert months_later(received, 3) <= end
        assert not deadlines.is_urgent(received, end)


@pytest.mark.parametrize(
    ("received", "end", "days"),
    [
        ("2026-03-02", "2026-03-02", 0),
        ("2026-03-02", "2026-03-12", 10),
        ("2026-03-12", "2026-03-02", -10),
        ("2026-03-28", "2026-03-30", 2),
    ],
)
def test_lead_time(received: str, end: str, days: int) -> None:
    assert deadlines.lead_time_days(day(received), day(end)) == days


def test_no_lead_time_without_an_end() -> None:
    assert deadlines.lead_time_days(LONG_AGO, None) is None


@pytest.mark.parametrize(
    ("end", "linked", "live", "due"),
    [
        ("2026-06-02", True, False, True),
        ("2026-06-03", True, False, False),
        ("2026-03-02", True, False, True),
        ("2026-03-01", True, False, False),
        (None, True, False, False),
        ("2026-04-01", False, False, False),
        ("2026-04-01", True, True, False),
    ],
)
def test_early_warning(end: str | None, linked: bool, live: bool, due: bool) -> None:
    end_day = None if end is None else day(end)
    assert deadlines.early_warning_due(end_day, day("2026-03-02"), linked=linked, live_signal=live) is due


@pytest.mark.parametrize(
    ("start", "gap", "direct"),
    [
        ("2026-03-31", -1, True),
        ("2026-04-01", 0, True),
        ("2026-04-07", 6, True),
        ("2026-04-08", 7, False),
        ("2026-03-01", -31, True),
    ],
)
def test_gap(start: str, gap: int, direct: bool) -> None:
    assert deadlines.gap_days(day("2026-03-31"), day(start)) == gap
    assert deadlines.is_direct(gap) is direct


# --- Next step ----------------------------------------------------------------------------------------------------

ACK, PLAN, END, INTERVIEW = (day(f"2026-0{month}-10") for month in (4, 5, 6, 7))
UWV, REPORTER = PartyKind.UWV, PartyKind.JOBCOACH_ORGANISATION
EXPECTED_STEPS: dict[tuple[str, str], NextStep | None] = {
    ("planned", "ending_soon"): NextStep(NextStepCode.TELL_DECISION, None, REPORTER),
    ("planned", "doubt"): NextStep(NextStepCode.TELL_DECISION, None, REPORTER),
    ("planned", "decided"): NextStep(NextStepCode.CARRY_OUT_PLAN, END, UWV),
    ("planned", "ended"): NextStep(NextStepCode.START_INTERVIEW, INTERVIEW, UWV),
    **{("reported", phase): NextStep(NextStepCode.ACKNOWLEDGE, ACK, UWV) for phase in SignalPhase},
    **{("acknowledged", phase): NextStep(NextStepCode.MAKE_PLAN, PLAN, UWV) for phase in SignalPhase},
    **{(status, phase): None for status in ("closed", "withdrawn") for phase in SignalPhase},
}


@pytest.mark.parametrize(("status", "phase"), list(product(SignalStatus, SignalPhase)))
def test_next_step(status: SignalStatus, phase: SignalPhase) -> None:
    step = deadlines.next_step(
        status,
        phase,
        acknowledge_by=ACK,
        plan_by=PLAN,
        end=END,
        start_interview_by=INTERVIEW,
        reporter=REPORTER,
    )
    assert step == EXPECTED_STEPS[status, phase]


def test_no_interview_where_there_is_none_to_hold() -> None:
    assert deadlines.next_step(SignalStatus.PLANNED, SignalPhase.ENDED, end=END) is None


@pytest.mark.parametrize("code", NextStepCode)
def test_an_employer_hears_of_every_step_but_the_interview(code: NextStepCode) -> None:
    step = NextStep(code, None, UWV)
    assert deadlines.employer_next_step(step) == (None if code is NextStepCode.START_INTERVIEW else step)
    assert deadlines.employer_next_step(None) is None


# --- The employer's view ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "unseen", "seen"),
    [
        ("reported", "received", "seen"),
        ("acknowledged", "acknowledged", "acknowledged"),
        ("planned", "planned", "planned"),
        ("closed", "closed", "closed"),
        ("withdrawn", "withdrawn", "withdrawn"),
    ],
)
def test_employer_status(status: str, unseen: str, seen: str) -> None:
    assert rules.employer_status(SignalStatus(status), seen=False) == unseen
    assert rules.employer_status(SignalStatus(status), seen=True) == seen


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        ("extended", "extended"),
        ("stays", "extended"),
        ("other_work_same_employer", "internal_move"),
        ("new_employer", "new_work"),
        ("trial_placement", "new_work"),
        ("secondment", "new_work"),
        ("fewer_hours_or_voluntary", "not_known"),
        ("benefit", "not_known"),
        ("unknown", "not_known"),
    ],
)
def test_employer_outcome(outcome: str, told: str) -> None:
    def tell(disclosed: bool, after_end: bool, person_agrees: bool) -> str:
        return rules.employer_outcome(
            Outcome(outcome), disclosed=disclosed, after_end=after_end, person_agrees=person_agrees
        )

    hidden = "not_known" if told == "new_work" else told
    assert tell(disclosed=True, after_end=False, person_agrees=False) == told
    assert tell(disclosed=True, after_end=True, person_agrees=True) == told
    assert tell(disclosed=True, after_end=True, person_agrees=False) == hidden
    for after_end, person_agrees in product((False, True), repeat=2):
        assert tell(disclosed=False, after_end=after_end, person_agrees=person_agrees) == hidden


def test_every_outcome_has_a_line_for_the_employer() -> None:
    assert set(rules.EMPLOYER_OUTCOME) == set(Outcome)
    assert set(rules.EMPLOYER_OUTCOME.values()) == set(EmployerOutcome)


# --- Warnings in a receipt ----------------------------------------------------------------------------------------


def receipt(**changes: Any) -> list[str]:
    report: dict[str, Any] = {
        "received": day("2026-03-02"),
        "phase": SignalPhase.DECIDED,
        "end": day("2026-08-31"),
        "employee_informed": True,
        "start": day("2025-09-01"),
        "registered_end": day("2026-08-31"),
    }
    return [each.code for each in wording.receipt_warnings(**(report | changes))]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"end": day("2026-03-02"), "registered_end": None}, []),
        ({"end": day("2026-03-01"), "registered_end": None}, ["end_in_past"]),
        ({"end": day("2026-03-01"), "registered_end": None, "phase": SignalPhase.ENDED}, []),
        ({"end": day("2029-03-02"), "registered_end": None}, []),
        ({"end": day("2029-03-03"), "registered_end": None}, ["end_far_away"]),
        ({"start": day("2026-09-01")}, ["end_before_start"]),
        ({"start": day("2026-08-31")}, ["end_equals_start"]),
        ({"start": None}, []),
        ({"phase": SignalPhase.ENDED}, ["end_not_reached"]),
        ({"end": None}, ["end_missing"]),
        ({"end": None, "phase": SignalPhase.DOUBT}, []),
        ({"end": day("2026-08-30")}, ["end_differs_from_register"]),
        ({"phase": SignalPhase.DOUBT, "employee_informed": False}, ["employee_not_informed"]),
        (
            {"end": day("2025-08-31"), "phase": SignalPhase.DOUBT, "employee_informed": False},
            ["end_in_past", "end_before_start", "end_differs_from_register", "employee_not_informed"],
        ),
        ({"end": date.max, "registered_end": None}, ["end_far_away"]),
    ],
)
def test_receipt_warnings(changes: dict[str, Any], expected: list[str]) -> None:
    assert receipt(**changes) == expected


# --- Service advice -----------------------------------------------------------------------------------------------

TODAY = day("2026-03-02")
HANDLE = (AdviceCondition.PERSON_CAN_HANDLE_IT, AdviceCondition.QUICKEST_AND_MOST_EFFECTIVE)
FIRST_ADVICE: dict[tuple[str | None, bool], tuple[str, int, tuple[AdviceCondition, ...]]] = {
    ("ready", True): ("naar_werk", 2, HANDLE),
    ("ready", False): ("naar_werk", 3, ()),
    ("not_yet", True): ("werkfit_maken", 3, ()),
    ("not_yet", False): ("werkfit_maken", 3, ()),
    ("not_ready", True): ("modular", 3, (AdviceCondition.PERSON_SETS_THE_PACE,)),
    ("not_ready", False): ("modular", 3, (AdviceCondition.PERSON_SETS_THE_PACE,)),
    (None, True): ("own_service", 3, ()),
    (None, False): ("own_service", 3, ()),
}


@pytest.mark.parametrize(("readiness", "contract_runs"), list(product((*Readiness, None), (True, False))))
def test_advice(readiness: Readiness | None, contract_runs: bool) -> None:
    end = TODAY if contract_runs else TODAY - ONE_DAY
    advice = advise(readiness, end=end, today=TODAY)
    service, rule, conditions = FIRST_ADVICE[readiness, contract_runs]
    assert (advice[0].service, advice[0].rule, advice[0].conditions) == (service, rule, conditions)
    assert [each.service for each in advice[1:]] == ([] if readiness is None else [Service.OWN_SERVICE])


def test_a_contract_without_end_date_runs() -> None:
    assert advise(Readiness.READY, end=None, today=TODAY)[0].rule == 2


@pytest.mark.parametrize(("readiness", "running"), list(product((*Readiness, None), Service)))
def test_advice_beside_a_running_service(readiness: Readiness | None, running: Service) -> None:
    for each in advise(readiness, end=None, today=TODAY, running=running):
        assert each.service is not running
        first_the_other = AdviceCondition.RUNNING_SERVICE_ENDS_FIRST in each.conditions
        assert first_the_other == (Service.OWN_SERVICE not in (each.service, running))


@pytest.mark.parametrize(("one", "other"), list(product(Service, Service)))
def test_purchased_services_exclude_each_other(one: Service, other: Service) -> None:
    expected = one is not other and Service.OWN_SERVICE not in (one, other)
    assert rules.services_exclude_each_other(one, other) is expected


# --- Wording ------------------------------------------------------------------------------------------------------


def sentences_to_people() -> Iterator[tuple[str, Text]]:
    odd: list[dict[str, Any]] = [
        {"end": day("2020-08-31"), "employee_informed": False},
        {"end": date.max, "phase": SignalPhase.ENDED},
        {"start": day("2026-08-31"), "registered_end": None},
        {"end": None},
    ]
    base: dict[str, Any] = {
        "received": TODAY,
        "phase": SignalPhase.DECIDED,
        "end": day("2026-08-31"),
        "employee_informed": True,
        "start": day("2025-09-01"),
        "registered_end": day("2026-08-31"),
    }
    for changes in odd:
        for warning in wording.receipt_warnings(**(base | changes)):
            yield warning.code, warning.text
    for readiness, end in product((*Readiness, None), (None, LONG_AGO)):
        for advice in advise(readiness, end=end, today=TODAY):
            yield advice.service.value, advice.text


def test_every_receipt_warning_has_been_seen() -> None:
    assert {code for code, _ in sentences_to_people()} >= set(ReceiptWarning)


REPROACH = re.compile(
    r"te laat|te weinig|verzuimd|vergeten|had moeten|hadden moeten|fout|niet juist|onjuist|u moet|verplicht"
    r"|too late|failed|forgot|should have|wrong|mistake|must|incorrect",
    re.IGNORECASE,
)


def test_sentences_are_short_and_never_a_reproach() -> None:
    for code, text in sentences_to_people():
        for language in text:
            assert not REPROACH.search(language), (code, language)
            for sentence in re.split(r"(?<=[.?!])\s", language):
                assert sentence[-1] in ".?"
                assert len(sentence.split()) <= 20, (code, sentence)


@pytest.mark.parametrize(
    ("enum", "labels"),
    [
        (SignalPhase, wording.PHASE_TEXT),
        (EmployerStatus, wording.EMPLOYER_STATUS_TEXT),
        (EmployerOutcome, wording.EMPLOYER_OUTCOME_TEXT),
        (NextStepCode, wording.NEXT_STEP_TEXT),
        (EscalationLevel, wording.ESCALATION_TEXT),
        (EndReason, wording.END_REASON_TEXT),
    ],
)
def test_every_code_has_a_label_in_both_languages(enum: type[StrEnum], labels: dict[StrEnum, Text]) -> None:
    assert set(labels) == set(enum)
    assert all(text.nl and text.en for text in labels.values())
    assert len(set(labels.values())) == len(labels)
