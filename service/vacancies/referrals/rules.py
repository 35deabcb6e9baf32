"""To whom a vacancy goes, how soon they answer, and what happens when nobody takes it.

A vacancy goes to the WSP of its workplace's region and to the mobility pools of its employer. Whoever receives it has
three working days to take it or to say no; looking at it does not stop that clock. When nobody takes it, the nearest
regions and the desk are added. Several may take it; the first has the lead. Source: docs/domain.md, rules 9, 13 and 15.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from service.access.rules import PartyKind
from service.kernel.state import Move, StateMachine
from service.reference.working_days import add_working_days

RESPOND_WORKING_DAYS: Final = 3
"""Dutch working days to answer a referral; the day on which it was sent is day 0."""

REGIONS_PER_ESCALATION: Final = 2
"""How many neighbouring regions are added each time that nobody takes a vacancy. Our choice."""


class ReferralTarget(StrEnum):
    """What kind of party a vacancy is referred to."""

    WSP = "wsp"
    MOBILITY_POOL = "mobility_pool"
    MUNICIPALITY = "municipality"
    DESK = "desk"


class ReferralReason(StrEnum):
    """Why a vacancy came to this party; the API calls it `because`."""

    REGION = "region"
    MEMBERSHIP = "membership"
    ESCALATION = "escalation"
    TRANSFER = "transfer"


class ReferralStatus(StrEnum):
    SENT = "sent"
    SEEN = "seen"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    AT_CAPACITY = "at_capacity"
    RETURNED = "returned"
    CLOSED = "closed"


class ReferralOrder(StrEnum):
    """In which order an inbox is listed."""

    ID = "id"
    """As they came."""
    RESPOND_BY = "respondBy"
    """Those that wait for an answer, the one that is due first at the top."""


class Effect(StrEnum):
    """What follows from a move of a referral."""

    SETTLE_LEAD = "settle_lead"
    """Determine anew who has the lead for the vacancy (`lead_of`)."""
    CHECK_ESCALATION = "check_escalation"
    """Ask whether anybody is left who may take the vacancy (`needs_escalation`)."""
    TELL_EMPLOYER = "tell_employer"


WAITING: Final = frozenset({ReferralStatus.SENT, ReferralStatus.SEEN})
"""Not answered yet; the clock of `respond_by` runs."""

REFUSED: Final = frozenset({ReferralStatus.DECLINED, ReferralStatus.AT_CAPACITY, ReferralStatus.RETURNED})
"""Answered, and not taken or no longer."""

LIVE_REFERRAL: Final = WAITING | {ReferralStatus.ACCEPTED, ReferralStatus.AT_CAPACITY}
"""The receiver works on it, or still may: a vacancy has at most one of these per receiver."""

RECEIVER: Final = {
    ReferralTarget.WSP: PartyKind.WSP,
    ReferralTarget.MOBILITY_POOL: PartyKind.MOBILITY_POOL,
    ReferralTarget.MUNICIPALITY: PartyKind.WSP,
    ReferralTarget.DESK: PartyKind.DESK,
}
"""Who answers for a target. Municipalities work in the WSP of their region, which answers for them."""

TARGETS: Final = {
    PartyKind.WSP: ReferralTarget.WSP,
    PartyKind.MOBILITY_POOL: ReferralTarget.MOBILITY_POOL,
    PartyKind.DESK: ReferralTarget.DESK,
}
"""As what a party receives vacancies. Nobody else does."""

_RECEIVERS: Final[frozenset[str]] = frozenset(RECEIVER.values())
_CLOSERS: Final[frozenset[str]] = frozenset({PartyKind.SYSTEM, PartyKind.EMPLOYER})
_TAKEN: Final = (Effect.SETTLE_LEAD, Effect.TELL_EMPLOYER)
_NOT_TAKEN: Final = (Effect.CHECK_ESCALATION,)

# `at_capacity` is a no for now: the receiver may still take the vacancy when room comes. The roles count only for the
# party that this referral went to (RECEIVER) and for the vacancy's own employer: the operation checks that first.
# The employer closes a referral, as the service does when the vacancy is no longer open.
REFERRAL: Final = StateMachine(
    "referral",
    [
        Move(ReferralStatus.SENT, ReferralStatus.SEEN, _RECEIVERS),
        Move(ReferralStatus.SENT, ReferralStatus.ACCEPTED, _RECEIVERS, _TAKEN),
        Move(ReferralStatus.SENT, ReferralStatus.DECLINED, _RECEIVERS, _NOT_TAKEN),
        Move(ReferralStatus.SENT, ReferralStatus.AT_CAPACITY, _RECEIVERS, _NOT_TAKEN),
        Move(ReferralStatus.SENT, ReferralStatus.CLOSED, _CLOSERS),
        Move(ReferralStatus.SEEN, ReferralStatus.ACCEPTED, _RECEIVERS, _TAKEN),
        Move(ReferralStatus.SEEN, ReferralStatus.DECLINED, _RECEIVERS, _NOT_TAKEN),
        Move(ReferralStatus.SEEN, ReferralStatus.AT_CAPACITY, _RECEIVERS, _NOT_TAKEN),
        Move(ReferralStatus.SEEN, ReferralStatus.CLOSED, _CLOSERS),
        Move(
            ReferralStatus.ACCEPTED,
            ReferralStatus.RETURNED,
            _RECEIVERS,
            (Effect.SETTLE_LEAD, Effect.CHECK_ESCALATION, Effect.TELL_EMPLOYER),
        ),
        Move(ReferralStatus.ACCEPTED, ReferralStatus.CLOSED, _CLOSERS, (Effect.SETTLE_LEAD,)),
        Move(ReferralStatus.AT_CAPACITY, ReferralStatus.ACCEPTED, _RECEIVERS, _TAKEN),
        Move(ReferralStatus.AT_CAPACITY, ReferralStatus.DECLINED, _RECEIVERS),
        Move(ReferralStatus.AT_CAPACITY, ReferralStatus.CLOSED, _CLOSERS),
    ],
)


@dataclass(frozen=True, slots=True)
class ReferralState:
    """What the clock needs to know of one referral of a vacancy. `respond_by` is a day in Amsterdam."""

    status: ReferralStatus
    respond_by: date


@dataclass(frozen=True, slots=True)
class Acceptance:
    """One referral that is accepted now. `accepted_at` carries a zone."""

    referral_id: UUID
    accepted_at: datetime


def respond_by(sent: date) -> date:
    """The last day to answer a referral sent on this day: three Dutch working days on. The day itself is day 0."""
    return add_working_days(sent, RESPOND_WORKING_DAYS)


def needs_escalation(referrals: Iterable[ReferralState], today: date) -> bool:
    """Whether the nearest regions and the desk must be added to an open vacancy today.

    Yes when nobody has taken it and nobody who was asked still has time to: all said no, or let `respond_by` pass
    (it ends with that day). Those added get a day of their own, so each round asks once. A vacancy that went to nobody
    needs it at once; one whose referrals were all closed is no longer looking.
    """
    asked = False
    lost = False
    for referral in referrals:
        asked = True
        if referral.status is ReferralStatus.ACCEPTED:
            return False
        if referral.status in WAITING:
            if today <= referral.respond_by:
                return False
            lost = True
        elif referral.status in REFUSED:
            lost = True
    return lost or not asked


def next_regions(
    tried: Collection[str], neighbours: Sequence[str], count: int = REGIONS_PER_ESCALATION
) -> tuple[str, ...]:
    """The labour-market regions to add: the nearest `count` neighbours that have not been tried.

    `neighbours` are region codes, nearest first, without the region itself. Empty when all have been tried:
    then the desk has it alone. Raises ValueError when `count` is below 1.
    """
    if count < 1:
        raise ValueError("an escalation adds at least one region")
    untried = [region for region in dict.fromkeys(neighbours) if region not in tried]
    return tuple(untried[:count])


def lead_of(acceptances: Iterable[Acceptance]) -> UUID | None:
    """Which referral has the lead for the vacancy: of those that stand now, the one accepted first.

    When the leading receiver returns the vacancy, the lead passes to the next. Nobody accepted: None.
    """
    first = min(acceptances, key=lambda a: (a.accepted_at, a.referral_id), default=None)
    return None if first is None else first.referral_id
