"""One candidate for one vacancy: who moves it, what consent opens, how it ends, and the counting of days and hours."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.access.rules import PartyKind
from service.kernel.state import ForbiddenMove
from service.vacancies.proposals.reasons import (
    REASONS,
    DeclineReason,
    ReasonSide,
    reason_allowed,
    reason_for_employer,
    reason_read_by,
    reasons_for,
)
from service.vacancies.proposals.rules import (
    LIVE_PROPOSAL,
    NAMED,
    NOT_YET_AT_WORK,
    PROPOSAL,
    ConsentState,
    Effect,
    ProposalRole,
    ProposalStatus,
    ProposalWarning,
    WorkSpell,
    clashes,
    employer_sees,
    initial_status,
    last_day_of,
    name_visible,
    overlap,
    peak_hours,
    role_in_proposal,
    trial_placement_errors,
    warning_of,
)

S = ProposalStatus
R = ProposalRole

PERSON = {"lead", "person_side"}
HELPERS = {"lead", "person_side", "advisor"}
EVERYBODY = HELPERS | {"employer"}
TAKES_BACK = HELPERS | {"system"}
MOVES = {
    ("requested", "proposed"): {"lead"},
    ("requested", "declined"): {"lead"},
    ("requested", "withdrawn"): TAKES_BACK,
    ("proposed", "consented"): PERSON,
    ("proposed", "declined"): EVERYBODY,
    ("proposed", "withdrawn"): TAKES_BACK,
    ("consented", "introduced"): HELPERS,
    ("consented", "declined"): EVERYBODY,
    ("consented", "withdrawn"): TAKES_BACK,
    ("introduced", "trial_placement"): EVERYBODY,
    ("introduced", "placed"): EVERYBODY,
    ("introduced", "declined"): EVERYBODY,
    ("introduced", "withdrawn"): TAKES_BACK,
    ("trial_placement", "placed"): EVERYBODY,
    ("trial_placement", "declined"): EVERYBODY,
    ("trial_placement", "withdrawn"): TAKES_BACK,
}

days = st.dates(min_value=date(2020, 1, 1), max_value=date(2040, 12, 31))


@st.composite
def spells(draw: st.DrawFn) -> WorkSpell:
    start = draw(days)
    length = draw(st.none() | st.integers(min_value=0, max_value=2000))
    end = None if length is None else start + timedelta(days=length)
    return WorkSpell(start, end, draw(st.floats(min_value=0, max_value=60)))


@pytest.mark.parametrize("role", R)
@pytest.mark.parametrize(("source", "target"), list(product(S, S)))
def test_moves(source: ProposalStatus, target: ProposalStatus, role: ProposalRole) -> None:
    if role in MOVES.get((source, target), set()):
        assert PROPOSAL.move(source, target, role).target is target
    else:
        with pytest.raises(ForbiddenMove) as refused:
            PROPOSAL.move(source, target, role)
        assert set(refused.value.allowed) == {t for (s, t), who in MOVES.items() if s == source and role in who}


def test_what_is_live_can_still_move_and_the_rest_cannot() -> None:
    assert {status for status in S if not PROPOSAL.is_final(status)} == LIVE_PROPOSAL
    assert S.TRIAL_PLACEMENT not in NOT_YET_AT_WORK


def test_no_way_to_a_name_leads_past_consent() -> None:
    into_named = [move for move in PROPOSAL.moves if move.target in NAMED and move.source not in NAMED]
    assert [(move.source, move.target) for move in into_named] == [(S.PROPOSED, S.CONSENTED)]
    assert into_named[0].who == PERSON


def test_a_proposal_that_ends_after_consent_hides_the_name() -> None:
    for move in PROPOSAL.moves:
        if move.target in (S.DECLINED, S.WITHDRAWN):
            assert (Effect.HIDE_NAME in move.causes) is (move.source in NAMED)


def test_consent_can_be_withdrawn_as_long_as_the_name_is_shown_and_nothing_is_final() -> None:
    for status in NAMED - {S.PLACED}:
        for role in (R.LEAD, R.PERSON_SIDE, R.SYSTEM):
            assert PROPOSAL.move(status, S.WITHDRAWN, role)
            assert reason_allowed(DeclineReason.CONSENT_WITHDRAWN, S.WITHDRAWN, role)


@pytest.mark.parametrize(
    ("party", "has_lead", "on_person_side", "role"),
    [
        (PartyKind.EMPLOYER, False, False, R.EMPLOYER),
        (PartyKind.EMPLOYER, True, True, R.EMPLOYER),
        (PartyKind.SYSTEM, False, False, R.SYSTEM),
        (PartyKind.OPERATOR, True, True, None),
        (PartyKind.DESK, False, False, R.ADVISOR),
        (PartyKind.UWV, True, True, R.LEAD),
        (PartyKind.UWV, False, True, R.PERSON_SIDE),
        (PartyKind.UWV, False, False, R.ADVISOR),
        (PartyKind.WSP, True, False, R.LEAD),
        (PartyKind.WSP, False, False, R.ADVISOR),
        (PartyKind.MOBILITY_POOL, True, False, R.LEAD),
        (PartyKind.MOBILITY_POOL, False, False, R.ADVISOR),
        (PartyKind.JOBCOACH_ORGANISATION, True, True, R.LEAD),
        (PartyKind.JOBCOACH_ORGANISATION, False, True, R.PERSON_SIDE),
        (PartyKind.JOBCOACH_ORGANISATION, False, False, None),
    ],
)
def test_role_in_a_proposal(party: PartyKind, has_lead: bool, on_person_side: bool, role: ProposalRole | None) -> None:
    assert role_in_proposal(party, has_lead=has_lead, on_person_side=on_person_side) is role


def test_only_the_lead_proposes_at_once() -> None:
    assert initial_status("wsp-1", "wsp-1") is S.PROPOSED
    assert initial_status("wsp-2", "wsp-1") is S.REQUESTED


@pytest.mark.parametrize(("status", "consent"), list(product(S, ConsentState)))
def test_the_name_is_visible_from_consent_on_while_it_holds(status: ProposalStatus, consent: ConsentState) -> None:
    expected = consent == "granted" and status in ("consented", "introduced", "trial_placement", "placed")
    assert name_visible(status, consent) is expected


@pytest.mark.parametrize(("status", "was_proposed"), list(product(S, (True, False))))
def test_a_request_stays_unseen_by_the_employer(status: ProposalStatus, was_proposed: bool) -> None:
    if status in (S.DECLINED, S.WITHDRAWN):
        assert employer_sees(status, was_proposed=was_proposed) is was_proposed
    else:
        assert employer_sees(status, was_proposed=was_proposed) is (status is not S.REQUESTED)


def test_every_reason_has_its_rule_and_a_sentence_in_both_languages() -> None:
    assert set(REASONS) == set(DeclineReason)
    for rule in REASONS.values():
        assert rule.ends_in <= {S.DECLINED, S.WITHDRAWN}
        assert rule.text.nl.endswith(".")
        assert rule.text.en.endswith(".")


def test_reasons_speak_of_work_and_never_of_health_or_benefit() -> None:
    forbidden = ("ziek", "medisch", "gezond", "uitkering", "beperking", "ill", "sick", "medical", "health", "benefit")
    for reason, rule in REASONS.items():
        words = f"{reason} {rule.text.nl} {rule.text.en}".lower().replace(".", " ").replace("_", " ").split()
        assert not [word for word in words if word.startswith(forbidden)]


def test_the_employer_never_reads_a_reason_of_the_candidates_side() -> None:
    for reason, rule in REASONS.items():
        shown = reason_for_employer(reason)
        assert shown in (reason, None)
        if rule.side in (ReasonSide.CANDIDATE, ReasonSide.LEAD):
            assert shown is None
    assert reason_for_employer(None) is None
    assert reason_for_employer(DeclineReason.VACANCY_FILLED) is DeclineReason.VACANCY_FILLED


@pytest.mark.parametrize(("target", "role"), list(product(S, R)))
def test_who_may_give_which_reason(target: ProposalStatus, role: ProposalRole) -> None:
    sides = {
        "lead": {"employer", "candidate", "lead", "process"},
        "person_side": {"employer", "candidate", "process"},
        "advisor": {"employer", "process"},
        "employer": {"employer"},
        "system": {"process", "candidate"},
    }
    for reason, rule in REASONS.items():
        expected = rule.side in sides[role] and target in rule.ends_in
        assert reason_allowed(reason, target, role) is expected
        assert (reason in reasons_for(target, role)) is expected


def test_whoever_may_end_a_proposal_has_a_reason_to_choose() -> None:
    for move in PROPOSAL.moves:
        if move.target in (S.DECLINED, S.WITHDRAWN):
            assert all(reasons_for(move.target, R(role)) for role in move.who)


@pytest.mark.parametrize(
    ("start", "months", "last"),
    [
        (date(2026, 12, 1), 2, date(2027, 1, 31)),
        (date(2027, 3, 15), 2, date(2027, 5, 14)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2027, 7, 1), 6, date(2027, 12, 31)),
        (date(2027, 1, 1), 0, date(2026, 12, 31)),
    ],
)
def test_last_day_of_whole_months(start: date, months: int, last: date) -> None:
    assert last_day_of(start, months) == last


@pytest.mark.parametrize(
    ("start", "end", "intended", "codes"),
    [
        (date(2027, 1, 1), date(2027, 2, 28), 6, []),
        (date(2027, 1, 1), date(2027, 6, 30), 12, []),
        (date(2027, 1, 1), date(2027, 2, 27), 6, ["trial-too-short"]),
        (date(2027, 1, 1), date(2027, 7, 1), 6, ["trial-too-long"]),
        (date(2027, 1, 1), date(2027, 3, 31), 5, ["intended-contract-too-short"]),
        (date(2027, 1, 1), date(2026, 12, 1), 0, ["trial-too-short", "intended-contract-too-short"]),
    ],
)
def test_trial_placement(start: date, end: date, intended: int, codes: list[str]) -> None:
    faults = trial_placement_errors(start, end, intended)
    assert [fault.code for fault in faults] == codes
    assert all(any(digit in fault.text.nl for digit in "26") for fault in faults)


@given(start=days, months=st.integers(min_value=2, max_value=6), intended=st.integers(min_value=6, max_value=60))
def test_two_to_six_whole_months_are_always_right(start: date, months: int, intended: int) -> None:
    assert trial_placement_errors(start, last_day_of(start, months), intended) == ()


@given(start=days)
def test_a_day_less_or_more_is_wrong(start: date) -> None:
    one_day = timedelta(days=1)
    too_short = trial_placement_errors(start, last_day_of(start, 2) - one_day, 6)
    too_long = trial_placement_errors(start, last_day_of(start, 6) + one_day, 6)
    assert [fault.code for fault in (*too_short, *too_long)] == ["trial-too-short", "trial-too-long"]


def test_more_than_48_hours_at_the_same_time_clash() -> None:
    running = WorkSpell(date(2027, 1, 1), date(2027, 3, 31), 24)
    assert not clashes(running, WorkSpell(date(2027, 2, 1), None, 24))
    assert clashes(running, WorkSpell(date(2027, 3, 31), None, 24.5))
    assert not clashes(running, WorkSpell(date(2027, 4, 1), None, 40))


@given(a=spells(), b=spells())
def test_overlap_and_clash_do_not_depend_on_the_order(a: WorkSpell, b: WorkSpell) -> None:
    assert overlap(a, b) is overlap(b, a)
    assert clashes(a, b) is clashes(b, a)
    assert overlap(a, a)


def test_three_jobs_count_only_where_they_go_together() -> None:
    spring = WorkSpell(date(2027, 3, 1), date(2027, 5, 31), 24)
    autumn = WorkSpell(date(2027, 9, 1), None, 24)
    year = WorkSpell(date(2027, 1, 1), None, 24)
    assert peak_hours(year, [spring, autumn]) == 48
    assert not clashes(year, spring, autumn)
    assert clashes(year, spring, WorkSpell(date(2027, 5, 31), date(2027, 5, 31), 1))
    assert clashes(WorkSpell(date(2027, 1, 1), None, 32), WorkSpell(date(2027, 2, 1), None, 32))


def test_more_than_somebody_wants_is_only_a_warning() -> None:
    running, new = WorkSpell(date(2027, 1, 1), None, 20), WorkSpell(date(2027, 2, 1), None, 20)
    assert warning_of(new, [running], 40) is None
    assert warning_of(new, [running], 32) is ProposalWarning.ABOVE_WANTED_HOURS
    assert warning_of(new, [running], None) is None
    assert warning_of(WorkSpell(date(2027, 2, 1), None, 32), [running], None) is ProposalWarning.ABOVE_48_HOURS
    assert warning_of(WorkSpell(date(2026, 2, 1), date(2026, 12, 31), 36), [running], 32) is None


@given(new=spells(), others=st.lists(spells(), max_size=3))
def test_the_peak_is_at_least_the_work_itself_and_at_most_all_of_it(new: WorkSpell, others: list[WorkSpell]) -> None:
    total = new.hours + sum(other.hours for other in others)
    assert new.hours <= peak_hours(new, others) <= total + 1e-6


@pytest.mark.parametrize(
    ("reason", "target", "sources"),
    [
        (DeclineReason.TRIAL_ENDED_WITHOUT_CONTRACT, S.DECLINED, {"trial_placement"}),
        (DeclineReason.CONSENT_REFUSED, S.DECLINED, {"requested", "proposed"}),
        (DeclineReason.CONSENT_WITHDRAWN, S.WITHDRAWN, {"consented", "introduced", "trial_placement", "placed"}),
        (DeclineReason.TOO_FAR, S.DECLINED, set(S)),
    ],
)
def test_some_reasons_can_be_true_only_at_some_time(
    reason: DeclineReason, target: ProposalStatus, sources: set[str]
) -> None:
    assert {source for source in S if reason_allowed(reason, target, R.LEAD, source)} == sources


@pytest.mark.parametrize("role", [*R, None])
def test_what_was_said_of_consent_is_read_by_the_persons_side_alone(role: ProposalRole | None) -> None:
    for reason in (DeclineReason.CONSENT_REFUSED, DeclineReason.CONSENT_WITHDRAWN):
        read = reason_read_by(role, reason)
        if role in (R.LEAD, R.PERSON_SIDE):
            assert read is reason
        else:
            assert read is reason_read_by(role, DeclineReason.CANDIDATE_GIVES_NO_REASON)


@given(a=spells(), b=spells())
def test_work_that_follows_on_does_not_overlap(a: WorkSpell, b: WorkSpell) -> None:
    if a.end is not None and a.end < b.start:
        assert not overlap(a, b)
