"""What a full list does not name. It is told, asked about where the list can be trusted, and never ended: only the
employer knows why somebody is no longer in its list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, cast

from sqlalchemy import ColumnElement, Table, and_, bindparam, func, or_, select

from service.access.actor import NOBODY
from service.employers.imports import remarks
from service.employers.models import Employment
from service.employers.questions.asking import ask_missing
from service.employers.questions.full_lists import REMARKS, doubt
from service.employers.questions.rules import Suspicion
from service.kernel.database import Id, UnitOfWork
from service.kernel.imports.models import ImportJob, ImportSeen, Outcome
from service.kernel.imports.remarks import Remark
from service.kernel.imports.runner import Absent
from service.kernel.prepared import Prepared
from service.kernel.text import Text

_EMPLOYMENT: Final = cast(Table, Employment.__table__)
_NAMED: Final = select(ImportSeen.key).where(
    ImportSeen.job_id == bindparam("job_id", type_=Id), ImportSeen.key == _EMPLOYMENT.c.id
)
_LEFT_OUT: Final[ColumnElement[bool]] = and_(
    _EMPLOYMENT.c.employer_id == bindparam("employer_id", type_=Id),
    _EMPLOYMENT.c.id > bindparam("after", type_=Id),
    or_(
        _EMPLOYMENT.c.end_date.is_(None),
        _EMPLOYMENT.c.end_date >= bindparam("today", type_=_EMPLOYMENT.c.end_date.type),
    ),
    ~_NAMED.exists(),
)
_NEXT: Final = Prepared(select(_EMPLOYMENT.c.id).where(_LEFT_OUT).order_by(_EMPLOYMENT.c.id).limit(bindparam("count")))
_HOW_MANY: Final = Prepared(select(func.count().label("count")).select_from(_EMPLOYMENT).where(_LEFT_OUT))
_MISSING: Final = Text(
    "Dit dienstverband is niet afgelopen, maar staat niet in het bestand.",
    "This employment has not ended, but is not in the file.",
)
_DOUBT: Final = "doubt"


def missing(uow: UnitOfWork, job: ImportJob, count: int) -> list[Absent]:
    """The next employments of this employer that have not ended and that the file does not name.

    The list is weighed as a whole before the first of them: one that seems wrong gives a remark, and no questions.
    """
    values: dict[str, Any] = {
        "employer_id": job.party_id,
        "job_id": job.id,
        "after": job.cursor or NOBODY,
        "today": uow.today,
    }
    if job.cursor is None:
        [all_of_them] = uow.find(_HOW_MANY, values)
        found_odd = doubt(uow, job, all_of_them.count) if all_of_them.count else None
        job.options = {**job.options, _DOUBT: found_odd}
    found = [row.id for row in uow.find(_NEXT, values | {"count": count})]
    if found:
        job.cursor = found[-1]
        if not job.dry_run and job.options[_DOUBT] is None:
            ask_missing(uow, job.party_id, found, job.id)
    return [Absent(Outcome.MISSING, each, "missing", _MISSING) for each in found]


def review(uow: UnitOfWork, job: ImportJob) -> Sequence[Remark]:
    """What there is to say of the list as a whole, why nobody was asked about included."""
    odd = job.options.get(_DOUBT)
    about = [] if odd is None else [Remark(odd, REMARKS[Suspicion(odd)], job.counts.get(Outcome.MISSING.value, 0))]
    return [*about, *remarks.review(uow, job)]
