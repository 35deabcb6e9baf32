"""One row per human. Identifying data are sealed, each value bound to its row; look-up goes by keyed hashes."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.database import Base, Id, code


class IndexKind(StrEnum):
    BSN = "bsn"
    CLIENT_NUMBER = "client_number"


class Person(Base):
    """`is_client`: UWV's side knows this person. Nothing that an employer can see may depend on it.

    `postcode4` is the area in which a client lives, by which offices divide their work.
    """

    __tablename__ = "person"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    bsn: Mapped[bytes | None] = mapped_column(LargeBinary)
    name: Mapped[bytes | None] = mapped_column(LargeBinary)
    email: Mapped[bytes | None] = mapped_column(LargeBinary)
    postcode4: Mapped[str | None]
    is_client: Mapped[bool]
    created_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]


class PersonIndex(Base):
    """A keyed hash by which a person is found. One for each active key, so that keys can change while in use."""

    __tablename__ = "person_index"

    kind: Mapped[IndexKind] = mapped_column(code(IndexKind), primary_key=True)
    key_id: Mapped[str] = mapped_column(primary_key=True)
    hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    person_id: Mapped[str] = mapped_column(Id, ForeignKey("person.id", ondelete="CASCADE"))

    __table_args__ = (Index("ix_person_index_person", "person_id"),)
