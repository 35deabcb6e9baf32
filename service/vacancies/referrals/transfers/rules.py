"""What a vacancy takes along when it goes from one desk to another, and what becomes of two referrals that meet there.

Nothing is lost: not that somebody took the vacancy, nor since when, nor who has the lead. Plain values only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from service.access.rules import PartyKind
from service.vacancies.referrals.rules import WAITING, ReferralStatus, respond_by
from service.vacancies.rules import LEAD_ROLES, CandidateLeadRole

MOST_NAMED: Final = 1_000
"""How many referrals one transfer can name."""

MOST_REFERRALS: Final = 50_000
"""How many it takes at most where it names none: it is one transaction."""


class TransferReason(StrEnum):
    WRONG_REGION = "wrong_region"
    OTHER_DESK = "other_desk"
    OTHER_KIND_OF_WORK = "other_kind_of_work"
    NO_ROOM = "no_room"
    ORGANISATIONS_CHANGE = "organisations_change"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a referral is, as it goes along. Moments carry a zone, `respond_by` is a day in Amsterdam."""

    status: ReferralStatus
    respond_by: date
    lead: bool = False
    seen_at: datetime | None = None
    answered_at: datetime | None = None
    accepted_at: datetime | None = None


def carried_over(old: Standing, today: date) -> Standing:
    """How a live referral stands with the party to which it goes.

    An answer stays, with its day and the lead. Where none was given yet, the new party has not seen it, and has at
    least the full time to answer.
    """
    if old.status not in WAITING:
        return old
    return Standing(ReferralStatus.SENT, max(old.respond_by, respond_by(today)))


def joined(own: Standing, came: Standing, today: date) -> Standing:
    """One referral of two, where the new party has the vacancy already. `came` stands as it was with the other.

    Who took it has taken it, since the earlier of the two days; the lead stays. Otherwise the new party's own word
    counts: that the other had no room is no answer of this one. What waits gets at least the full time again.
    """
    taken = [one for one in (own, came) if one.status is ReferralStatus.ACCEPTED]
    if taken:
        first = min(taken, key=lambda one: (one.accepted_at is None, one.accepted_at))
        return replace(first, seen_at=own.seen_at or first.seen_at, lead=own.lead or came.lead)
    if own.status in WAITING:
        return replace(own, respond_by=max(own.respond_by, carried_over(came, today).respond_by, respond_by(today)))
    return own


def loses_a_clock(own: Standing, came: Standing) -> bool:
    """Whether nobody waits any more for an answer that was still to be given, so that others may have to be asked."""
    return came.status in WAITING and own.status is ReferralStatus.AT_CAPACITY


def usual_role(party: PartyKind) -> CandidateLeadRole | None:
    """In which role this kind of receiver has the lead for a candidate; None: it never has."""
    return min(LEAD_ROLES.get(party, ()), default=None)
