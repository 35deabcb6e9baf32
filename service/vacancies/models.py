"""Vacancies: work that an employer offers through the service."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Numeric, text
from sqlalchemy.orm import Mapped, mapped_column

from service.employers.rules import ContractType
from service.kernel.database import Base, Id, Versioned, code
from service.reference.qualifications import LanguageLevel
from service.vacancies.rules import LIVE_VACANCY, JobcoachArrangement, VacancyStatus

LIVE = text("status IN ({})".format(", ".join(f"'{status.value}'" for status in sorted(LIVE_VACANCY))))
TO_WARN = text(
    "status IN ('on_hold', 'open') AND expires_on IS NOT NULL "
    "AND (warned_expiry IS NULL OR warned_expiry <> expires_on)"
)
"""Which vacancies take part, and of which of them the last valid day is still to be told: as an index knows them."""
_NEWEST = ("changed_at", "id")
IS_OPEN = text("status = 'open'")
UNGROUPED = text("sub_major IS NULL")
"""Conditions of indexes, as text: no database uses such an index for a parameter."""
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_LONG_AGO = "1970-01-01 00:00:00.000000"


class Vacancy(Base, Versioned):
    """One opening, for one or more people.

    Postcode, municipality and region are those of the workplace, copied from the establishment where one is named.
    Latitude and longitude are the middle of the postcode (degrees, WGS 84); null where it is not exactly known.
    `demands` and `offers` are null as long as the employer has not said; an empty list says 'nothing'.
    `opened_on` is the first opening, `expires_on` the last valid day, `warned_expiry` the one of which the employer was
    told that it comes near. `client_id` is the client that reported it; null: from before that was kept.
    `chase_after` is the day after which others are asked because nobody took the vacancy; null while that clock stands
    still. `with_desk_since`: nobody took it, so the desk helps to look. `searched_since` is when it was renewed, and
    the search for people began anew.

    `brought_in_by_id`: the party that brought it in for its employer, with a reference of its own; since
    `taken_over_on` the employer alone decides. `changed_at`: the latest change that readers of the shared list see;
    `offered_at`: the latest opening. Both lie in 1970 for drafts, and for rows older than the list. `sub_major`: the
    first two digits of the occupation's ISCO-08 code; null until an older row is filled in.
    """

    __tablename__ = "vacancy"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    employer_id: Mapped[str] = mapped_column(Id, ForeignKey("employer.id"))
    reference: Mapped[str | None]
    status: Mapped[VacancyStatus] = mapped_column(code(VacancyStatus))
    title: Mapped[str]
    description: Mapped[str | None]
    occupation_code: Mapped[str]
    tasks: Mapped[list[str]]
    hours_min: Mapped[Decimal] = mapped_column(Numeric(5, 2))
    hours_max: Mapped[Decimal] = mapped_column(Numeric(5, 2))
    start_date: Mapped[date | None]
    contract_type: Mapped[ContractType] = mapped_column(code(ContractType))
    positions: Mapped[int]
    filled_positions: Mapped[int]
    language_level: Mapped[LanguageLevel | None] = mapped_column(code(LanguageLevel))
    driving_licences: Mapped[list[str]]
    demands: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    offers: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    trial_placement: Mapped[bool]
    jobcoach_arrangement: Mapped[JobcoachArrangement] = mapped_column(code(JobcoachArrangement))
    jobcoach_organisation_id: Mapped[str | None] = mapped_column(Id)
    establishment_id: Mapped[str | None] = mapped_column(Id, ForeignKey("establishment.id"))
    postcode: Mapped[str | None]
    municipality_code: Mapped[str]
    region_code: Mapped[str]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    freed_by_signal_id: Mapped[str | None] = mapped_column(
        Id, ForeignKey("contract_end_signal.id", ondelete="SET NULL")
    )
    opened_on: Mapped[date | None]
    expires_on: Mapped[date | None]
    filled_on: Mapped[date | None]
    chase_after: Mapped[date | None]
    with_desk_since: Mapped[date | None]
    searched_since: Mapped[datetime | None]
    created_at: Mapped[datetime]
    client_id: Mapped[str | None]
    warned_expiry: Mapped[date | None]
    brought_in_by_id: Mapped[str | None] = mapped_column(Id)
    brought_in_reference: Mapped[str | None]
    taken_over_on: Mapped[date | None]
    changed_at: Mapped[datetime] = mapped_column(default=LONG_AGO, server_default=_LONG_AGO)
    offered_at: Mapped[datetime] = mapped_column(default=LONG_AGO, server_default=_LONG_AGO)
    sub_major: Mapped[str | None]

    __table_args__ = (
        CheckConstraint("hours_min <= hours_max", name="hours_in_order"),
        CheckConstraint("filled_positions BETWEEN 0 AND positions", name="positions_filled"),
        Index(
            "uq_vacancy_reference", "employer_id", "reference", unique=True, postgresql_where=LIVE, sqlite_where=LIVE
        ),
        Index("uq_vacancy_freed", "freed_by_signal_id", unique=True, postgresql_where=LIVE, sqlite_where=LIVE),
        Index("ix_vacancy_employer", "employer_id", "id"),
        Index("ix_vacancy_reference", "employer_id", "reference"),
        Index("ix_vacancy_to_warn", "expires_on", "id", postgresql_where=TO_WARN, sqlite_where=TO_WARN),
        Index("ix_vacancy_region", "region_code", "status", "id"),
        Index("ix_vacancy_of_region", "region_code", "id"),
        Index("ix_vacancy_work", "status", "occupation_code", "latitude", "longitude"),
        Index("ix_vacancy_expiry", "status", "expires_on"),
        Index("ix_vacancy_chase", "status", "chase_after"),
        Index(
            "uq_vacancy_brought_in_reference",
            "brought_in_by_id",
            "brought_in_reference",
            unique=True,
            postgresql_where=LIVE,
            sqlite_where=LIVE,
        ),
        # Not partial as those below: SQLite would rather take another index that begins with the status, and sort.
        Index("ix_vacancy_shared", "status", *_NEWEST),
        Index("ix_vacancy_shared_place", "region_code", *_NEWEST, postgresql_where=IS_OPEN, sqlite_where=IS_OPEN),
        Index("ix_vacancy_shared_work", "sub_major", *_NEWEST, postgresql_where=IS_OPEN, sqlite_where=IS_OPEN),
        Index(
            "ix_vacancy_shared_both",
            *("region_code", "sub_major", *_NEWEST),
            postgresql_where=IS_OPEN,
            sqlite_where=IS_OPEN,
        ),
        Index("ix_vacancy_ungrouped", "id", postgresql_where=UNGROUPED, sqlite_where=UNGROUPED),
    )

    @property
    def postcode4(self) -> str | None:
        """The four digits of the workplace's postcode, by which distances are known."""
        return None if self.postcode is None else self.postcode[:4]

    @property
    def address(self) -> str:
        return f"vacancies/{self.id}"
