"""Statements for the paths that must be quick: SQLAlchemy compiles them once, the driver runs them as they are.

What Core does anew for every execution (a cache key, a context, a result with its metadata) costs several times the
statement itself. Here its compiler and its types still decide what goes in and what comes out; only that is left out.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

import orjson
from sqlalchemy import JSON, Date, Dialect, Engine, Float, LargeBinary, Numeric, Uuid
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import PoolProxiedConnection
from sqlalchemy.sql import ClauseElement, Insert
from sqlalchemy.sql.selectable import ReturnsRows
from sqlalchemy.types import TypeEngine

Values = Mapping[str, Any]
_Process = Callable[[Any], Any]
_COPY_FROM: Final = 100  # below, a COPY costs more than it saves


class _Compiled(NamedTuple):
    """The statement in the words of one database.

    `wanted` has for each value the name in the SQL, the key among what is given, and how it goes in; `fixed` what
    stands in the statement itself; `order` the names by position, None where the driver goes by name. `plain`: each
    value stands in the statement once, in the order of `wanted`.
    """

    sql: str
    wanted: Sequence[tuple[str, str, _Process | None]]
    fixed: Values
    order: Sequence[str] | None
    plain: bool
    copy: tuple[str, Sequence[str]] | None
    results: Sequence[tuple[int, _Process]]
    row: Callable[[Sequence[Any]], Any]

    def bound(self, values: Values) -> Any:
        if self.plain:
            return [values[key] if process is None else process(values[key]) for _, key, process in self.wanted]
        made = {name: values[key] if process is None else process(values[key]) for name, key, process in self.wanted}
        if self.fixed:
            made |= self.fixed
        return made if self.order is None else [made[name] for name in self.order]

    def bound_rows(self, rows: Sequence[Values], names: Sequence[str]) -> list[tuple[Any, ...]]:
        """The values of many rows, each in the order of `names`. Column by column, since what is the same for all rows
        need be made once."""
        columns = {name: _each(process, [row[key] for row in rows]) for name, key, process in self.wanted}
        columns |= {name: [value] * len(rows) for name, value in self.fixed.items()}
        return list(zip(*(columns[name] for name in names), strict=True))

    def read(self, rows: Sequence[Sequence[Any]]) -> list[Any]:
        """Column by column."""
        if not self.results or not rows:
            return [self.row(row) for row in rows]
        columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
        for at, process in self.results:
            columns[at] = [None if value is None else process(value) for value in columns[at]]
        return [self.row(row) for row in zip(*columns, strict=True)]


class Driver:
    """The driver below a connection from the pool of `engine`, for the time of one transaction."""

    def __init__(self, engine: Engine, pooled: PoolProxiedConnection) -> None:
        self.dialect = engine.dialect
        self._engine = engine
        self._pooled = pooled
        self._cursor: DBAPICursor = pooled.cursor()
        self._listeners: Any = engine.dispatch.before_cursor_execute or None

    def run(self, sql: str, values: Any, *, many: bool = False) -> DBAPICursor:
        """Raises what SQLAlchemy raises where the database refuses or is gone."""
        cursor = self._cursor
        if self._listeners is not None:
            self._listeners(self._pooled, cursor, sql, values, None, many)
        try:
            if many:
                cursor.executemany(sql, values)
            else:
                cursor.execute(sql, values)
        except self.dialect.loaded_dbapi.Error as error:
            raise self._refused(sql, error) from error
        return cursor

    def commit(self) -> None:
        """Raises what SQLAlchemy raises where the database refuses or is gone."""
        try:
            self._pooled.commit()
        except self.dialect.loaded_dbapi.Error as error:
            raise self._refused("COMMIT", error) from error

    def rollback(self) -> None:
        """Undoes what was done. A connection that is gone undid it by itself."""
        try:
            if self._pooled.is_valid:
                self._pooled.rollback()
        except self.dialect.loaded_dbapi.Error as error:
            raise self._refused("ROLLBACK", error) from error

    def copy(self, sql: str, rows: Iterable[Sequence[Any]]) -> DBAPICursor:
        """Writes many rows in one go (PostgreSQL). Raises what `run` raises."""
        cursor: Any = self._cursor
        try:
            with cursor.copy(sql) as copy:
                for row in rows:
                    copy.write_row(row)
        except self.dialect.loaded_dbapi.Error as error:
            raise self._refused(sql, error) from error
        return self._cursor

    def hear(self, sql: str, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Lets those who listen know of what `copy` writes, as the INSERT that it stands for."""
        if self._listeners is not None:
            values = [dict(zip(names, row, strict=True)) for row in rows]
            self._listeners(self._pooled, self._cursor, sql, values, None, True)

    def _refused(self, sql: str, error: Exception) -> BaseException:
        driver: Any = self._pooled.dbapi_connection
        gone = self.dialect.is_disconnect(error, driver, self._cursor)  # type: ignore[arg-type]
        if gone:
            # What else waits in the pool was cut off by the same cause.
            self._pooled.invalidate(error)
            self._engine.dispose()
        return refusal(self.dialect, sql, error, gone)


