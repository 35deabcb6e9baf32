"""Employers, their workplaces and certificates, and the contract register."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, Numeric, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, column_property, mapped_column

from service.employers.rules import ContractType, JobcoachKind, PsoLevel
from service.kernel.database import Base, Id, Versioned, code


class Employer(Base, Versioned):
    """The id is that of its party. Payroll tax numbers are sealed: a sole trader's holds the BSN."""

    __tablename__ = "employer"

    id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"), primary_key=True)
    name: Mapped[str]
    kvk_number: Mapped[str] = mapped_column(unique=True)
    payroll_tax_number: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]


class Establishment(Base, Versioned):
    """A workplace. The region follows from its postcode, or from its municipality where that was given."""

    __tablename__ = "establishment"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    employer_id: Mapped[str] = mapped_column(Id, ForeignKey("employer.id"), index=True)
    number: Mapped[str | None]
    name: Mapped[str]
    postcode: Mapped[str]
    municipality_code: Mapped[str]
    region_code: Mapped[str]

    __table_args__ = (UniqueConstraint("employer_id", "number"),)


class PsoCertificate(Base, Versioned):
    __tablename__ = "pso_certificate"

    employer_id: Mapped[str] = mapped_column(Id, ForeignKey("employer.id"), primary_key=True)
    level: Mapped[PsoLevel] = mapped_column(code(PsoLevel))
    thirty_plus: Mapped[bool]
    valid_from: Mapped[date]
    valid_until: Mapped[date]


_WITH_WAGES = text("end_date IS NULL AND last_wage_month IS NOT NULL")
TO_WARN = text("end_date IS NOT NULL AND (warned_end IS NULL OR warned_end <> end_date)")
WITHOUT_WAGES = text(
    "end_date IS NULL AND last_wage_month IS NOT NULL AND (warned_wages IS NULL OR warned_wages <> last_wage_month)"
)
UNKNOWN = text("person_id IS NOT NULL AND known_on IS NULL")
"""For which employments the clock still has something to do."""


class Employment(Base, Versioned):
    """One person at one employer. `person_id` goes when the employment stayed unlinked for a month.

    `chain_since` is the first day of the chain of fixed-term contracts that this one continues; kept, since it must
    not change when the person goes. `person_by_uwv`: the employer did not say who it is, UWV's side did; what the
    employer sees must not depend on it. `last_wage_month` is the first day of the last month with wages, where known.
    `end_said_on`: the end date is what the employer answered on that day, when it was asked.

    How far the clock has come, so that it looks at a row once and not at all rows each night: `warned_end` is the end
    date and `warned_wages` the last month with wages that it has looked at for an early warning, `known_on` the day on
    which it found that UWV's side knows the person. Whoever writes another end date need not care.
    """

    __tablename__ = "employment"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    employer_id: Mapped[str] = mapped_column(Id, ForeignKey("employer.id"))
    person_id: Mapped[str | None] = mapped_column(Id, ForeignKey("person.id"), index=True)
    person_by_uwv: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    establishment_id: Mapped[str] = mapped_column(Id, ForeignKey("establishment.id"))
    reference: Mapped[str | None]
    employee_number: Mapped[str | None]
    start_date: Mapped[date]
    end_date: Mapped[date | None] = mapped_column(index=True)
    contract_type: Mapped[ContractType] = mapped_column(code(ContractType))
    hours_per_week: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    job_title: Mapped[str | None]
    occupation_code: Mapped[str | None]
    jobcoach_kind: Mapped[JobcoachKind] = mapped_column(code(JobcoachKind))
    jobcoach_organisation_id: Mapped[str | None] = mapped_column(Id, ForeignKey("party.id"), index=True)
    chain_since: Mapped[date | None]
    last_wage_month: Mapped[date | None]
    end_said_on: Mapped[date | None]
    warned_end: Mapped[date | None]
    warned_wages: Mapped[date | None]
    known_on: Mapped[date | None]
    created_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_employment_to_warn", "end_date", "id", sqlite_where=TO_WARN, postgresql_where=TO_WARN),
        Index(
            "ix_employment_without_wages",
            "last_wage_month",
            "id",
            sqlite_where=WITHOUT_WAGES,
            postgresql_where=WITHOUT_WAGES,
        ),
        Index("ix_employment_unlinked", "created_at", "id", sqlite_where=UNKNOWN, postgresql_where=UNKNOWN),
        UniqueConstraint("employer_id", "reference"),
        Index("ix_employment_number", "employer_id", "employee_number"),
        Index("ix_employment_list", "employer_id", "id"),
        Index("ix_employment_wages", "last_wage_month", sqlite_where=_WITH_WAGES, postgresql_where=_WITH_WAGES),
    )


def through_employment(column: Any, employment_id: Any) -> Any:
    """What stands in the employment that a row names, read in the same statement as the row, whatever there is to
    find."""
    found = select(column).where(Employment.id == employment_id).correlate_except(Employment).scalar_subquery()
    return column_property(found, expire_on_flush=False)
