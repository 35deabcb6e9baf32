"""How an employer calls its columns: one for each employer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.database import Base, Id, Versioned


class ImportMapping(Base, Versioned):
    """`columns`: headings with the column that they mean (null: not looked at). `words`: for a column a text with the
    value that it means."""

    __tablename__ = "import_mapping"

    employer_id: Mapped[str] = mapped_column(Id, ForeignKey("employer.id", ondelete="CASCADE"), primary_key=True)
    columns: Mapped[list[dict[str, Any]]]
    words: Mapped[list[dict[str, Any]]]
    changed_at: Mapped[datetime]
