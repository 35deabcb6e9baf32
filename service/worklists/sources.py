"""Where the work comes from. Whoever adds a kind of work adds its module here, once."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final, cast

from service.access.actor import Actor
from service.contacts.agreements import work as agreements
from service.contacts.callbacks import work as call_backs
from service.employers.questions import work as employment_questions
from service.employers.work import Work, WorkKind
from service.kernel.database import UnitOfWork
from service.signals import work as signals
from service.signals.asking import work as asking
from service.signals.second_track import work as second_tracks
from service.vacancies import work as vacancies
from service.vacancies.proposals import work as proposals
from service.vacancies.referrals import work as referrals

_SOURCES: Final = (
    signals,
    asking,
    second_tracks,
    employment_questions,
    call_backs,
    agreements,
    referrals,
    proposals,
    vacancies,
)
"""Modules with `KINDS` and `work(uow, actor)`."""

KINDS: Final[dict[str, WorkKind]] = {kind.code: kind for source in _SOURCES for kind in source.KINDS}

WorkItemKind: Final = cast(type[StrEnum], cast(Any, StrEnum)("WorkItemKind", [(code.upper(), code) for code in KINDS]))
"""The kinds as they stand in the API."""


def work_of(uow: UnitOfWork, actor: Actor) -> list[Work]:
    """All kinds of work that this actor can have."""
    return [each for source in _SOURCES for each in source.work(uow, actor)]
