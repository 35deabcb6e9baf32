"""To whom a vacancy goes, by when they answer, and what happens when nobody takes it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import product
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.access.rules import PartyKind
from service.kernel.state import ForbiddenMove
from service.reference import places
from service.vacancies.referrals.rules import (
    LIVE_REFERRAL,
    RECEIVER,
    REFERRAL,
    REFUSED,
    WAITING,
    Acceptance,
    Effect,
    ReferralState,
    ReferralStatus,
    ReferralTarget,
    lead_of,
    needs_escalation,
    next_regions,
    respond_by,
)

RECEIVERS = {"wsp", "mobility_pool", "desk"}
CLOSERS = {"employer", "system"}
MOVES = {
    ("sent", "seen"): RECEIVERS,
    ("sent", "accepted"): RECEIVERS,
    ("sent", "declined"): RECEIVERS,
    ("sent", "at_capacity"): RECEIVERS,
    ("sent", "closed"): CLOSERS,
    ("seen", "accepted"): RECEIVERS,
    ("seen", "declined"): RECEIVERS,
    ("seen", "at_capacity"): RECEIVERS,
    ("seen", "closed"): CLOSERS,
    ("accepted", "returned"): RECEIVERS,
    ("accepted", "closed"): CLOSERS,
    ("at_capacity", "accepted"): RECEIVERS,
    ("at_capacity", "declined"): RECEIVERS,
    ("at_capacity", "closed"): CLOSERS,
}

S = ReferralStatus
TODAY = date(2026, 11, 9)
YESTERDAY = TODAY - timedelta(days=1)

states = st.builds(
    ReferralState,
    status=st.sampled_from(list(S)),
    respond_by=st.dates(min_value=date(2026, 11, 1), max_value=date(2026, 11, 20)),
)


@pytest.mark.parametrize("role", PartyKind)
@pytest.mark.parametrize(("source", "target"), list(product(S, S)))
def test_moves(source: ReferralStatus, target: ReferralStatus, role: PartyKind) -> None:
    if role in MOVES.get((source, target), set()):
        assert REFERRAL.move(source, target, role).target is target
    else:
        with pytest.raises(ForbiddenMove) as refused:
            REFERRAL.move(source, target, role)
        assert set(refused.value.allowed) == {t for (s, t), who in MOVES.items() if s == source and role in who}


def test_what_is_live_can_still_move_and_the_rest_cannot() -> None:
    assert {status for status in S if not REFERRAL.is_final(status)} == LIVE_REFERRAL
    assert not WAITING & REFUSED


def test_every_no_asks_whether_somebody_is_left_and_every_yes_settles_the_lead() -> None:
    for move in REFERRAL.moves:
        if move.target in REFUSED and move.source is not S.AT_CAPACITY:
            assert Effect.CHECK_ESCALATION in move.causes
        if S.ACCEPTED in (move.source, move.target):
            assert Effect.SETTLE_LEAD in move.causes


def test_every_target_has_somebody_who_answers() -> None:
    assert set(RECEIVER) == set(ReferralTarget)
    assert all(REFERRAL.allowed(S.SENT, party) for party in RECEIVER.values())


@pytest.mark.parametrize(
    ("sent", "last"),
    [
        (date(2026, 11, 2), date(2026, 11, 5)),  # Monday: Thursday
        (date(2026, 11, 6), date(2026, 11, 11)),  # Friday: over the weekend
        (date(2026, 11, 7), date(2026, 11, 11)),  # Saturday is day 0 too
        (date(2026, 12, 24), date(2026, 12, 30)),  # both days of Christmas, of which one a Saturday
        (date(2027, 5, 3), date(2027, 5, 10)),  # 5 May and Ascension Day
    ],
)
def test_three_working_days_to_answer(sent: date, last: date) -> None:
    assert respond_by(sent) == last


@pytest.mark.parametrize(
    ("referrals", "escalate"),
    [
        ([], True),
        ([(S.SENT, TODAY)], False),
        ([(S.SENT, YESTERDAY)], True),
        ([(S.SEEN, YESTERDAY)], True),
        ([(S.SEEN, YESTERDAY), (S.SENT, TODAY)], False),
        ([(S.SEEN, YESTERDAY), (S.ACCEPTED, YESTERDAY)], False),
        ([(S.DECLINED, TODAY)], True),
        ([(S.DECLINED, TODAY), (S.SENT, TODAY)], False),
        ([(S.DECLINED, TODAY), (S.AT_CAPACITY, TODAY), (S.RETURNED, YESTERDAY)], True),
        ([(S.CLOSED, YESTERDAY)], False),
        ([(S.CLOSED, YESTERDAY), (S.SENT, YESTERDAY)], True),
        ([(S.CLOSED, YESTERDAY), (S.RETURNED, YESTERDAY)], True),
    ],
)
def test_when_nobody_takes_it(referrals: list[tuple[ReferralStatus, date]], escalate: bool) -> None:
    assert needs_escalation((ReferralState(*one) for one in referrals), TODAY) is escalate


@given(referrals=st.lists(states, max_size=6))
def test_looking_at_it_changes_nothing(referrals: list[ReferralState]) -> None:
    seen = [ReferralState(S.SEEN, one.respond_by) if one.status is S.SENT else one for one in referrals]
    assert needs_escalation(referrals, TODAY) is needs_escalation(seen, TODAY)


@given(referrals=st.lists(states, max_size=6), data=st.data())
def test_the_order_of_referrals_does_not_matter(referrals: list[ReferralState], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(referrals))
    assert needs_escalation(referrals, TODAY) is needs_escalation(shuffled, TODAY)


@given(referrals=st.lists(states, max_size=6))
def test_each_escalation_asks_once(referrals: list[ReferralState]) -> None:
    added = ReferralState(S.SENT, respond_by(TODAY))
    assert not needs_escalation([*referrals, added], TODAY)


@given(referrals=st.lists(states, max_size=6), later=st.integers(min_value=0, max_value=30))
def test_waiting_longer_never_takes_an_escalation_back(referrals: list[ReferralState], later: int) -> None:
    if needs_escalation(referrals, TODAY):
        assert needs_escalation(referrals, TODAY + timedelta(days=later))


def test_the_nearest_untried_regions_come_next() -> None:
    assert next_regions({"A"}, ["B", "C", "D"]) == ("B", "C")
    assert next_regions({"A", "B"}, ["B", "C", "D"]) == ("C", "D")
    assert next_regions({"A", "B", "C"}, ["B", "C", "D"]) == ("D",)
    assert next_regions({"B", "C", "D"}, ["B", "C", "D"]) == ()
    assert next_regions(set(), ["B", "B", "C"], count=1) == ("B",)
    with pytest.raises(ValueError, match="at least one region"):
        next_regions(set(), ["B"], count=0)


def test_every_region_of_the_country_has_a_next_one() -> None:
    for region in places.regions():
        neighbours = [near.code for near in places.neighbouring_regions(region.code)]
        added = next_regions({region.code}, neighbours)
        assert added
        assert added == tuple(neighbours[:2])
        assert region.code not in added


def test_the_first_to_accept_has_the_lead_until_it_returns_the_vacancy() -> None:
    first, second = UUID(int=2), UUID(int=1)
    at_nine = Acceptance(first, datetime(2026, 11, 9, 8, tzinfo=UTC))
    at_ten = Acceptance(second, datetime(2026, 11, 9, 9, tzinfo=UTC))
    assert lead_of([at_ten, at_nine]) == first
    assert lead_of([at_ten]) == second
    assert lead_of([]) is None
    assert lead_of([Acceptance(first, at_nine.accepted_at), Acceptance(second, at_nine.accepted_at)]) == second
