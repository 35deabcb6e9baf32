"""Imports as callers meet them: sent, listed, looked at, with what came of the rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from marshmallow import fields
from sqlalchemy import Select, delete, func, select

from service.kernel.database import UnitOfWork
from service.kernel.endpoints import Download
from service.kernel.fields import Boolean, Code, Id, Integer, List, Moment, Nested, QueryBoolean, Sentence
from service.kernel.imports import failed, files
from service.kernel.imports.files import FileFormat
from service.kernel.imports.models import ImportJob, ImportMode, ImportRow, ImportStatus, Outcome, Told
from service.kernel.imports.runner import MAX_TOLD, ImportKind
from service.kernel.imports.uploads import Upload
from service.kernel.paging import page
from service.kernel.problems import conflict, not_found
from service.kernel.room import Retention
from service.kernel.schemas import Page, Schema, View, page_of
from service.kernel.text import Text

KEPT_FOR: Final = timedelta(days=90)
MAX_WAITING: Final = 20

_MEND: Final = {
    "formula": Text("Plak de kolom als waarden, of maak er tekst van.", "Paste the column as values, or make it text."),
    "unknown-field": Text("Haal de kolom weg of verbeter de naam.", "Remove the column or rename it."),
    "required": Text("Vul deze cel in.", "Fill in this cell."),
    "too-many-cells": Text(
        "Zet een tekst waarin het scheidingsteken staat tussen aanhalingstekens.",
        "Put a text that holds the separator in quotes.",
    ),
    "invalid-email": Text("Verbeter het adres, of laat de cel leeg.", "Mend the address, or leave the cell empty."),
    "not-a-date": Text("Schrijf de dag als 31-12-2026.", "Write the day as 2026-12-31."),
}
_MEND_CELL: Final = Text(
    "Verbeter deze cel en stuur de rij opnieuw.",
    "Mend this cell and send the row again.",
)
_LOOK: Final = Text("Kijk of dit klopt.", "See whether this is right.")


# --- What goes in and out ---------------------------------------------------------------------------------------


class ImportQuery(Schema):
    mode = Code(
        ImportMode,
        load_default=ImportMode.CHANGES,
        metadata={
            "description": "`changes`: only what is in the file is touched. `full`: the file holds all there is; what "
            "it does not name is reported as missing.",
            "default": "changes",
        },
    )
    dry_run = QueryBoolean(
        load_default=False, metadata={"description": "true: everything is checked and counted, nothing is written."}
    )


def _count(about: str) -> Integer:
    return Integer(minimum=0, maximum=10_000_000, required=True, metadata={"description": about})


class ImportCountsView(View):
    """How many rows; of a dry run: how many it would be."""

    read = _count("Rows of the file that were looked at")
    created = _count("Rows that brought something new")
    changed = _count("Rows that changed something")
    unchanged = _count("Rows that were known already")
    failed = _count("Rows with something wrong: nothing of them was taken over")
    warned = _count("Rows that were taken over, with a remark")
    missing = _count("What a full file does not name; left as it is")
    ended = _count("What a full file does not name; ended")


class ImportProblemView(View):
    code = fields.String(required=True)
    detail = Sentence(required=True)


class ImportRemarkView(View):
    code = fields.String(required=True)
    detail = Sentence(required=True)
    count = _count("How many rows it is about")


class ImportView(View):
    id = Id(required=True)
    mode = Code(ImportMode, required=True)
    dry_run = Boolean(required=True)
    status = Code(
        ImportStatus,
        required=True,
        metadata={
            "description": "`failed`: the file could not be read to its end; `problem` says why, and what was done "
            "before that stays."
        },
    )
    created_at = Moment(required=True)
    started_at = Moment(required=True, allow_none=True)
    finished_at = Moment(required=True, allow_none=True)
    counts = Nested(ImportCountsView, required=True)
    problem = Nested(ImportProblemView, required=True, allow_none=True)
    all_rows_told = Boolean(
        required=True,
        metadata={"description": f"false: more than {MAX_TOLD} remarks; `rows` has the first, `counts` goes on."},
    )
    remarks = List(
        Nested(ImportRemarkView),
        required=True,
        metadata={
            "description": "About the file as a whole, when it is done: worth a look, nothing was refused for it"
        },
    )
    failed_rows_until = Moment(
        required=True,
        allow_none=True,
        metadata={
            "description": "`failed-rows` gives the rows that failed as a file until then. null: none failed, it is "
            f"not done yet, or {failed.KEPT_FOR.days} days have passed."
        },
    )
    all_failed_rows_kept = Boolean(
        required=True,
        metadata={
            "description": f"false: `failed-rows` lacks some. It holds at most {failed.MAX_ROWS} rows and "
            f"{failed.MAX_SIZE} characters."
        },
    )


class ImportRowView(View):
    number = Integer(
        minimum=0,
        maximum=10_000_000,
        required=True,
        metadata={"description": "As a spreadsheet counts, the heading is row 1; 0: not in the file"},
    )
    status = Code(Told, required=True)
    field = fields.String(
        required=True, allow_none=True, metadata={"description": "The column, by its heading; null: the whole row"}
    )
    code = fields.String(required=True)
    detail = Sentence(required=True)
    mend = Sentence(required=True, metadata={"description": "What to do about it"})
    subject_id = Id(required=True, allow_none=True, metadata={"description": "What is missing or was ended; opaque"})


class TemplateQuery(Schema):
    format = Code(FileFormat, load_default=FileFormat.CSV, metadata={"default": "csv"})


class ImportRowQuery(Page):
    status = Code(Told)


ImportPage = page_of(ImportView, "ImportPage")
ImportRowPage = page_of(ImportRowView, "ImportRowPage")


# --- What is done with it ---------------------------------------------------------------------------------------


def submit(
    uow: UnitOfWork,
    kind: ImportKind,
    upload: Upload,
    query: Mapping[str, Any],
    *,
    client_id: str,
    party_id: str,
    options: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Puts an upload in the line. Raises 409 where too many of this party wait."""
    waiting = (ImportJob.kind == kind.name, ImportJob.party_id == party_id, ImportJob.finished_at.is_(None))
    if (uow.session.scalar(select(func.count()).where(*waiting)) or 0) >= MAX_WAITING:
        raise conflict(
            "too-many-imports",
            "Er wachten al veel bestanden. Wacht tot er een klaar is.",
            "Many files are waiting already. Wait until one is done.",
        )
    job = ImportJob(
        id=upload.id,
        kind=kind.name,
        client_id=client_id,
        party_id=party_id,
        mode=query["mode"],
        dry_run=query["dry_run"],
        options=dict(options or {}),
        media_type=upload.media_type,
        charset=upload.charset,
        size=upload.size,
        status=ImportStatus.QUEUED,
        counts={},
        rows_read=0,
        at_end=False,
        told=0,
        trace_id=uow.trace_id,
        created_at=uow.now,
    )
    uow.add(job)
    uow.flush()
    return view(job, uow.now)


