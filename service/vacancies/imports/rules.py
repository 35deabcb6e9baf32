"""What a row of a file of vacancies comes to, beside the vacancy that has its reference already. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

from service.vacancies.rules import LIVE_VACANCY, VacancyStatus


class RowStatus(StrEnum):
    """What a row can say of its vacancy. That one expires is for the clock to say."""

    DRAFT = "draft"
    OPEN = "open"
    ON_HOLD = "on_hold"
    FILLED = "filled"
    WITHDRAWN = "withdrawn"


class Course(StrEnum):
    """BEGINS: a vacancy. CHANGES: what the vacancy says, its status, or both. SAME: the row says nothing new.

    OVER: it was filled or withdrawn, and an old file opens nothing again. EXPIRED: it expired, and the row does not
    renew it. NOTHING: the row ends what was never here.
    """

    BEGINS = "begins"
    CHANGES = "changes"
    SAME = "same"
    OVER = "over"
    EXPIRED = "expired"
    NOTHING = "nothing"


class Step(NamedTuple):
    """`facts`: what the row says goes into the vacancy; `to`: the status that it gets after that."""

    course: Course
    facts: bool = False
    to: VacancyStatus | None = None


_ENDS: Final = frozenset({RowStatus.FILLED, RowStatus.WITHDRAWN})


def step_of(asked: RowStatus | None, known: VacancyStatus | None, *, differs: bool, later: bool, passed: bool) -> Step:
    """`asked`: the status in the row; `known`: that of the vacancy with its reference, None where there is none.

    `differs`: the row says something else than the vacancy; `later`: it names a last valid day that is still to come;
    `passed`: it names one that has passed. Whether a status can follow is for `rules.VACANCY` to say.
    """
    if known is None:
        return Step(Course.NOTHING if asked in _ENDS else Course.BEGINS)
    to = None if asked is None or asked.value == known.value else VacancyStatus(asked)
    if known in LIVE_VACANCY:
        facts = differs and asked not in _ENDS
        return Step(Course.CHANGES if facts or to else Course.SAME, facts, to)
    if known is not VacancyStatus.EXPIRED:
        return Step(Course.SAME if to is None and asked is not None else Course.OVER)
    if asked not in (None, RowStatus.OPEN):
        return Step(Course.CHANGES, to=to)
    if later:
        return Step(Course.CHANGES, facts=True)
    if asked is RowStatus.OPEN and not passed:
        return Step(Course.CHANGES, facts=differs, to=to)
    return Step(Course.EXPIRED)
