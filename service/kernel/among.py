"""Many values as one parameter of a statement, so that its text does not change with their number and no limit on the
number of parameters is met: an array on PostgreSQL, a JSON list on SQLite.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Dialect, LargeBinary, Text, Uuid, bindparam, cast
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

FROM_HEX = "from_hex"
"""A function of SQLite's that its connections bring along: JSON holds no bytes."""


class Listed(TypeDecorator[Sequence[Any]]):
    """A list of values of a column: of texts, of ids, or of bytes."""

    impl = Text
    cache_ok = True

    def __init__(self, ids: bool = False, binary: bool = False) -> None:
        super().__init__()
        self.ids = ids
        self.binary = binary

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        each: TypeEngine[Any] = LargeBinary() if self.binary else Text()
        return dialect.type_descriptor(ARRAY(each) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Sequence[Any] | None, dialect: Dialect) -> Any:
        if value is None or dialect.name == "postgresql":
            return value
        if self.binary:
            return json.dumps([each.hex() for each in value])
        return json.dumps([each.replace("-", "") for each in value] if self.ids else list(value))


class Among(FunctionElement[bool]):
    """Whether a column holds one of the values of a parameter."""

    type = Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> Any:
        """As it is: SQLAlchemy would add `= 1` for SQLite, which then uses no index."""
        return self


def among(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """`column` holds one of the values of the parameter `name`, a sequence of texts, of ids or of bytes."""
    kind = column.type
    return Among(column, bindparam(name, type_=Listed(isinstance(kind, Uuid), isinstance(kind, LargeBinary))))


@compiles(Among)
def _json(element: Among, compiler: SQLCompiler, **options: Any) -> str:
    column, values = element.clauses
    found = compiler.process(column, **options)
    value = f"{FROM_HEX}(value)" if isinstance(column.type, LargeBinary) else "value"
    return f"{found} IN (SELECT {value} FROM json_each({compiler.process(values, **options)}))"  # noqa: S608 (both are compiled)


@compiles(Among, "postgresql")
def _array(element: Among, compiler: SQLCompiler, **options: Any) -> str:
    column, values = element.clauses
    found = compiler.process(column, **options)
    kind: TypeEngine[Any] = Text()
    if isinstance(column.type, (Uuid, LargeBinary)):
        kind = column.type
    return f"{found} = ANY ({compiler.process(cast(values, ARRAY(kind)), **options)})"
