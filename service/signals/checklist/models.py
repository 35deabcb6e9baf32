"""What somebody has ticked off."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.database import Base, Id, Versioned, code
from service.signals.checklist.rules import ChecklistCode, For


class ChecklistMark(Base, Versioned):
    """An item of the list that its reader has looked at: done, or no longer done. Each item has one kind of reader."""

    __tablename__ = "contract_end_checklist_mark"

    signal_id: Mapped[str] = mapped_column(
        Id, ForeignKey("contract_end_signal.id", ondelete="CASCADE"), primary_key=True
    )
    item: Mapped[ChecklistCode] = mapped_column(code(ChecklistCode), primary_key=True)
    whose: Mapped[For] = mapped_column(code(For))
    done: Mapped[bool]
    changed_at: Mapped[datetime]
