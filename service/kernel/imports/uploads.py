"""The body of an import: received in pieces and kept sealed in the database, since it holds data of people and the
worker that reads it may run on another machine. Nothing of it stands in memory as a whole."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import timedelta
from typing import IO, Any, Final, cast

from sqlalchemy import Table, bindparam, delete, exists, insert, select

from service.kernel.database import Database, Id, UnitOfWork
from service.kernel.ids import new_id
from service.kernel.imports.models import ImportJob, UploadPiece
from service.kernel.prepared import Prepared

PIECE_BYTES: Final = 512 * 1024
ABANDONED_AFTER: Final = timedelta(hours=1)

_INSERT: Final = Prepared(insert(cast(Table, UploadPiece.__table__)))
_FIND: Final = Prepared(
    select(UploadPiece.sealed).where(
        UploadPiece.upload_id == bindparam("upload_id", type_=Id), UploadPiece.number == bindparam("number")
    )
)


@dataclass(frozen=True, slots=True)
class Upload:
    """A body that came in. `digest` is keyed and covers all of it; `charset` as the sender named it."""

    id: str
    media_type: str
    charset: str | None
    size: int
    digest: bytes


def receive(database: Database, stream: IO[bytes], media_type: str, charset: str | None) -> Upload:
    """Keeps what `stream` holds, in transactions of their own: a slow disk holds nobody up for long.

    Whoever asked for it throws it away again when no import comes of it; what is left is forgotten after an hour.
    """
    upload_id = new_id()
    digest = database.vault.growing_fingerprint()
    size = number = 0
    try:
        while piece := _whole_piece(stream):
            digest.update(piece)
            size += len(piece)
            with database.transaction() as uow:
                uow.write(
                    _INSERT,
                    {
                        "upload_id": upload_id,
                        "number": number,
                        "sealed": uow.vault.seal_bytes("upload_piece", str(number), upload_id, piece),
                        "created_at": uow.now,
                    },
                )
            number += 1
    except BaseException:
        if number:
            throw_away(database, upload_id)
        raise
    return Upload(upload_id, media_type, charset, size, digest.digest())


def _whole_piece(stream: IO[bytes]) -> bytes:
    """The next piece, of the full size but for the last."""
    parts, wanted = [], PIECE_BYTES
    while wanted and (part := stream.read(wanted)):
        parts.append(part)
        wanted -= len(part)
    return b"".join(parts)


def throw_away(database: Database, upload_id: str) -> None:
    with database.transaction() as uow:
        forget(uow, upload_id)


def forget(uow: UnitOfWork, upload_id: str) -> None:
    uow.execute(delete(UploadPiece).where(UploadPiece.upload_id == upload_id))


def forget_abandoned(uow: UnitOfWork) -> int:
    """Deletes bodies from which no import came: their sender was cut off."""
    wanted = exists().where(ImportJob.id == UploadPiece.upload_id)
    old = UploadPiece.created_at <= uow.now - ABANDONED_AFTER
    return uow.execute(delete(UploadPiece).where(old, ~wanted)).rowcount


class SealedBody(io.RawIOBase):
    """A body as a file that can be read from any place on. It is read in the unit of work that is set at the time."""

    def __init__(self, upload_id: str, size: int) -> None:
        self.uow: UnitOfWork | None = None
        self.size = size
        self._upload_id = upload_id
        self._at = 0
        self._number = -1
        self._piece = b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        if base + offset < 0:
            raise ValueError("before the beginning")
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        if self._at >= self.size:
            return 0
        number, start = divmod(self._at, PIECE_BYTES)
        if number != self._number:
            self._piece = self._open(number)
            self._number = number
        part = self._piece[start : start + len(buffer)]
        buffer[: len(part)] = part
        self._at += len(part)
        return len(part)

    def _open(self, number: int) -> bytes:
        if self.uow is None:
            raise AssertionError("read outside a unit of work")
        [row] = self.uow.find(_FIND, {"upload_id": self._upload_id, "number": number})
        return self.uow.vault.open_bytes("upload_piece", str(number), self._upload_id, row.sealed)
