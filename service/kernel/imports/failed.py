"""The rows that failed, as they were sent: kept sealed for a week, so that they can be mended and sent again.

They cannot be found by person: what protects them is that they are sealed, and gone soon.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Any, Final, cast

import orjson
from sqlalchemy import Table as SqlTable
from sqlalchemy import bindparam, delete, insert, select

from service.kernel.database import Id, UnitOfWork
from service.kernel.endpoints import Download
from service.kernel.imports import files
from service.kernel.imports.columns import PASSED_OVER, TOLD_HEADINGS, Row
from service.kernel.imports.files import FORMAT, FileFormat
from service.kernel.imports.models import ImportFailed, ImportJob
from service.kernel.imports.reading import Table
from service.kernel.prepared import Prepared
from service.kernel.problems import conflict, not_found
from service.kernel.text import Language, Text, reading_language

KEPT_FOR: Final = timedelta(days=7)
MAX_ROWS: Final = 10_000
MAX_SIZE: Final = 20_000_000
"""Characters, of all rows together."""
_MAX_ROW: Final = 65_536
_MAX_WHY: Final = 5
_PIECE: Final = 100_000

_TABLE: Final = cast(SqlTable, ImportFailed.__table__)
_INSERT: Final = Prepared(insert(_TABLE))
_FIND: Final = Prepared(
    select(_TABLE.c.sealed).where(
        _TABLE.c.job_id == bindparam("job_id", type_=Id), _TABLE.c.number == bindparam("number")
    )
)

_Kept = tuple[list[list[str | None]], str | list[str]]
"""What was wrong (column, Dutch, English), and the row: its cells, or a line of bytes as Latin-1."""


# --- Keeping ----------------------------------------------------------------------------------------------------


def keep(uow: UnitOfWork, job: ImportJob, table: Table, rows: Sequence[Row]) -> None:
    """Adds rows that failed to those that are kept, as far as there is room. Cells that are not looked at are not kept
    either: nobody asked for them."""
    pieces: list[dict[str, Any]] = []
    batch: list[_Kept] = []
    first = [text for name, text in zip(table.names, table.first, strict=True) if name != PASSED_OVER]
    size = 0

    def close() -> None:
        nonlocal size
        content = orjson.dumps({"first": first, "rows": batch})
        number = job.failed_kept - len(batch)
        sealed = uow.vault.seal_bytes("import_failed", str(number), job.id, content)
        pieces.append({"job_id": job.id, "number": number, "sealed": sealed})
        batch.clear()
        size = 0

    for row in rows:
        sent, length = _as_sent(row, table.names)
        if job.failed_kept >= MAX_ROWS or length > _MAX_ROW or job.failed_size + length > MAX_SIZE:
            continue
        batch.append(([[each.field, *each.text] for each in row.findings[:_MAX_WHY]], sent))
        job.failed_kept += 1
        job.failed_size += length
        size += length
        if size >= _PIECE:
            close()
    if batch:
        close()
    if pieces:
        uow.write(_INSERT, pieces)


def _as_sent(row: Row, names: Sequence[str]) -> tuple[str | list[str], int]:
    if isinstance(row.sent, bytes):
        return row.sent.decode("latin-1"), len(row.sent)
    cells = [text for name, text in zip_longest(names, row.sent) if name != PASSED_OVER and text is not None]
    return cells, sum(map(len, cells)) + len(cells)


def kept_until(job: ImportJob, now: datetime) -> datetime | None:
    """Until when the file can be had; None: there is none, not yet, or not any more."""
    if not job.failed_kept or job.finished_at is None or job.finished_at + KEPT_FOR <= now:
        return None
    return job.finished_at + KEPT_FOR


def forget(uow: UnitOfWork, kind: str) -> int:
    """Deletes what is over its term."""
    over = (ImportJob.kind == kind, ImportJob.finished_at <= uow.now - KEPT_FOR)
    wanted = select(ImportFailed.job_id).join(ImportJob, ImportJob.id == ImportFailed.job_id).where(*over)
    old = list(uow.session.scalars(wanted.distinct().limit(10)))
    return uow.execute(delete(ImportFailed).where(ImportFailed.job_id.in_(old))).rowcount if old else 0


# --- Giving back ------------------------------------------------------------------------------------------------


def as_file(uow: UnitOfWork, job: ImportJob, name: str) -> Download:
    """The file, in the form in which it came. Raises 404 where nothing is kept, 409 while more may come."""
    if job.finished_at is None:
        raise conflict(
            "import-not-done",
            "Dit bestand is nog niet verwerkt. Wacht tot de status 'done' of 'failed' is.",
            "This file has not been worked off yet. Wait until its status is 'done' or 'failed'.",
        )
    if kept_until(job, uow.now) is None:
        raise not_found()
    wanted = select(ImportFailed.number).where(ImportFailed.job_id == job.id).order_by(ImportFailed.number)
    waiting = deque(uow.session.scalars(wanted))
    if not waiting:
        raise not_found()
    job_id, form, language = job.id, FORMAT[job.media_type], reading_language.get()
    content = _open(uow, job_id, waiting.popleft())
    write = _LineWriter() if form is FileFormat.NDJSON else files.writer(form, [_HEADING[language], *content["first"]])

    def rows_of(content: dict[str, Any]) -> bytes:
        piece = write.rows([_told(why, sent, language) for why, sent in content["rows"]])
        return piece if waiting else piece + write.end()

    def following(later: UnitOfWork) -> bytes | None:
        return rows_of(_open(later, job_id, waiting.popleft())) if waiting else None

    file = files.download(form, name, write.begin() + rows_of(content))
    return replace(file, following=following) if waiting else file


_HEADING: Final = dict(zip((Language.DUTCH, Language.ENGLISH), TOLD_HEADINGS, strict=True))


class _LineWriter:
    """Lines of JSON, each as it came: nothing stands before them."""

    def begin(self) -> bytes:
        return b""

    def rows(self, rows: Iterable[Sequence[str]]) -> bytes:
        return b"".join(line.encode("latin-1") + b"\n" for [line] in rows)

    def end(self) -> bytes:
        return b""


def _open(uow: UnitOfWork, job_id: str, number: int) -> dict[str, Any]:
    [row] = uow.find(_FIND, {"job_id": job_id, "number": number})
    content: dict[str, Any] = orjson.loads(uow.vault.open_bytes("import_failed", str(number), job_id, row.sealed))
    return content


def _told(why: Sequence[Sequence[str | None]], sent: str | list[str], language: Language) -> list[str]:
    if isinstance(sent, str):
        return [sent]
    said = [(field, Text(str(nl), str(en)).in_language(language)) for field, nl, en in why]
    return [" ".join(text if field is None else f"{field}: {text}" for field, text in said), *sent]
