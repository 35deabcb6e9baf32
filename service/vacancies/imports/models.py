"""Which vacancy a row of a file led to, so that it can be found by the number of the row."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.database import Base, Id, code
from service.kernel.imports.models import Outcome


class ImportedVacancy(Base):
    """A row that went well: the vacancy, made by it or there already."""

    __tablename__ = "vacancy_imported"

    job_id: Mapped[str] = mapped_column(Id, ForeignKey("import_job.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    vacancy_id: Mapped[str] = mapped_column(Id, ForeignKey("vacancy.id", ondelete="CASCADE"), index=True)
    outcome: Mapped[Outcome] = mapped_column(code(Outcome))
