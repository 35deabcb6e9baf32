"""Which report a row of a file led to, so that its receipt can be found by the number of the row."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.database import Base, Id, code
from service.kernel.imports.models import Outcome


class ImportedReport(Base):
    """A row that went well: the report of its party, made by it or there already."""

    __tablename__ = "contract_end_imported"

    job_id: Mapped[str] = mapped_column(Id, ForeignKey("import_job.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[str] = mapped_column(Id, ForeignKey("contract_end_report.id", ondelete="CASCADE"), index=True)
    outcome: Mapped[Outcome] = mapped_column(code(Outcome))
