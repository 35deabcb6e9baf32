"""How complete an employer's register is: counts, the same whoever of the employees is known to UWV."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from service.access.actor import Actor
from service.access.rules import PartyKind
from service.employers.models import Employer, Employment
from service.employers.questions.models import EmploymentQuestion
from service.employers.questions.rules import QuestionStatus, began_by, latest_silent_month
from service.employers.rules import ContractType, months_later
from service.kernel.database import UnitOfWork
from service.kernel.imports.jobs import KEPT_FOR
from service.kernel.imports.models import ImportJob, ImportMode, ImportStatus
from service.kernel.problems import not_found

EMPLOYMENT_IMPORTS: Final = "employments"
"""The kind of the imports of contract registers."""


def get_coverage(uow: UnitOfWork, actor: Actor, employer_id: str) -> dict[str, Any]:
    """The figures of one employer, for itself and the desk. Raises 404."""
    if actor.kind is not PartyKind.DESK and employer_id not in actor.party_ids(PartyKind.EMPLOYER):
        raise not_found()
    if uow.session.get(Employer, employer_id) is None:
        raise not_found()
    return {
        "employer_id": employer_id,
        "on": uow.today,
        "employments": _employments(uow, employer_id),
        **_imports(uow, employer_id),
        "questions": _questions(uow, employer_id),
    }


def _employments(uow: UnitOfWork, employer_id: str) -> dict[str, int]:
    row, today = Employment, uow.today
    running = and_(row.start_date <= today, or_(row.end_date.is_(None), row.end_date >= today))
    ending = {1: "ending_within1_month", 3: "ending_within3_months", 6: "ending_within6_months"}
    counted: dict[str, ColumnElement[bool]] = {
        "running": running,
        "starting": row.start_date > today,
        "with_end": and_(running, row.end_date.is_not(None)),
        "fixed_term_without_end": and_(running, row.end_date.is_(None), row.contract_type == ContractType.FIXED_TERM),
        **{name: and_(running, row.end_date <= months_later(today, months)) for months, name in ending.items()},
        "without_reference": and_(running, row.reference.is_(None)),
        "without_occupation": and_(running, row.occupation_code.is_(None)),
        "without_hours": and_(running, row.hours_per_week.is_(None)),
        "without_wage_month": and_(running, row.last_wage_month.is_(None)),
        "without_recent_wages": and_(
            row.end_date.is_(None),
            row.last_wage_month <= latest_silent_month(today),
            row.start_date <= began_by(today),
        ),
    }
    return _counts(uow, counted, row.employer_id == employer_id)


def _counts(uow: UnitOfWork, counted: dict[str, ColumnElement[bool]], which: ColumnElement[bool]) -> dict[str, int]:
    """How many rows each condition holds for, in one statement."""
    columns = [func.count(case((holds, 1))).label(name) for name, holds in counted.items()]
    return dict(uow.execute(select(*columns).where(which)).one()._mapping)


def _imports(uow: UnitOfWork, employer_id: str) -> dict[str, Any]:
    """The last file and the last full list, dry runs apart, as long as imports are remembered."""
    own = select(ImportJob).where(
        ImportJob.party_id == employer_id,
        ImportJob.kind == EMPLOYMENT_IMPORTS,
        ImportJob.dry_run.is_(False),
        ImportJob.finished_at > uow.now - KEPT_FOR,
    )
    newest = own.order_by(ImportJob.finished_at.desc(), ImportJob.id.desc()).limit(1)
    last = uow.session.scalars(newest).first()
    full = uow.session.scalars(
        newest.where(ImportJob.mode == ImportMode.FULL, ImportJob.status == ImportStatus.DONE)
    ).first()
    return {
        "last_import_at": last and last.finished_at,
        "last_full_list": full
        and {
            "import_id": full.id,
            "finished_at": full.finished_at,
            "rows": full.counts.get("read", 0),
            "failed": full.counts.get("failed", 0),
            "missing": full.counts.get("missing", 0),
        },
    }


def _questions(uow: UnitOfWork, employer_id: str) -> dict[str, int]:
    row = EmploymentQuestion
    own = and_(row.employer_id == employer_id, row.status == QuestionStatus.OPEN)
    return _counts(uow, {"open": row.status == QuestionStatus.OPEN, "late": row.answer_by < uow.today}, own)
