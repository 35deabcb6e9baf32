"""What a vacancy and a candidate may become, and the counting around a vacancy."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.access.rules import PartyKind
from service.kernel.state import ForbiddenMove
from service.vacancies.rules import (
    CANDIDATE,
    LEAD_ROLES,
    LIVE_VACANCY,
    VACANCY,
    CandidateLeadRole,
    CandidateStatus,
    Effect,
    VacancyStatus,
    expires_on,
    fill_days,
    has_expired,
    is_filled,
    may_lead,
    positions_left,
)

BRING = {"jobcoach_organisation", "reintegration_company"}
"""As far as they brought it in, which is looked at first."""
VACANCY_MOVES = {
    ("draft", "open"): {"employer"},
    ("draft", "withdrawn"): {"employer"},
    ("open", "on_hold"): {"employer"},
    ("open", "filled"): {"employer", "system"},
    ("open", "withdrawn"): {"employer"} | BRING,
    ("open", "expired"): {"system"},
    ("on_hold", "open"): {"employer"},
    ("on_hold", "filled"): {"employer", "system"},
    ("on_hold", "withdrawn"): {"employer"} | BRING,
    ("on_hold", "expired"): {"system"},
    ("expired", "open"): {"employer"} | BRING,
    ("expired", "filled"): {"employer", "system"},
    ("expired", "withdrawn"): {"employer"} | BRING,
    ("withdrawn", "filled"): {"system"},
}

LEADS = {"uwv", "wsp", "mobility_pool", "jobcoach_organisation"}
CANDIDATE_MOVES = {
    ("available", "paused"): LEADS,
    ("available", "placed"): LEADS | {"system"},
    ("available", "withdrawn"): LEADS | {"system"},
    ("paused", "available"): LEADS | {"system"},
    ("paused", "placed"): LEADS | {"system"},
    ("paused", "withdrawn"): LEADS | {"system"},
    ("placed", "available"): LEADS,
    ("placed", "withdrawn"): LEADS | {"system"},
}

days = st.dates(min_value=date(2020, 1, 1), max_value=date(2040, 12, 31))


@pytest.mark.parametrize("role", PartyKind)
@pytest.mark.parametrize(("source", "target"), list(product(VacancyStatus, VacancyStatus)))
def test_vacancy_moves(source: VacancyStatus, target: VacancyStatus, role: PartyKind) -> None:
    if role in VACANCY_MOVES.get((source, target), set()):
        assert VACANCY.move(source, target, role).target is target
    else:
        with pytest.raises(ForbiddenMove) as refused:
            VACANCY.move(source, target, role)
        assert set(refused.value.allowed) == {t for (s, t), who in VACANCY_MOVES.items() if s == source and role in who}


@pytest.mark.parametrize("role", PartyKind)
@pytest.mark.parametrize(("source", "target"), list(product(CandidateStatus, CandidateStatus)))
def test_candidate_moves(source: CandidateStatus, target: CandidateStatus, role: PartyKind) -> None:
    if role in CANDIDATE_MOVES.get((source, target), set()):
        assert CANDIDATE.move(source, target, role).target is target
    else:
        with pytest.raises(ForbiddenMove):
            CANDIDATE.move(source, target, role)


def test_opening_always_refers_sets_the_last_day_and_tells_whoever_freed_it() -> None:
    openings = [move for move in VACANCY.moves if move.target is VacancyStatus.OPEN]
    assert {move.source for move in openings} == {VacancyStatus.DRAFT, VacancyStatus.ON_HOLD, VacancyStatus.EXPIRED}
    for move in openings:
        assert {Effect.REFER, Effect.SET_VALIDITY, Effect.TELL_SIGNAL} <= set(move.causes)


def test_every_move_of_a_vacancy_is_told_to_the_signal_that_freed_it() -> None:
    assert all(Effect.TELL_SIGNAL in move.causes for move in VACANCY.moves)


def test_expiry_stops_the_search_but_not_the_talks_under_way() -> None:
    causes = VACANCY.move(VacancyStatus.OPEN, VacancyStatus.EXPIRED, PartyKind.SYSTEM).causes
    assert Effect.CLOSE_REFERRALS in causes
    assert Effect.WITHDRAW_PROPOSALS not in causes


def test_ends_of_a_vacancy_are_final_and_not_live() -> None:
    ends = {VacancyStatus.FILLED, VacancyStatus.WITHDRAWN}
    left = [move for move in VACANCY.moves if move.source in ends]
    assert [(str(move.source), str(move.target), set(move.who)) for move in left] == [
        ("withdrawn", "filled", {"system"})
    ]
    assert not LIVE_VACANCY & ends


def test_employers_never_move_a_candidate() -> None:
    assert all(not CANDIDATE.allowed(status, PartyKind.EMPLOYER) for status in CandidateStatus)


@pytest.mark.parametrize(("party", "role"), list(product(PartyKind, CandidateLeadRole)))
def test_who_may_lead(party: PartyKind, role: CandidateLeadRole) -> None:
    expected = {
        "arbeidsdeskundige": "uwv",
        "aid": "uwv",
        "process_coordinator": "uwv",
        "wsp_advisor": "wsp",
        "pool_advisor": "mobility_pool",
        "jobcoach": "jobcoach_organisation",
    }
    assert may_lead(party, role) is (expected[role] == party)


def test_every_lead_can_move_its_candidate() -> None:
    assert {str(party) for party in LEAD_ROLES} == LEADS


def test_a_vacancy_stays_open_ninety_days_unless_its_employer_says_otherwise() -> None:
    assert expires_on(date(2026, 11, 2)) == date(2027, 1, 31)
    assert expires_on(date(2026, 11, 2), date(2026, 11, 30)) == date(2026, 11, 30)
    assert expires_on(date(2026, 11, 2), date(2026, 11, 2)) == date(2026, 11, 2)
    with pytest.raises(ValueError, match="before the day of opening"):
        expires_on(date(2026, 11, 2), date(2026, 11, 1))


def test_the_last_valid_day_still_counts() -> None:
    last = date(2026, 11, 30)
    assert not has_expired(last, last)
    assert has_expired(last, date(2026, 12, 1))


@given(opened=days)
def test_a_vacancy_has_not_expired_on_the_day_it_opens(opened: date) -> None:
    assert not has_expired(expires_on(opened), opened)
    assert has_expired(expires_on(opened), expires_on(opened) + timedelta(days=1))


def test_fill_days() -> None:
    assert fill_days(date(2026, 11, 2), date(2026, 11, 2)) == 0
    assert fill_days(date(2026, 11, 2), date(2026, 12, 2)) == 30
    with pytest.raises(ValueError, match="before it was opened"):
        fill_days(date(2026, 11, 2), date(2026, 11, 1))


@pytest.mark.parametrize(
    ("positions", "placed", "on_trial", "left", "filled"),
    [
        (1, 0, 0, 1, False),
        (1, 0, 1, 0, False),
        (1, 1, 0, 0, True),
        (3, 1, 1, 1, False),
        (2, 2, 1, 0, True),
        (2, 3, 0, 0, True),
    ],
)
def test_positions(positions: int, placed: int, on_trial: int, left: int, filled: bool) -> None:
    assert positions_left(positions, placed, on_trial) == left
    assert is_filled(positions, placed) is filled


@pytest.mark.parametrize("numbers", [(0, 0, 0), (1, -1, 0), (1, 0, -1)])
def test_impossible_counts_are_refused(numbers: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="at least one position"):
        positions_left(*numbers)
