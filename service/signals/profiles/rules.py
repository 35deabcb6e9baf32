"""What may be handed over, when it is asked, and what the person says beside it. Codes about work only. Pure.

Rule numbers are those of docs/domain.md.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from service.access.rules import PartyKind
from service.signals.rules import NEEDS_INFORMED_EMPLOYEE, SignalPhase


class WayToWork(StrEnum):
    """How the employee came to the workplace."""

    ON_FOOT = "on_foot"
    BICYCLE = "bicycle"
    PUBLIC_TRANSPORT = "public_transport"
    CAR_OR_SCOOTER = "car_or_scooter"
    ARRANGED_TRANSPORT = "arranged_transport"


class HandedOverBy(StrEnum):
    """Who has a handover profile; the codes are those of the kinds of party."""

    EMPLOYER = "employer"
    JOBCOACH_ORGANISATION = "jobcoach_organisation"


class Topic(StrEnum):
    """What of a handover profile the person may see otherwise."""

    TASKS = "tasks"
    HOURS = "hours"
    HELP = "help"
    WORKPLACE = "workplace"
    GROWTH = "growth"


class Opinion(StrEnum):
    """What the person thinks of the employer's word on a topic."""

    AGREES = "agrees"
    DIFFERS = "differs"
    NOT_DISCUSSED = "not_discussed"


HANDS_OVER: Final = (PartyKind.EMPLOYER, PartyKind.JOBCOACH_ORGANISATION)


def asks_profile(kind: PartyKind, phase: SignalPhase, *, asked: bool, given: bool) -> bool:
    """Whether a statement is the moment to ask for what is known (rule 8): the employer says that the end is decided.

    Once for an employment, and not where it was handed over already.
    """
    return kind is PartyKind.EMPLOYER and phase in NEEDS_INFORMED_EMPLOYEE and not (asked or given)


def hours_fit(least: float | None, most: float | None) -> bool:
    """Whether the hours that were held at least go with those held at most."""
    return least is None or (most is not None and least <= most)
