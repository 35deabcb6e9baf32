"""marshmallow's schemas: what comes in refuses unknown fields; what goes out leaves room for new ones.

Attributes are snake_case in Python and camelCase outside.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, Final

from marshmallow import EXCLUDE, RAISE, fields, missing
from marshmallow import Schema as MarshmallowSchema
from marshmallow.utils import get_value

from service.kernel.fields import NOT_AN_OBJECT, Date, List, Message, Nested, QueryInteger, String
from service.kernel.problems import FieldError
from service.kernel.text import Text

UNKNOWN = Message(
    "unknown-field",
    Text("Dit veld bestaat niet. Haal het weg of verbeter de naam.", "There is no such field. Remove or rename it."),
)


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


class Schema(MarshmallowSchema):
    """What comes in. Unknown fields are refused."""

    class Meta:
        unknown = RAISE

    error_messages: dict[str, Any] = {"unknown": UNKNOWN, "type": NOT_AN_OBJECT}  # noqa: RUF012

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        if field_obj.data_key is None:
            field_obj.data_key = camel(field_name)


class View(Schema):
    """What goes out. Clients must accept fields that they do not know: a new one breaks nobody."""

    class Meta:
        unknown = EXCLUDE

    def dump(self, obj: Any, *, many: bool | None = None) -> Any:
        """What marshmallow makes of `obj`, along a plan that is made once. A view has no hooks."""
        if self.many if many is None else many:
            return [self._dump(each) for each in obj]
        return self._dump(obj)

    def _dump(self, obj: Any) -> dict[str, Any]:
        made = {}
        by_key = type(obj) is dict
        for key, source, unchanged, serialize in self._plan:
            value = obj[source] if by_key and source in obj else get_value(obj, source, missing)
            if type(value) not in unchanged:
                if value is missing:
                    continue
                value = serialize(value, source, obj)
            made[key] = value
        return made

    @cached_property
    def _plan(self) -> list[tuple[str, str, frozenset[type], Callable[..., Any]]]:
        """For each field its name outside and inside, the types that leave as they are, and what does the others."""
        return [
            (field.data_key or name, field.attribute or name, _unchanged_by(field), _way_out(field))
            for name, field in self.dump_fields.items()
        ]


_PLAIN: Final = ((fields.String, str), (fields.Boolean, bool), (fields.Integer, int), (fields.Float, float))


def _unchanged_by(field: fields.Field[Any]) -> frozenset[type]:
    """The types of values that this field gives out as they are."""
    kept = {kept for kind, kept in _PLAIN if isinstance(field, kind) and type(field)._serialize is kind._serialize}
    return frozenset({type(None), *kept})


def _way_out(field: fields.Field[Any]) -> Callable[..., Any]:
    """What writes a value of this field; null never comes here."""
    if type(field) is Nested and isinstance(field.schema, View) and not (field.many or field.schema.many):
        nested = field.schema._dump
        return lambda value, attr, obj: nested(value)
    if type(field) is List:
        kept, item = _unchanged_by(field.inner), _way_out(field.inner)
        return lambda value, attr, obj: [each if type(each) in kept else item(each, attr, obj) for each in value]
    if type(field) is Date:
        return lambda value, attr, obj: value.isoformat()
    return field._serialize


def field_errors(messages: Any, *, in_query: bool = False) -> list[FieldError]:
    """marshmallow's tree of messages as flat errors with JSON Pointers, in a stable order."""
    found: list[FieldError] = []

    def walk(node: Any, path: tuple[str, ...]) -> None:
        if isinstance(node, dict):
            for key, child in node.items():
                walk(child, path if key == "_schema" else (*path, str(key)))
            return
        for message in node if isinstance(node, list) else [node]:
            if isinstance(message, (dict, list)):
                walk(message, path)
                continue
            if not isinstance(message, Message):
                raise TypeError(f"a field refused without a code: {path}")
            if in_query:
                found.append(FieldError(message.code, message.text, parameter=".".join(path)))
            else:
                found.append(FieldError(message.code, message.text, pointer=pointer(*path)))

    walk(messages, ())
    return found


def pointer(*path: str | int) -> str:
    """A JSON Pointer (RFC 6901)."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


class NoQuery(Schema):
    """An endpoint without query keys."""


class Page(Schema):
    """The query keys of every list."""

    cursor = String(maximum=400, metadata={"description": "Where to go on: `next` of the page before."})
    limit = QueryInteger(minimum=1, maximum=200, load_default=50)


def page_of(item: type[View], name: str) -> type[View]:
    """The view of one page of a list."""
    return type(
        name,
        (View,),
        {
            "items": List(Nested(item), required=True, maximum=100_000),
            "next": fields.String(required=True, allow_none=True, metadata={"description": "null on the last page"}),
        },
    )