def refusal(dialect: Dialect, sql: str | None, error: Exception, gone: bool) -> BaseException:
    """What SQLAlchemy raises for this error of the driver."""
    errors: Any = dialect.loaded_dbapi.Error
    return DBAPIError.instance(
        sql, None, error, errors, hide_parameters=True, connection_invalidated=gone, dialect=dialect
    )


class Prepared:
    """A Core statement with named parameters. `columns` names what an INSERT fills, where that is not all.

    No parameter of it may stand for a list whose length is known only later; `kernel.among` is for these.
    """

    def __init__(self, statement: ClauseElement, columns: Sequence[str] | None = None) -> None:
        self._statement = statement
        self._columns = columns
        self._compiled: dict[str, _Compiled] = {}

    def rows(self, driver: Driver, values: Values) -> list[Any]:
        """Runs it and gives its rows, as named tuples."""
        compiled = self._for(driver.dialect)
        return compiled.read(driver.run(compiled.sql, compiled.bound(values)).fetchall())

    def raw_rows(self, driver: Driver, values: Values) -> Sequence[Any]:
        """Runs it and gives its rows as the database keeps them: for many, of which few are needed."""
        compiled = self._for(driver.dialect)
        return driver.run(compiled.sql, compiled.bound(values)).fetchall()

    def write(self, driver: Driver, values: Values | Sequence[Values]) -> int:
        """Runs it, for one or for several rows; how many it wrote."""
        compiled = self._for(driver.dialect)
        if isinstance(values, Mapping):
            return driver.run(compiled.sql, compiled.bound(values)).rowcount
        if len(values) == 1:
            return driver.run(compiled.sql, compiled.bound(values[0])).rowcount
        names = [name for name, *_ in compiled.wanted] if compiled.plain else compiled.order
        if names is not None:
            return driver.run(compiled.sql, compiled.bound_rows(values, names), many=True).rowcount
        if compiled.copy is None or len(values) < _COPY_FROM:
            return driver.run(compiled.sql, [compiled.bound(each) for each in values], many=True).rowcount
        sql, names = compiled.copy
        rows = compiled.bound_rows(values, names)
        driver.hear(compiled.sql, names, rows)
        return driver.copy(sql, rows).rowcount

    def spread(self, driver: Driver, shared: Values, varying: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Writes rows that differ in few columns: `varying` names these, with values as the database keeps them."""
        compiled = self._for(driver.dialect)
        if compiled.order is None:
            raise TypeError("only where values go by position")
        places = [compiled.order.index(name) for name in varying]
        pattern = compiled.bound({**dict.fromkeys(varying), **shared})
        filled = []
        for row in rows:
            values = pattern.copy()
            for place, value in zip(places, row, strict=True):
                values[place] = value
            filled.append(values)
        driver.run(compiled.sql, filled, many=True)

    def _for(self, dialect: Dialect) -> _Compiled:
        found = self._compiled.get(dialect.name)
        if found is None:
            found = self._compiled[dialect.name] = _compile(self._statement, self._columns, dialect)
        return found


def _compile(statement: ClauseElement, columns: Sequence[str] | None, dialect: Dialect) -> _Compiled:
    compiled: Any = statement.compile(dialect=dialect, column_keys=columns)
    needed = {name: bind for name, bind in compiled.binds.items() if bind.required}
    # Also writes out the lists that stand in the statement.
    state = compiled.construct_expanded_state(dict.fromkeys(bind.key for bind in needed.values()))
    processors = {name: _way_in(bind.type, dialect) for name, bind in compiled.binds.items()} | state.processors
    fixed = {}
    for name in state.parameters.keys() - needed.keys():
        process, value = processors[name], state.parameters[name]
        fixed[name] = value if process is None else process(value)
    selected = list(statement.exported_columns) if isinstance(statement, ReturnsRows) else []
    ways_out = [(at, _way_out(column.type, dialect)) for at, column in enumerate(selected)]
    row = namedtuple("Row", [column.key for column in selected])  # type: ignore[misc]
    return _Compiled(
        sql=state.statement,
        wanted=[(name, bind.key, processors[name]) for name, bind in needed.items()],
        plain=state.positiontup is not None and list(state.positiontup) == list(needed),
        fixed=fixed,
        order=state.positiontup,
        results=[(at, process) for at, process in ways_out if process is not None],
        row=row._make,
        copy=_copy(statement, compiled, [*needed, *fixed]) if dialect.name == "postgresql" else None,
    )


def _copy(statement: ClauseElement, compiled: Any, names: Sequence[str]) -> tuple[str, Sequence[str]] | None:
    """COPY instead of a plain INSERT: it takes one round trip, and no work per row but the row's own."""
    if not isinstance(statement, Insert) or statement.select is not None:
        return None
    if statement._post_values_clause is not None or statement._returning:
        return None
    columns = ", ".join(compiled.preparer.quote(name) for name in names)
    return f"COPY {compiled.preparer.format_table(statement.table)} ({columns}) FROM STDIN", names


def _each(process: _Process | None, values: list[Any]) -> list[Any]:
    if process is None:
        return values
    if process is _without_dashes:
        return [None if value is None else value.replace("-", "") for value in values]
    made: list[Any] = []
    last, result = object(), None
    add = made.append
    for value in values:
        if value is not last:
            last, result = value, process(value)
        add(result)
    return made


def _way_in(kind: TypeEngine[Any], dialect: Dialect) -> _Process | None:
    if dialect.name == "sqlite":
        # SQLAlchemy asks each value again what the type says once.
        if isinstance(kind, LargeBinary):
            return None
        if isinstance(kind, Uuid) and not kind.as_uuid:
            return _without_dashes
        if isinstance(kind, Date):
            return _as_iso
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _way_out(kind: TypeEngine[Any], dialect: Dialect) -> _Process | None:
    # SQLAlchemy goes by way of a UUID and by json: the same, several times slower.
    if dialect.name == "sqlite" and isinstance(kind, Uuid) and not kind.as_uuid:
        return with_dashes
    if dialect.name == "sqlite" and isinstance(kind, JSON):
        return orjson.loads
    if dialect.name == "postgresql" and isinstance(kind, (Numeric, Float)):
        # Its own way asks the driver first, which gives decimals for every kind of number that is exact.
        return None if kind.asdecimal else float
    return kind.dialect_impl(dialect).result_processor(dialect, None)


def _without_dashes(value: str | None) -> str | None:
    return None if value is None else value.replace("-", "")


def _as_iso(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def with_dashes(kept: str) -> str:
    """An id in the form in which we hand it out, from how SQLite keeps it."""
    return f"{kept[:8]}-{kept[8:12]}-{kept[12:16]}-{kept[16:20]}-{kept[20:]}"
