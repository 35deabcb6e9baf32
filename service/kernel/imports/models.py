"""Imports and what is worth telling of their rows: numbers, columns and codes. The values of rows that failed are kept
apart, sealed and for a short time."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.database import Base, Id, code


class ImportMode(StrEnum):
    """`full`: the file holds all there is. `changes`: only what is in the file is touched."""

    FULL = "full"
    CHANGES = "changes"


class ImportStatus(StrEnum):
    """`failed`: the file as a whole could not be read to its end; what was done before that stays."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Outcome(StrEnum):
    """What came of a row; `missing` and `ended` of what is in the service and not in a full file."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    MISSING = "missing"
    ENDED = "ended"


class Told(StrEnum):
    """Why a row stands in the result: those that went well and gave no cause for a remark do not."""

    FAILED = "failed"
    WARNED = "warned"
    MISSING = "missing"
    ENDED = "ended"


class UploadPiece(Base):
    """A piece of a body, sealed. It has the id of its import from the beginning, before there is one."""

    __tablename__ = "upload_piece"

    upload_id: Mapped[str] = mapped_column(Id, primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(index=True)


class ImportJob(Base):
    """One file on its way. `rows_read`, `at_end` and `cursor` say how far it came, so that whoever goes on begins
    there: first the rows of the file, then, `at_end`, what is not in it. `holder` is the worker that has it now.

    `own_names`: what its sender calls things in it, as that was when its first rows were read. `tally` is what its kind
    counts while it goes through the file, `remarks` what came of that. `failed_kept` and `failed_size`: how many of its
    failed rows are kept, and how many characters they hold.
    """

    __tablename__ = "import_job"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    kind: Mapped[str]
    client_id: Mapped[str]
    party_id: Mapped[str] = mapped_column(Id, index=True)
    mode: Mapped[ImportMode] = mapped_column(code(ImportMode))
    dry_run: Mapped[bool]
    options: Mapped[dict[str, Any]]
    media_type: Mapped[str]
    charset: Mapped[str | None]
    size: Mapped[int]
    status: Mapped[ImportStatus] = mapped_column(code(ImportStatus))
    counts: Mapped[dict[str, Any]]
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    rows_read: Mapped[int]
    at_end: Mapped[bool]
    cursor: Mapped[str | None]
    told: Mapped[int]
    own_names: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    tally: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    remarks: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    # A plain text as the default: for an expression a migration rebuilds the table on SQLite, and loses its children.
    failed_kept: Mapped[int] = mapped_column(default=0, server_default="0")
    failed_size: Mapped[int] = mapped_column(default=0, server_default="0")
    trace_id: Mapped[str]
    holder: Mapped[str | None]
    leased_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None] = mapped_column(index=True)

    __table_args__ = (Index("ix_import_job_status", "status", "created_at"),)


class ImportRow(Base):
    """Something to know about a row of the file; `number` 0: about what is not in it. `field` is a column.

    `subject_id` is opaque: whom it is about, where no row says it.
    """

    __tablename__ = "import_row"

    job_id: Mapped[str] = mapped_column(Id, ForeignKey("import_job.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[Told] = mapped_column(code(Told))
    number: Mapped[int]
    field: Mapped[str | None]
    code: Mapped[str]
    text: Mapped[list[str]]
    subject_id: Mapped[str | None] = mapped_column(Id, index=True)


class ImportFailed(Base):
    """Some of the rows that failed, as they were sent, sealed: to be mended and sent again."""

    __tablename__ = "import_failed"

    job_id: Mapped[str] = mapped_column(Id, ForeignKey("import_job.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class ImportSeen(Base):
    """What a file has named so far, by a key that only its kind can make: twice is wrong, and what a full file never
    names is missing."""

    __tablename__ = "import_seen"

    job_id: Mapped[str] = mapped_column(Id, ForeignKey("import_job.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(Id, primary_key=True)
