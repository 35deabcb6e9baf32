"""Language levels and driving licences: what a vacancy may ask for and a candidate may have."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class LanguageLevel(StrEnum):
    """How well somebody speaks and understands Dutch: the levels of the CEFR, and none at all."""

    NONE = "none"
    A1 = "A1"
    A2 = "A2"
    B1 = "B1"
    B2 = "B2"
    C1 = "C1"
    C2 = "C2"


class DrivingLicence(StrEnum):
    """The categories of the Dutch driving licence."""

    AM = "AM"
    A1 = "A1"
    A2 = "A2"
    A = "A"
    B = "B"
    BE = "BE"
    C1 = "C1"
    C1E = "C1E"
    C = "C"
    CE = "CE"
    D1 = "D1"
    D1E = "D1E"
    D = "D"
    DE = "DE"
    T = "T"


def language_rank(level: LanguageLevel) -> int:
    """0 for none, 1 for A1, up to 6 for C2."""
    return list(LanguageLevel).index(level)


def covered_licences(held: Iterable[DrivingLicence]) -> frozenset[DrivingLicence]:
    """What somebody may drive who holds these categories: also those that come with them (Directive 2006/126/EC)."""
    covered = set(held)
    while added := {lower for licence in covered for lower in _COMES_WITH.get(licence, ())} - covered:
        covered |= added
    return frozenset(covered)


_L = DrivingLicence
_COMES_WITH: dict[DrivingLicence, tuple[DrivingLicence, ...]] = {
    _L.A1: (_L.AM,),
    _L.A2: (_L.A1,),
    _L.A: (_L.A2,),
    _L.B: (_L.AM,),
    _L.BE: (_L.B,),
    _L.C1: (_L.B,),
    _L.C1E: (_L.C1, _L.BE),
    _L.C: (_L.C1,),
    _L.CE: (_L.C, _L.C1E),
    _L.D1: (_L.B,),
    _L.D1E: (_L.D1, _L.BE),
    _L.D: (_L.D1,),
    _L.DE: (_L.D, _L.D1E),
}
