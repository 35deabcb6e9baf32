"""Why a referral was answered or closed as it was: codes about the work and its course."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from service.vacancies.referrals.rules import ReferralStatus
from service.vacancies.rules import VacancyStatus


class AnswerReason(StrEnum):
    NO_CANDIDATES = "no_candidates"
    OTHER_REGION = "other_region"
    OTHER_KIND_OF_WORK = "other_kind_of_work"
    TOO_LITTLE_KNOWN = "too_little_known"
    ALREADY_IN_HAND = "already_in_hand"
    NO_ROOM_NOW = "no_room_now"
    EMPLOYER_NOT_REACHED = "employer_not_reached"
    OTHER = "other"

    VACANCY_FILLED = "vacancy_filled"
    VACANCY_WITHDRAWN = "vacancy_withdrawn"
    VACANCY_EXPIRED = "vacancy_expired"
    TRANSFERRED = "transferred"
    MEMBERSHIP_ENDED = "membership_ended"


_NOT_TAKEN: Final = frozenset(
    {
        AnswerReason.NO_CANDIDATES,
        AnswerReason.OTHER_REGION,
        AnswerReason.OTHER_KIND_OF_WORK,
        AnswerReason.TOO_LITTLE_KNOWN,
        AnswerReason.ALREADY_IN_HAND,
        AnswerReason.NO_ROOM_NOW,
        AnswerReason.OTHER,
    }
)

REASONS: Final[Mapping[ReferralStatus, frozenset[AnswerReason]]] = {
    ReferralStatus.DECLINED: _NOT_TAKEN,
    ReferralStatus.RETURNED: _NOT_TAKEN | {AnswerReason.EMPLOYER_NOT_REACHED},
}
"""With which answers a receiver gives a reason, and from which it chooses."""

CLOSED_BY: Final[Mapping[VacancyStatus, AnswerReason]] = {
    VacancyStatus.FILLED: AnswerReason.VACANCY_FILLED,
    VacancyStatus.WITHDRAWN: AnswerReason.VACANCY_WITHDRAWN,
    VacancyStatus.EXPIRED: AnswerReason.VACANCY_EXPIRED,
}
"""Why the service closes the referrals of a vacancy that became this."""
