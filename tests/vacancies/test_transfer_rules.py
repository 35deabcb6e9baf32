"""What goes along when a vacancy is passed on, and what two referrals that meet become."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from service.access.rules import PartyKind
from service.kernel.state import ForbiddenMove
from service.vacancies.referrals.rules import LIVE_REFERRAL, REFERRAL, WAITING, ReferralStatus, respond_by
from service.vacancies.referrals.transfers.rules import (
    Standing,
    carried_over,
    joined,
    loses_a_clock,
    usual_role,
)
from service.vacancies.rules import may_lead

S = ReferralStatus
TODAY = date(2026, 11, 9)
NOON = datetime(2026, 11, 9, 12, tzinfo=UTC)
moments = st.integers(min_value=0, max_value=5).map(lambda days: NOON - timedelta(days=days))


@st.composite
def standings(draw: st.DrawFn) -> Standing:
    """A live referral as it can be."""
    status = draw(st.sampled_from(sorted(LIVE_REFERRAL)))
    seen = None if status is S.SENT else draw(moments)
    answered = None if status in WAITING else draw(moments)
    accepted = answered if status is S.ACCEPTED else None
    last = draw(st.dates(min_value=date(2026, 11, 1), max_value=date(2026, 11, 20)))
    return Standing(status, last, status is S.ACCEPTED and draw(st.booleans()), seen, answered, accepted)


few = settings(max_examples=60)


@few
@given(standings())
def test_an_answer_goes_along_as_it_was_and_a_question_gets_its_full_time(old: Standing) -> None:
    new = carried_over(old, TODAY)
    if old.status in WAITING:
        assert new == Standing(S.SENT, max(old.respond_by, respond_by(TODAY)))
    else:
        assert new == old
    assert carried_over(new, TODAY) == new


@few
@given(standings(), standings())
def test_nothing_is_lost_where_two_meet(own: Standing, came: Standing) -> None:
    if own.lead and came.lead:
        came = replace(came, lead=False)  # a vacancy has one lead
    both = joined(own, came, TODAY)
    assert (both.status is S.ACCEPTED) == (S.ACCEPTED in (own.status, came.status))
    assert both.lead == (own.lead or came.lead)
    accepted = [one.accepted_at for one in (own, came) if one.accepted_at is not None]
    assert both.accepted_at == min(accepted, default=None)
    assert both.status in LIVE_REFERRAL
    if both.status in WAITING:
        assert both.respond_by >= max(own.respond_by, came.respond_by, respond_by(TODAY))
        assert both.status is own.status
    if both.status is not S.ACCEPTED:
        assert (both.status in WAITING) == (own.status in WAITING)
    assert joined(both, came, TODAY) == both


@few
@given(standings(), standings())
def test_what_is_joined_moves_as_the_table_says(own: Standing, came: Standing) -> None:
    both = joined(own, came, TODAY)
    if both.status is not own.status:
        try:
            REFERRAL.move(own.status, both.status, PartyKind.WSP)
        except ForbiddenMove as error:
            raise AssertionError(f"{own} and {came}") from error
    REFERRAL.move(came.status, S.CLOSED, PartyKind.SYSTEM)


@few
@given(standings(), standings())
def test_a_clock_is_lost_only_where_the_new_party_said_that_it_has_no_room(own: Standing, came: Standing) -> None:
    waited = came.status in WAITING or own.status in WAITING
    both = joined(own, came, TODAY)
    gone = waited and both.status not in WAITING and both.status is not S.ACCEPTED
    assert loses_a_clock(own, came) == gone


def test_each_kind_of_party_leads_in_a_role_of_its_own() -> None:
    never = {
        PartyKind.EMPLOYER,
        PartyKind.REINTEGRATION_COMPANY,
        PartyKind.DESK,
        PartyKind.OPERATOR,
        PartyKind.SYSTEM,
    }
    for kind in PartyKind:
        role = usual_role(kind)
        assert (role is None) == (kind in never)
        assert role is None or may_lead(kind, role)
    assert (usual_role(PartyKind.WSP), usual_role(PartyKind.MOBILITY_POOL)) == ("wsp_advisor", "pool_advisor")
