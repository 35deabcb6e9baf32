"""The same POST twice is one effect.

The key and the stored answer live in the business transaction: a crash leaves either both or neither. Keys belong to
the client, not to its token. Answers are sealed, since they hold what the client was told; fingerprints are keyed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import BigInteger, Table, and_, bindparam, delete, func, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.database import Base, Id, UnitOfWork
from service.kernel.ids import new_id
from service.kernel.prepared import Prepared
from service.kernel.problems import Problem, conflict

KEPT_FOR = timedelta(days=7)


class StoredAnswer(Base):
    __tablename__ = "idempotency_key"

    client_id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(Id)
    fingerprint: Mapped[bytes]
    answer: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(index=True)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client was told, and what its telling noted (the access log runs again on a replay)."""

    status: int
    headers: Mapping[str, str]
    body: str
    notes: Mapping[str, list[Any]]


_LOCK: Final = Prepared(select(func.pg_try_advisory_xact_lock(bindparam("lock", type_=BigInteger)).label("taken")))
_OWN: Final = and_(StoredAnswer.client_id == bindparam("client_id"), StoredAnswer.key == bindparam("key"))
_FIND: Final = Prepared(
    select(StoredAnswer.id, StoredAnswer.fingerprint, StoredAnswer.answer, StoredAnswer.created_at).where(_OWN)
)
_STORE: Final = Prepared(insert(cast(Table, StoredAnswer.__table__)))


def replay(uow: UnitOfWork, client_id: str, key: str, fingerprint: bytes) -> Answer | None:
    """The stored answer to this key, or None when the request is new and may run.

    Raises a 409 Problem: `idempotency-key-reused` for another request under the same key, `request-in-progress` (with
    Retry-After) while the first is still running.
    """
    if not uow.is_sqlite:
        lock = int.from_bytes(uow.vault.fingerprint(client_id.encode(), key.encode())[:8], "big", signed=True)
        if not uow.find(_LOCK, {"lock": lock})[0].taken:
            raise _in_progress()
    found = uow.find(_FIND, {"client_id": client_id, "key": key})
    if not found:
        return None
    row = found[0]
    if row.created_at <= uow.now - KEPT_FOR:
        uow.execute(delete(StoredAnswer).where(StoredAnswer.client_id == client_id, StoredAnswer.key == key))
        return None
    if bytes(row.fingerprint) != fingerprint:
        raise conflict(
            "idempotency-key-reused",
            "Deze Idempotency-Key hoort bij een ander verzoek. Gebruik een nieuwe.",
            "This Idempotency-Key belongs to another request. Use a new one.",
        )
    return Answer(**json.loads(uow.vault.open("idempotency_key", "answer", row.id, row.answer)))


def store(uow: UnitOfWork, client_id: str, key: str, fingerprint: bytes, answer: Answer) -> None:
    """Keeps a 2xx answer for seven days."""
    row_id = new_id()
    text = json.dumps(
        {"status": answer.status, "headers": dict(answer.headers), "body": answer.body, "notes": answer.notes}
    )
    uow.write(
        _STORE,
        {
            "client_id": client_id,
            "key": key,
            "id": row_id,
            "fingerprint": fingerprint,
            "answer": uow.vault.seal("idempotency_key", "answer", row_id, text),
            "created_at": uow.now,
        },
    )


def forget_old(uow: UnitOfWork) -> int:
    """Deletes the answers whose seven days are over."""
    return uow.execute(delete(StoredAnswer).where(StoredAnswer.created_at <= uow.now - KEPT_FOR)).rowcount


def _in_progress() -> Problem:
    problem = conflict(
        "request-in-progress",
        "Hetzelfde verzoek loopt nog. Probeer het zo opnieuw.",
        "The same request is still running. Try again shortly.",
    )
    problem.headers = {"Retry-After": "1"}
    return problem
