"""The worker's side of imports: a timer of the room that brings the kind.

One piece of rows is one transaction, together with how far the job came. So a worker that is killed leaves nothing
half done, and whoever goes on begins with the first row that was not done. The open file is kept between pieces; it
is only a help: if it is gone or at another place, it is opened anew and read up to the cursor.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from typing import Any, Final, cast

from sqlalchemy import ColumnElement, bindparam, delete, exists, insert, or_, select, tuple_
from sqlalchemy import Table as SqlTable
from sqlalchemy.orm import aliased

from service.kernel.among import among
from service.kernel.database import UnitOfWork
from service.kernel.ids import new_id
from service.kernel.imports import failed, uploads
from service.kernel.imports.columns import Columns, FileProblem, Finding, OwnNames, Row, RowReader
from service.kernel.imports.models import ImportJob, ImportMode, ImportRow, ImportSeen, ImportStatus, Outcome, Told
from service.kernel.imports.reading import Table, open_table
from service.kernel.imports.remarks import MAX_REMARKS, Remark, as_stored
from service.kernel.imports.uploads import SealedBody
from service.kernel.prepared import Prepared
from service.kernel.room import Timer
from service.kernel.schemas import Schema
from service.kernel.text import Text

PIECE_ROWS: Final = 1_000
MAX_TOLD: Final = 10_000
LEASE: Final = timedelta(seconds=15)
MAX_FAILURES: Final = 5
# On SQLite all who write wait for each other: others get their turn between two pieces.
PAUSE_SECONDS: Final = 0.01
_OPEN_AT_ONCE: Final = 8

_LIVE: Final = (ImportStatus.QUEUED, ImportStatus.RUNNING)
_SEEN_TABLE: Final = cast(SqlTable, ImportSeen.__table__)
_SEEN: Final = Prepared(insert(_SEEN_TABLE))
_BEFORE: Final = Prepared(
    select(_SEEN_TABLE.c.key).where(
        _SEEN_TABLE.c.job_id == bindparam("job_id", type_=_SEEN_TABLE.c.job_id.type), among(_SEEN_TABLE.c.key, "keys")
    )
)
_ROW: Final = Prepared(insert(cast(SqlTable, ImportRow.__table__)))
_INTERNAL: Final = FileProblem(
    "internal-error",
    "Er ging iets mis bij ons. Wat al gedaan was, blijft staan. Stuur het bestand opnieuw, of bel het Servicepunt.",
    "Something went wrong on our side. What was done before stays. Send the file again, or call the Servicepunt.",
)


@dataclass(slots=True)
class CheckedRow:
    """A row with what the schema made of it. Who handles it says what came of it, and adds what is wrong (`findings`:
    the row fails) or worth knowing (`warnings`). `data` holds what is right, also where other cells are wrong;
    `emptied` as in `columns.Row`."""

    number: int
    data: dict[str, Any]
    findings: list[Finding]
    warnings: list[Finding] = field(default_factory=list)
    emptied: frozenset[str] = frozenset()
    outcome: Outcome = Outcome.UNCHANGED

    @property
    def failed(self) -> bool:
        return bool(self.findings)


@dataclass(frozen=True, slots=True)
class Absent:
    """Something that is in the service and not in a full file. `subject_id` is opaque."""

    outcome: Outcome
    subject_id: str
    code: str
    text: Text


Headings = Mapping[str, str]
"""What a column is called in this file, where it is in it."""
Handle = Callable[[UnitOfWork, ImportJob, Sequence[CheckedRow], Headings], None]
Missing = Callable[[UnitOfWork, ImportJob, int], Sequence[Absent]]
ReadOwnNames = Callable[[UnitOfWork, ImportJob], OwnNames | None]
Review = Callable[[UnitOfWork, ImportJob], Sequence[Remark]]


@dataclass(frozen=True)
class ImportKind:
    """What a room brings. `handle` does a piece of rows, set by set, and writes nothing where the job is a dry run.

    `missing` gives at most so many of what a full file does not name, after `job.cursor`, which it moves; fewer than
    asked for are the last. `mend` says for a code what to do about it.

    `example` are rows for the template, by the names of the columns: clearly fictional, and right. `headings` gives
    what the sender calls things; it is asked once, when a file is opened first. `review` says at the end what there is
    to say of the file as a whole, from what `handle` counted with `remarks.tally`.
    """

    name: str
    columns: Columns
    schema: Schema
    handle: Handle
    missing: Missing | None = None
    mend: dict[str, Text] = field(default_factory=dict)
    example: Sequence[Mapping[str, str]] = ()
    headings: ReadOwnNames | None = None
    review: Review | None = None


class _Reading:
    """An open file, at row `position`."""

    def __init__(self, job: ImportJob, kind: ImportKind) -> None:
        self.body = SealedBody(job.id, job.size)
        self._media_type = job.media_type
        self._charset = job.charset
        self._columns = kind.columns.with_own(None if job.own_names is None else OwnNames(**job.own_names))
        self.table: Table | None = None
        self._rows: Iterator[Row] = iter(())
        self.position = 0

    def take(self, uow: UnitOfWork, after: int, count: int) -> tuple[list[Row], FileProblem | None]:
        """The next rows after the first `after`. With a problem: those before it."""
        rows: list[Row] = []
        self.body.uow = uow
        try:
            if self.table is None:
                self.table = open_table(self.body, self._media_type, self._charset, self._columns)
                self._rows = self.table.rows
            for _ in islice(self._rows, after - self.position):
                self.position += 1
            for row in islice(self._rows, count):
                self.position += 1
                rows.append(row)
        except FileProblem as problem:
            return rows, problem
        finally:
            self.body.uow = None
        return rows, None

    @property
    def headings(self) -> Headings:
        return {} if self.table is None else self.table.headings


class Runner:
    """Does the imports of one kind. Those of one party go one after the other, in the order in which they came."""

    def __init__(self, kind: ImportKind) -> None:
        self.kind = kind
        self.timer = Timer(f"imports.{kind.name}", self.due, self.fire)
        self._reader = RowReader(kind.schema)
        self._holder = new_id()
        self._open: dict[str, _Reading] = {}
        self._failures: Counter[str] = Counter()
        self._at_work = False

    def due(self, uow: UnitOfWork, limit: int) -> list[str]:
        """The oldest unfinished import of each party, unless another worker has it."""
        if self._at_work and uow.is_sqlite:
            time.sleep(PAUSE_SECONDS)
        self._at_work = False
        older = aliased(ImportJob)
        waits = exists().where(
            older.kind == self.kind.name,
            older.party_id == ImportJob.party_id,
            older.status.in_(_LIVE),
            tuple_(older.created_at, older.id) < tuple_(ImportJob.created_at, ImportJob.id),
        )
        found = select(ImportJob.id).where(
            ImportJob.kind == self.kind.name, ImportJob.status.in_(_LIVE), self._free(uow), ~waits
        )
        return list(uow.session.scalars(found.order_by(ImportJob.created_at, ImportJob.id).limit(limit)))

    def _free(self, uow: UnitOfWork) -> ColumnElement[bool]:
        lease = ImportJob.leased_until
        return or_(lease.is_(None), lease <= uow.now, ImportJob.holder == self._holder)

    def fire(self, uow: UnitOfWork, job_id: str) -> None:
        """Does the next piece."""
        wanted = select(ImportJob).where(ImportJob.id == job_id, ImportJob.status.in_(_LIVE), self._free(uow))
        job = uow.session.scalars(wanted.with_for_update(skip_locked=True)).one_or_none()
        if job is None:
            return
        uow.trace_id = job.trace_id
        reading = self._open.pop(job_id, None)
        is_new = job.started_at is None
        job.holder, job.leased_until = self._holder, uow.now + LEASE
        job.status = ImportStatus.RUNNING
        job.started_at = job.started_at or uow.now
        if self._failures[job_id] >= MAX_FAILURES:
            del self._failures[job_id]
            self._end(uow, job, _INTERNAL)
            return
        self._failures[job_id] += 1
        if is_new and self.kind.headings is not None:
            # Kept: whoever goes on with this file goes on with the same names.
            own = self.kind.headings(uow, job)
            job.own_names = None if own is None else own.as_stored()
        if reading is None or reading.position != job.rows_read:
            reading = _Reading(job, self.kind)
        if job.at_end:
            self._do_missing(uow, job)
        else:
            self._do_rows(uow, job, reading)
        del self._failures[job_id]
        self._at_work = True
        if job.status is ImportStatus.RUNNING and not job.at_end:
            self._keep(job_id, reading)

    def _keep(self, job_id: str, reading: _Reading) -> None:
        while len(self._open) >= _OPEN_AT_ONCE:
            del self._open[next(iter(self._open))]
        self._open[job_id] = reading

    def _do_rows(self, uow: UnitOfWork, job: ImportJob, reading: _Reading) -> None:
        rows, problem = reading.take(uow, job.rows_read, PIECE_ROWS)
        read = self._reader.read(rows, reading.headings)
        checked = [
            CheckedRow(row.number, data, row.findings, emptied=row.emptied)
            for row, data in zip(rows, read, strict=True)
        ]
        if checked:
            self.kind.handle(uow, job, checked, reading.headings)
        counts = Counter(job.counts)
        told: list[dict[str, Any]] = []
        for row in checked:
            counts["read"] += 1
            counts[(Outcome.FAILED if row.failed else row.outcome).value] += 1
            if row.failed:
                told += [self._told(Told.FAILED, row.number, finding) for finding in row.findings]
            elif row.warnings:
                counts[Told.WARNED.value] += 1
                told += [self._told(Told.WARNED, row.number, finding) for finding in row.warnings]
        self._tell(uow, job, told)
        if reading.table is not None:
            failed.keep(uow, job, reading.table, [row for row in rows if row.findings])
        job.counts = dict(counts)
        job.rows_read += len(rows)
        if problem is not None:
            self._end(uow, job, problem)
        elif len(rows) < PIECE_ROWS:
            if job.mode is ImportMode.FULL and self.kind.missing is not None:
                job.at_end = True
            else:
                self._end(uow, job)

    def _do_missing(self, uow: UnitOfWork, job: ImportJob) -> None:
        if self.kind.missing is None:
            raise RuntimeError(f"{self.kind.name} knows nothing of what is missing")
        found = self.kind.missing(uow, job, PIECE_ROWS)
        counts = Counter(job.counts)
        counts.update(each.outcome.value for each in found)
        told = [
            self._told(Told(each.outcome.value), 0, Finding(None, each.code, each.text), each.subject_id)
            for each in found
        ]
        self._tell(uow, job, told)
        job.counts = dict(counts)
        if len(found) < PIECE_ROWS:
            self._end(uow, job)

    @staticmethod
    def _told(status: Told, number: int, finding: Finding, subject_id: str | None = None) -> dict[str, Any]:
        return {
            "status": status,
            "number": number,
            "field": finding.field,
            "code": finding.code,
            "text": list(finding.text),
            "subject_id": subject_id,
        }

    @staticmethod
    def _tell(uow: UnitOfWork, job: ImportJob, told: list[dict[str, Any]]) -> None:
        """Beyond the limit only the counts go on."""
        room = max(MAX_TOLD - job.told, 0)
        rows = [{"job_id": job.id, "position": job.told + at, **each} for at, each in enumerate(told[:room])]
        if rows:
            uow.write(_ROW, rows)
        job.told += len(told)

    def _end(self, uow: UnitOfWork, job: ImportJob, problem: FileProblem | None = None) -> None:
        """The body goes: it holds data of people."""
        if problem is not None:
            job.problem = {"code": problem.code, "text": list(problem.text)}
        elif self.kind.review is not None:
            job.remarks = [as_stored(each) for each in self.kind.review(uow, job)[:MAX_REMARKS]]
        job.tally = None
        job.status = ImportStatus.DONE if problem is None else ImportStatus.FAILED
        job.finished_at = uow.now
        job.holder = job.leased_until = None
        uow.flush()
        uploads.forget(uow, job.id)
        uow.execute(delete(ImportSeen).where(ImportSeen.job_id == job.id))


def seen_before(uow: UnitOfWork, job: ImportJob, keys: Sequence[str]) -> set[str]:
    """Those of these keys that rows of earlier pieces had."""
    if not keys or not job.rows_read:
        return set()
    return {row.key for row in uow.find(_BEFORE, {"job_id": job.id, "keys": keys})}


def mark_seen(uow: UnitOfWork, job: ImportJob, keys: Sequence[str]) -> None:
    """These keys have been named; none of them before."""
    if keys:
        uow.write(_SEEN, [{"job_id": job.id, "key": key} for key in keys])