def list_jobs(uow: UnitOfWork, visible: Select[Any], query: Mapping[str, Any]) -> dict[str, Any]:
    """The newest first."""
    return page(uow, visible, (ImportJob.created_at, ImportJob.id), query, partial(view, now=uow.now), descending=True)


def get_job(uow: UnitOfWork, visible: Select[Any], job_id: str) -> dict[str, Any]:
    return view(_job(uow, visible, job_id), uow.now)


def list_rows(
    uow: UnitOfWork, visible: Select[Any], kind: ImportKind, job_id: str, query: Mapping[str, Any]
) -> dict[str, Any]:
    """What there is to know of the rows, in the order of the file."""
    statement = select(ImportRow).where(ImportRow.job_id == _job(uow, visible, job_id).id)
    if "status" in query:
        statement = statement.where(ImportRow.status == query["status"])

    def row_view(row: ImportRow) -> dict[str, Any]:
        otherwise = _MEND_CELL if row.status is Told.FAILED else _LOOK
        return {
            "number": row.number,
            "status": row.status,
            "field": row.field,
            "code": row.code,
            "detail": row.text,
            "mend": kind.mend.get(row.code) or _MEND.get(row.code, otherwise),
            "subject_id": row.subject_id,
        }

    return page(uow, statement, (ImportRow.position,), query, row_view)


def _job(uow: UnitOfWork, visible: Select[Any], job_id: str) -> ImportJob:
    row: ImportJob | None = uow.session.scalars(visible.where(ImportJob.id == job_id)).one_or_none()
    if row is None:
        raise not_found()
    return row


def template(kind: ImportKind, form: FileFormat, noun: str) -> Download:
    """An empty file with the kind's examples in it."""
    return files.template(form, f"{noun}-import-template", kind.columns.headings, kind.example)


def failed_rows(uow: UnitOfWork, visible: Select[Any], job_id: str, noun: str) -> Download:
    """The rows that failed, as a file to mend and send again. Raises 404 where nothing is kept, 409 while more may
    come."""
    return failed.as_file(uow, _job(uow, visible, job_id), f"{noun}-import-failed-rows")


def view(job: ImportJob, now: datetime) -> dict[str, Any]:
    """An import as its sender sees it, at this moment."""
    counts = {name: job.counts.get(name, 0) for name in ("read", *Outcome, Told.WARNED)}
    return {
        "id": job.id,
        "mode": job.mode,
        "dry_run": job.dry_run,
        "status": job.status,
        "created_at": job.created_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
        "counts": counts,
        "problem": job.problem and {"code": job.problem["code"], "detail": job.problem["text"]},
        "all_rows_told": job.told <= MAX_TOLD,
        "remarks": [
            {"code": each["code"], "detail": each["text"], "count": each["count"]} for each in job.remarks or ()
        ],
        "failed_rows_until": failed.kept_until(job, now),
        "all_failed_rows_kept": job.failed_kept == counts[Outcome.FAILED],
    }


def forget_old(uow: UnitOfWork, kind: ImportKind) -> int:
    """Deletes imports whose term is over, with what was told of their rows."""
    over = (ImportJob.kind == kind.name, ImportJob.finished_at <= uow.now - KEPT_FOR)
    old = list(uow.session.scalars(select(ImportJob.id).where(*over).limit(10)))
    return uow.execute(delete(ImportJob).where(ImportJob.id.in_(old))).rowcount if old else 0


def retention(kind: ImportKind, noun: str) -> tuple[Retention, ...]:
    """How long imports of this kind are kept, and the rows that failed."""
    return (
        Retention(
            f"{noun} imports",
            KEPT_FOR,
            Text("Om fouten in een bestand te kunnen verbeteren.", "To be able to mend what was wrong in a file."),
            lambda uow: forget_old(uow, kind),
        ),
        Retention(
            f"failed rows of {noun} imports",
            failed.KEPT_FOR,
            Text("Om die rijen te kunnen verbeteren en opnieuw te sturen.", "To mend these rows and send them again."),
            lambda uow: failed.forget(uow, kind.name),
        ),
    )


def forget_subject(uow: UnitOfWork, subject_id: str) -> None:
    """Takes out what was told about somebody who is erased."""
    uow.execute(delete(ImportRow).where(ImportRow.subject_id == subject_id))
