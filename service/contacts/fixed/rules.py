"""Whom an employer can always call in a region: at UWV and at the WSP (rule 5 of docs/domain.md)."""

from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple

from service.contacts.rules import CaseworkerFacts, ContactKind, choose_contact


class Side(StrEnum):
    """Whose contact it is: each side names its own."""

    UWV = "uwv"
    WSP = "wsp"


class UwvContactKind(StrEnum):
    """Who answers an employer at UWV, nearest first."""

    CASEWORKER = "caseworker"
    BACKUP = "backup"
    OFFICE = "office"
    DESK = "desk"


class WspContactKind(StrEnum):
    """Who answers an employer at the WSP, nearest first."""

    ADVISOR = "advisor"
    WSP = "wsp"
    DESK = "desk"


NAMED_BY: Final = {Side.UWV: ("caseworker_id",), Side.WSP: ("name", "phone", "email")}
"""What each side says of its contact."""


def missing(side: Side, given: Set[str]) -> list[str]:
    """What this side has to say and did not."""
    return [name for name in NAMED_BY[side] if name not in given]


def foreign(side: Side, given: Set[str]) -> list[str]:
    """What only the other side says."""
    others = [name for other, names in NAMED_BY.items() if other is not side for name in names]
    return [name for name in others if name in given]


class UwvChoice(NamedTuple):
    """Who answers today. `absent_until`: last day on which the fixed caseworker is away (None: not away, or open)."""

    kind: UwvContactKind
    absent_until: date | None = None


def choose_at_uwv(
    day: date, *, caseworker: CaseworkerFacts | None, backup: CaseworkerFacts | None, office: bool
) -> UwvChoice:
    """Who at UWV answers an employer on `day`: caseworker, else backup, else an office of the region, else the desk.

    `caseworker` None: none is fixed, or who was has left; then there is no backup either.
    """
    beside = backup if caseworker is not None else None
    choice = choose_contact(day, disclosed=True, caseworker=caseworker, backup=beside)
    until = caseworker.absence.last if caseworker is not None and caseworker.absence is not None else None
    if choice.kind is ContactKind.CASEWORKER:
        return UwvChoice(UwvContactKind.CASEWORKER)
    if choice.kind is ContactKind.BACKUP:
        return UwvChoice(UwvContactKind.BACKUP, choice.absent_until)
    return UwvChoice(UwvContactKind.OFFICE if office else UwvContactKind.DESK, until)


def office_for(own: str | None, in_region: Sequence[str]) -> str | None:
    """Which office answers in a region: the fixed caseworker's own where it serves the region, else the first."""
    if own in in_region:
        return own
    return in_region[0] if in_region else None
