"""Who may record that a person agrees to be shown in a pool, and why such an offer ends.

Consent is the person's: recorded by the person's own side, never by an employer or by the pool that gains from it.
Source: docs/domain.md, rule 12.
"""

from __future__ import annotations

from enum import StrEnum

from service.access.rules import PartyKind


class OfferEnd(StrEnum):
    """Why a candidate is no longer shown in a pool. The pool itself is never told."""

    CONSENT_WITHDRAWN = "consent_withdrawn"
    NO_LONGER_OFFERED = "no_longer_offered"
    PLACED = "placed"
    WITHDRAWN = "withdrawn"


class TakenBack(StrEnum):
    """The reasons that whoever takes an offer back can give."""

    CONSENT_WITHDRAWN = OfferEnd.CONSENT_WITHDRAWN.value
    NO_LONGER_OFFERED = OfferEnd.NO_LONGER_OFFERED.value


def may_record_consent(party: PartyKind, *, leads: bool, coaches: bool) -> bool:
    """Whether this party may record the person's consent to be shown in a pool.

    UWV, where the person's caseworker works, and the jobcoach organisation that has the lead or coaches the person.
    """
    if party is PartyKind.JOBCOACH_ORGANISATION:
        return leads or coaches
    return party is PartyKind.UWV


def may_end(party: PartyKind, *, leads: bool, coaches: bool) -> bool:
    """Whether this party may take an offer back: whoever helps the person may, so that a no is never in a queue."""
    if party in (PartyKind.UWV, PartyKind.DESK):
        return True
    return party is not PartyKind.EMPLOYER and (leads or coaches)
