"""A body that a schema accepts as to its form, made from the schema itself."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from service.employers.schemas import EstablishmentNumber, KvkNumber
from service.kernel.fields import Boolean, Code, Date, Id, Integer, List, Moment, Nested, Number, Pattern, String
from service.kernel.schemas import Schema
from service.people.schemas import Bsn
from service.reference.schemas import Municipality, OccupationCode, Postcode, Postcode4

UNKNOWN_ID = "0190b6e8-7a2b-7c3d-8e4f-112233445566"


def body_for(schema: Schema) -> dict[str, Any]:
    """The required fields only. Ids name nothing that exists."""
    return {
        str(field.data_key): example(field)
        for field in schema.load_fields.values()
        if field.required and not schema.partial
    }


def example(field: fields.Field[Any]) -> Any:
    """A value of the right form for this field."""
    known: list[tuple[type, Any]] = [
        (Bsn, "123456782"),
        (KvkNumber, "69599084"),
        (EstablishmentNumber, "000037178598"),
        (Postcode, "9711AB"),
        (Postcode4, "9711"),
        (Municipality, "Groningen"),
        (OccupationCode, "9333"),
        (Id, UNKNOWN_ID),
        (Date, "2026-12-01"),
        (Moment, "2026-12-01T10:00:00Z"),
        (Boolean, True),
    ]
    for kind, value in known:
        if isinstance(field, kind):
            return value
    if isinstance(field, Pattern):
        return field.example
    if isinstance(field, Code):
        return field.choices[0]
    if isinstance(field, (Integer, Number)):
        return field.validators[0].min  # type: ignore[attr-defined]
    if isinstance(field, Nested):
        return body_for(field.schema)  # type: ignore[arg-type]
    if isinstance(field, List):
        return [example(field.inner)] if field.validators[0].min else []  # type: ignore[attr-defined]
    if isinstance(field, String):
        return field.metadata.get("example", "x" * max(1, field.validators[0].min))  # type: ignore[attr-defined]
    raise TypeError(f"no example for {type(field).__name__}: {field.data_key}")
