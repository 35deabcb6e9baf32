"""The database and the unit of work: one request, or one piece of background work, is one transaction.

SQLite is the embedded default, PostgreSQL is production. On SQLite every unit of work begins IMMEDIATE behind one
fair lock: writers queue in the process in the order in which they came, instead of racing for the file.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

import orjson
from psycopg.types.string import TextLoader
from sqlalchemy import (
    ARRAY,
    JSON,
    ColumnElement,
    Connection,
    CursorResult,
    DateTime,
    Dialect,
    Engine,
    Enum,
    Executable,
    Integer,
    LargeBinary,
    MetaData,
    RootTransaction,
    String,
    Uuid,
    any_,
    create_engine,
    event,
    literal,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, declared_attr, mapped_column
from sqlalchemy.pool import PoolProxiedConnection
from sqlalchemy.types import TypeDecorator

from service.kernel.among import FROM_HEX
from service.kernel.clock import Clock, amsterdam_day
from service.kernel.prepared import Driver, Prepared, Values, refusal, with_dashes

if TYPE_CHECKING:
    from service.config import Settings
    from service.kernel.crypto import Vault

E = TypeVar("E", bound=StrEnum)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment. Goes in and comes out with its zone, always UTC; SQLite keeps it without."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a zone cannot be stored")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def code(enum: type[E]) -> Enum:
    """A column that holds the values of `enum`, as text: a new value needs no change of the table."""
    return Enum(
        enum,
        native_enum=False,
        create_constraint=False,
        length=64,
        validate_strings=True,
        values_callable=lambda members: [member.value for member in members],
    )


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime,
        bytes: LargeBinary,
        str: String,
        list[str]: JSON,
        list[dict[str, Any]]: JSON,
        dict[str, Any]: JSON,
    }


class Identifier(Uuid[str]):
    """An id: a uuid where the database has such a type, else its 32 digits. Goes in and comes out as we hand it out."""

    cache_ok = True

    def __init__(self) -> None:
        super().__init__(as_uuid=False)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        # Its own way would make an object of each first, which on long lists costs more than the reading.
        if not dialect.supports_native_uuid:
            return lambda value: None if value is None else with_dashes(value)
        return super().result_processor(dialect, coltype)  # type: ignore[no-untyped-call]


Id = Identifier()


class Versioned:
    """A row that changes by If-Match: each change raises `version`, and two at once are seen by the database."""

    version: Mapped[int] = mapped_column(Integer, nullable=False)

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version}


class FairLock:
    """A lock that serves in the order of asking. Python's own lets the same thread win again and again."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._held = False
        self._waiting: deque[threading.Lock] = deque()

    def acquire(self) -> None:
        with self._guard:
            if not self._held:
                self._held = True
                return
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        turn.acquire()

    def release(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._held = False


class UnitOfWork:
    """One transaction with everything that an operation needs. Operations never commit: who opened it does.

    `now` is the moment at which the work began, `today` its day in Amsterdam; `trace_id` is the W3C trace to which it
    belongs (32 hex digits, or empty); `headers` go along with the answer.
    """

    def __init__(
        self, engine: Engine, pooled: PoolProxiedConnection, now: datetime, settings: Settings, vault: Vault
    ) -> None:
        self.driver = Driver(engine, pooled)
        self._engine = engine
        self._pooled = pooled
        self._connection: Connection | None = None
        self._transaction: RootTransaction | None = None
        self.now = now
        self.settings = settings
        self.vault = vault
        self.trace_id = ""
        self.notes: dict[str, list[Any]] = {}
        self.headers: list[tuple[str, str]] = []
        self._last: list[Callable[[UnitOfWork], None]] = []
        self._session: Session | None = None

    @property
    def connection(self) -> Connection:
        """SQLAlchemy's view of the connection. Made when first needed: the quick paths do without."""
        if self._connection is None:
            self._connection = Connection(self._engine, connection=self._pooled)
            self._transaction = self._connection.begin()
        return self._connection

    @cached_property
    def today(self) -> date:
        return amsterdam_day(self.now)

    @property
    def session(self) -> Session:
        if self._session is None:
            self._session = Session(self.connection, expire_on_commit=False)
        return self._session

    @property
    def is_sqlite(self) -> bool:
        return self.driver.dialect.name == "sqlite"

    def execute(
        self, statement: Executable, values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> CursorResult[Any]:
        """Runs a Core statement, after what the session still holds back."""
        if self._session is not None:
            self._session.flush()
        return self.connection.execute(statement, values)

    def find(self, statement: Prepared, values: Values) -> list[Any]:
        """The rows of a prepared statement, after what the session still holds back."""
        self.flush()
        return statement.rows(self.driver, values)

    def find_raw(self, statement: Prepared, values: Values) -> Sequence[Any]:
        """The same as the database keeps them."""
        self.flush()
        return statement.raw_rows(self.driver, values)

    def write(self, statement: Prepared, values: Values | Sequence[Values]) -> int:
        """Runs a prepared statement for one or several rows; how many it wrote."""
        self.flush()
        return statement.write(self.driver, values)

    def among(self, column: Any, values: Iterable[Any]) -> ColumnElement[bool]:
        """Whether a column holds one of many values. PostgreSQL takes them as one value: to read a thousand of them in
        the text of a statement takes longer than to find the rows."""
        listed = list(values)
        if self.is_sqlite:
            return cast(ColumnElement[bool], column.in_(listed))
        return cast(ColumnElement[bool], column == any_(literal(listed, ARRAY(column.type))))

    def add(self, row: Base) -> None:
        self.session.add(row)

    def flush(self) -> None:
        if self._session is not None:
            self._session.flush()

    def note(self, kind: str, entry: Any, last: Callable[[UnitOfWork], None]) -> None:
        """Keeps `entry` until just before the commit, when `last` runs once and writes all entries of its kind."""
        if kind not in self.notes:
            self.notes[kind] = []
            self._last.append(last)
        self.notes[kind].append(entry)

    def write_notes(self) -> None:
        """Writes what was kept. A writer may keep more (a log entry leads to no event, but an event may)."""
        while self._last:
            self._last.pop(0)(self)
        self.flush()

    def commit(self) -> None:
        """For who opened it, once."""
        if self._transaction is None:
            self.driver.commit()
        else:
            self._transaction.commit()

    def rollback(self) -> None:
        """For who opened it."""
        if self._transaction is None:
            self.driver.rollback()
        elif self._transaction.is_active:
            # A session whose flush was refused has rolled back already.
            self._transaction.rollback()

    def close(self) -> None:
        """For who opened it: gives the connection back."""
        if self._connection is None:
            self._pooled.close()
        else:
            self._connection.close()


class Database:
    """Opens units of work. One per process."""

    def __init__(self, url: str, *, clock: Clock, settings: Settings, vault: Vault, pool_size: int = 10) -> None:
        self.engine = make_engine(url, pool_size=pool_size)
        self.clock = clock
        self.settings = settings
        self.vault = vault
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._turn = FairLock()

    @contextmanager
    def transaction(self) -> Iterator[UnitOfWork]:
        """A unit of work that commits when its block ends well, and leaves nothing behind when it does not."""
        if self.is_sqlite:
            self._turn.acquire()
        try:
            uow = self._open()
            try:
                begin(uow.driver)
                yield uow
                uow.write_notes()
                uow.commit()
            except BaseException:
                uow.rollback()
                raise
            finally:
                uow.close()
        finally:
            if self.is_sqlite:
                self._turn.release()

    @contextmanager
    def reading(self) -> Iterator[UnitOfWork]:
        """A unit of work that writes nothing: on SQLite it does not queue behind the writers."""
        uow = self._open()
        try:
            begin(uow.driver, reading=True)
            yield uow
        finally:
            try:
                uow.rollback()
            finally:
                uow.close()

    def _open(self) -> UnitOfWork:
        try:
            pooled = self.engine.raw_connection()
        except self.engine.dialect.loaded_dbapi.Error as error:
            raise refusal(self.engine.dialect, None, error, gone=True) from error
        return UnitOfWork(self.engine, pooled, self.clock(), self.settings, self.vault)

    def close(self) -> None:
        self.engine.dispose()


def make_engine(url: str, *, pool_size: int = 10) -> Engine:
    """An engine with the settings on which our promises rest: durable commits, foreign keys, time-outs."""
    if url.startswith("sqlite"):
        engine = create_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            hide_parameters=True,
            json_serializer=_to_json,
            json_deserializer=orjson.loads,
            connect_args={"check_same_thread": False, "timeout": 15, "isolation_level": None},
        )
        event.listen(engine, "connect", _prepare_sqlite)
        return engine
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        hide_parameters=True,
        pool_pre_ping=False,
        pool_timeout=10,
        json_serializer=_to_json,
        json_deserializer=orjson.loads,
        connect_args={
            "connect_timeout": 5,
            "options": "-c statement_timeout=60000 -c lock_timeout=10000 "
            "-c idle_in_transaction_session_timeout=60000 -c timezone=UTC",
        },
    )
    event.listen(engine, "connect", _prepare_postgres)
    return engine


def _to_json(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()


def _prepare_postgres(connection: Any, _: Any) -> None:
    # Ids are text to us: without this the driver makes an object of each, of which text is made again.
    connection.adapters.register_loader("uuid", TextLoader)


def _prepare_sqlite(connection: Any, _: Any) -> None:
    connection.create_function(FROM_HEX, 1, bytes.fromhex, deterministic=True)
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=15000",
        "secure_delete=ON",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def begin(driver: Driver, *, reading: bool = False) -> None:
    """What SQLite wants to hear at the beginning of a transaction: its driver begins none. An event of the engine
    would say it too, but engines with such events cost more at each step of each transaction."""
    if driver.dialect.name == "sqlite":
        driver.run("BEGIN" if reading else "BEGIN IMMEDIATE", ())
