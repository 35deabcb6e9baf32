"""The second track's table of moves, its milestones, and what moves them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.access.rules import PartyKind
from service.signals.second_track import rules
from service.signals.second_track.rules import (
    MILESTONES,
    STATUS_MACHINE,
    DateError,
    MilestoneActor,
    MilestoneCode,
    MilestoneState,
    SecondTrackOutcome,
    SecondTrackStatus,
    WaitingPeriod,
    WaitingPeriodChange,
    milestones,
    move_error,
    moved,
    next_reminder,
    outcome_for_employer,
    to_remind_of,
)

DAYS = st.dates(date(2020, 1, 1), date(2060, 12, 31))
SHIFTS = st.integers(-1500, 1500).map(lambda days: timedelta(days=days))
EXTENSIONS = st.integers(0, 364).map(lambda days: timedelta(days=days))
WEEK = timedelta(weeks=1)
E, U, D, S = PartyKind.EMPLOYER, PartyKind.UWV, PartyKind.DESK, PartyKind.SYSTEM


def period(end: date, extended_by: timedelta = timedelta()) -> WaitingPeriod:
    return WaitingPeriod(end + extended_by, end)


# --- Who may set what -------------------------------------------------------------------------------------------

MOVES: dict[tuple[str, str], set[PartyKind]] = {
    ("reported", "acknowledged"): {U, D},
    ("reported", "closed"): {E, S},
    ("reported", "withdrawn"): {E},
    ("acknowledged", "guided"): {U, D},
    ("acknowledged", "closed"): {E, U, D, S},
    ("acknowledged", "withdrawn"): {E},
    ("guided", "closed"): {E, U, D, S},
    ("guided", "withdrawn"): {E},
}


@pytest.mark.parametrize("kind", PartyKind)
@pytest.mark.parametrize("source", SecondTrackStatus)
def test_each_party_has_its_own_moves(source: SecondTrackStatus, kind: PartyKind) -> None:
    expected = {to for (from_, to), who in MOVES.items() if from_ == source and kind in who}
    assert set(STATUS_MACHINE.allowed(source, kind)) == expected


def test_what_is_over_stays_over() -> None:
    final = {status for status in SecondTrackStatus if STATUS_MACHINE.is_final(status)}
    assert final == frozenset(SecondTrackStatus) - rules.LIVE_STATUSES


@pytest.mark.parametrize("outcome", SecondTrackOutcome)
def test_an_employer_reads_its_own_word_only(outcome: SecondTrackOutcome) -> None:
    assert outcome_for_employer(outcome, E) is outcome
    assert {outcome_for_employer(outcome, by) for by in (U, D, S, None)} == {None}


# --- Milestones -------------------------------------------------------------------------------------------------


def test_a_waiting_period_by_example() -> None:
    """The first day of absence was 1 December 2025: 104 weeks later it would have been 29 November 2027."""
    found = milestones(period(date(2027, 11, 28)), date(2027, 8, 29))
    assert [(each.code.value, each.week, each.day, each.who.value, each.state.value) for each in found] == [
        ("first_year_evaluation", 52, date(2026, 11, 29), "employer", "past"),
        ("second_track_start", 58, date(2027, 1, 10), "employer", "past"),
        ("uwv_letter", 88, date(2027, 8, 8), "uwv", "past"),
        ("final_evaluation", 91, date(2027, 8, 29), "employer", "next"),
        ("wia_application", 93, date(2027, 9, 12), "employee", "later"),
        ("waiting_period_end", 104, date(2027, 11, 28), "uwv", "later"),
    ]
    # Week n is the one that ends n weeks after the absence began.
    first_day = date(2025, 12, 1)
    assert all(each.day == first_day + each.week * WEEK - timedelta(days=1) for each in found)


def test_each_row_says_what_and_where_it_is_laid_down() -> None:
    assert [rule.code for rule in MILESTONES] == list(MilestoneCode)
    assert all(rule.source and rule.text.nl and rule.text.en for rule in MILESTONES)
    for rule in MILESTONES:
        words = f"{rule.text.nl} {rule.text.en}".lower()
        assert not any(word in words for word in ("te laat", "too late", "gemist", "missed", "ziekte", "illness"))


@given(DAYS, EXTENSIONS, DAYS)
def test_milestones_stand_in_order_with_one_next(end: date, extension: timedelta, today: date) -> None:
    found = milestones(period(end, extension), today)
    assert [each.day for each in found] == sorted(each.day for each in found)
    assert found[-1].day == end + extension
    states = [each.state for each in found]
    past = sum(each.day < today for each in found)
    expected = [MilestoneState.PAST] * past + [MilestoneState.NEXT] + [MilestoneState.LATER] * len(found)
    assert states == expected[: len(found)]


@given(DAYS, SHIFTS, DAYS)
def test_a_correction_moves_all(end: date, shift: timedelta, today: date) -> None:
    before = milestones(period(end), today)
    after = milestones(moved(period(end), WaitingPeriodChange.CORRECTED, end + shift), today)
    assert [each.day - shift for each in after] == [each.day for each in before]


@given(
    DAYS, EXTENSIONS, DAYS, st.sampled_from([WaitingPeriodChange.WAGE_SANCTION, WaitingPeriodChange.AGREED_EXTENSION])
)
def test_an_extension_leaves_the_first_year(
    end: date, extension: timedelta, today: date, change: WaitingPeriodChange
) -> None:
    before = milestones(period(end), today)
    extended = moved(period(end), change, end + extension)
    after = milestones(extended, today)
    assert [each.day for each in after[:2]] == [each.day for each in before[:2]]
    assert [each.day - extension for each in after[2:]] == [each.day for each in before[2:]]
    # Taken back, all is as it was.
    assert moved(extended, WaitingPeriodChange.CORRECTED, end) == period(end)


TODAY, END = date(2026, 3, 2), date(2026, 12, 31)


@pytest.mark.parametrize(
    ("change", "days", "error"),
    [
        ("wage_sanction", 1, None),
        ("wage_sanction", 364, None),
        ("wage_sanction", 365, DateError.TOO_LATE),
        ("wage_sanction", -1, DateError.TOO_SOON),
        ("agreed_extension", 365, None),
        ("agreed_extension", 729, DateError.TOO_LATE),
        ("agreed_extension", -1, DateError.TOO_SOON),
        ("corrected", -304, None),
        ("corrected", -305, DateError.IN_THE_PAST),
        ("corrected", 424, None),
        ("corrected", 425, DateError.TOO_LATE),
    ],
)
def test_how_far_the_end_moves(change: str, days: int, error: DateError | None) -> None:
    after = END + timedelta(days=days)
    assert move_error(WaitingPeriodChange(change), END, after, TODAY) is error


# --- Reminders --------------------------------------------------------------------------------------------------


@given(DAYS, EXTENSIONS, st.integers(-800, 200), st.lists(st.integers(1, 200), max_size=12))
def test_one_reminder_for_each_milestone_of_the_employer(
    end: date, extension: timedelta, reported: int, turns: list[int]
) -> None:
    """However often the worker comes round: none twice, none too early, none of what has passed."""
    waiting, today = period(end, extension), end + timedelta(days=reported)
    told: list[MilestoneCode] = []
    remind_on = next_reminder(waiting, today)
    for days in turns:
        today += timedelta(days=days)
        if remind_on is None or remind_on > today:
            continue
        near = to_remind_of(waiting, remind_on, today)
        remind_on = next_reminder(waiting, today)
        assert remind_on is None or remind_on > today
        if near is not None:
            assert near.who is MilestoneActor.EMPLOYER
            assert today <= near.day <= today + 4 * WEEK
            told.append(near.code)
    assert len(told) == len(set(told))


@given(DAYS, st.integers(-800, 0))
def test_who_comes_round_daily_tells_all_that_is_to_come(end: date, reported: int) -> None:
    waiting, today = period(end), end + timedelta(days=reported)
    employer = [each for each in milestones(waiting, today) if each.who is MilestoneActor.EMPLOYER]
    expected = [(each.code, each.day - 4 * WEEK) for each in employer if each.day - 4 * WEEK > today]
    told = []
    while (day := next_reminder(waiting, today)) is not None:
        near = to_remind_of(waiting, day, day)
        assert near is not None
        told.append((near.code, day))
        today = day
    assert told == expected
