"""Fields of marshmallow, made strict: each says what is wrong as a code with a Dutch and an English sentence.

A message never repeats what was sent.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Final, NoReturn

from email_validator import EmailNotValidError, validate_email
from marshmallow import RAISE, ValidationError, fields, validate

from service.kernel.ids import is_id
from service.kernel.text import Text, reading_language


@dataclass(frozen=True, slots=True)
class Message:
    """What a field has to say about a value, without the value."""

    code: str
    text: Text


REQUIRED = Message("required", Text("Dit veld is verplicht.", "This field is required."))
NULL = Message("null", Text("Dit veld mag niet leeg (null) zijn.", "This field may not be null."))
NOT_AN_OBJECT = Message("not-an-object", Text("Hier hoort een JSON-object.", "This must be a JSON object."))


def fail(code: str, nl: str, en: str) -> NoReturn:
    """Refuses the value of a field."""
    raise ValidationError([Message(code, Text(nl, en))])


def fail_field(name: str, code: str, nl: str, en: str) -> NoReturn:
    """Refuses one field from a check over the whole schema; `name` as callers write it."""
    raise ValidationError({name: [Message(code, Text(nl, en))]})


class _Coded:
    """A field whose refusals are Messages; `wrong` is the one for a value of the wrong kind."""

    wrong = Message("invalid", Text("Deze waarde klopt niet.", "This value is not valid."))

    def make_error(self, key: str, **_: object) -> ValidationError:
        found = {"required": REQUIRED, "null": NULL}.get(key, self.wrong)
        return ValidationError([found])


class _Length(validate.Length):
    def __call__(self, value: Any) -> Any:
        if self.equal is None and (self.min or 0) <= len(value) and (self.max is None or len(value) <= self.max):
            return value
        return super().__call__(value)

    def _format_error(self, value: Any, message: str) -> Any:
        low, high = self.min or 0, self.max
        if high is None:
            text = Text(f"Minstens {low} nodig.", f"At least {low} needed.")
        else:
            text = Text(
                f"Geef {low} tot en met {high} {'stuks' if isinstance(value, list) else 'tekens'}.",
                f"Give {low} to {high} {'items' if isinstance(value, list) else 'characters'}.",
            )
        return [Message("wrong-length", text)]


class _Range(validate.Range):
    def _format_error(self, value: Any, message: str) -> Any:
        text = Text(
            f"De waarde moet van {self.min} tot en met {self.max} zijn.", f"Must be from {self.min} to {self.max}."
        )
        return [Message("out-of-range", text)]


_CONTROL: Final = {False: re.compile(r"[\x00-\x1f\x7f]"), True: re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")}
_LINE = r"[^\x00-\x1f\x7f]"
_LINES = r"[^\x00-\x08\x0b-\x1f\x7f]"


class String(_Coded, fields.String):
    """One line of text, without control characters."""

    wrong = Message("not-text", Text("Hier hoort tekst.", "This must be text."))

    def __init__(self, *, minimum: int = 1, maximum: int = 200, lines: bool = False, **kwargs: Any) -> None:
        self.lines = lines
        allowed = _LINES if lines else _LINE
        text = f"{allowed}*[^\\s\\x00-\\x1f\\x7f]{allowed}*"
        metadata = {"pattern": f"^{text}$" if minimum else f"^({text})?$"} | kwargs.pop("metadata", {})
        super().__init__(validate=_Length(min=minimum, max=maximum), metadata=metadata, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = value if type(value) is str else super()._deserialize(value, attr, data, **kwargs)
        if not text.isprintable() and _CONTROL[self.lines].search(text) is not None:
            fail("control-character", "De tekst bevat stuurtekens.", "The text holds control characters.")
        if text and not text.strip():
            fail("blank", "De tekst is leeg.", "The text is blank.")
        return text


class Sentence(String):
    """A Text (or its two stored parts), given in the language of the reader."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(maximum=2000, dump_only=True, **kwargs)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else Text(*value).in_language(reading_language.get())


class Pattern(String):
    """Text of a fixed form. `example` is shown when it does not fit, and in the documentation."""

    def __init__(self, pattern: str, example: str, **kwargs: Any) -> None:
        self.pattern = re.compile(pattern, re.ASCII)
        self.example = example
        metadata = {"pattern": f"^(?:{pattern})$", "example": example} | kwargs.pop("metadata", {})
        super().__init__(metadata=metadata, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if self.pattern.fullmatch(text) is None:
            fail("wrong-form", f"De vorm klopt niet. Voorbeeld: {self.example}", f"Wrong form. Example: {self.example}")
        return text


class Email(String):
    """One e-mail address."""

    def __init__(self, **kwargs: Any) -> None:
        metadata = {"format": "email", "example": "naam@example.nl"} | kwargs.pop("metadata", {})
        super().__init__(minimum=3, maximum=254, metadata=metadata, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            return validate_email(text, check_deliverability=False).normalized
        except EmailNotValidError:
            fail("invalid-email", "Dit is geen e-mailadres.", "This is not an e-mail address.")


class Id(_Coded, fields.String):
    """The id of something else, in the form in which we hand them out."""

    wrong = Message("not-an-id", Text("Dit is geen id van deze dienst.", "This is not an id of this service."))

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata={"format": "uuid"} | kwargs.pop("metadata", {}), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not is_id(text):
            raise self.make_error("invalid")
        return text


class Code(_Coded, fields.Field[Any]):
    """One of a closed list. Goes in as its text, becomes the member of the enum."""

    def __init__(self, enum: type[StrEnum], **kwargs: Any) -> None:
        self.enum = enum
        self.choices = [member.value for member in enum]
        listed_values = [*self.choices, None] if kwargs.get("allow_none") else list(self.choices)
        metadata = {"type": "string", "enum": listed_values} | kwargs.pop("metadata", {})
        super().__init__(metadata=metadata, **kwargs)
        listed = ", ".join(self.choices)
        self.wrong = Message("unknown-code", Text(f"Kies uit: {listed}.", f"Choose from: {listed}."))

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return None if value is None else str(value)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> StrEnum:
        if not isinstance(value, str) or value not in self.choices:
            raise self.make_error("invalid")
        return self.enum(value)


class Date(_Coded, fields.Date):
    """A calendar day, `yyyy-mm-dd`, 1900 to 2199. What we reckon from one and give out may lie beyond."""

    wrong = Message(
        "not-a-date",
        Text(
            "Gebruik een bestaande datum tussen 1900 en 2200: jjjj-mm-dd.",
            "Use an existing date between 1900 and 2200: yyyy-mm-dd.",
        ),
    )
    _FORM = re.compile(r"(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")

    def _bind_to_schema(self, field_name: str, parent: Any) -> None:
        super()._bind_to_schema(field_name, parent)  # type: ignore[no-untyped-call]
        if getattr(parent, "unknown", RAISE) == RAISE:  # of what comes in, not of what goes out
            self.metadata = {"pattern": f"^{self._FORM.pattern}$", **self.metadata}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> date:
        if not isinstance(value, str) or self._FORM.fullmatch(value) is None:
            raise self.make_error("invalid")
        return super()._deserialize(value, attr, data, **kwargs)


class Moment(_Coded, fields.DateTime):
    """A moment with its offset; leaves as UTC."""

    wrong = Message(
        "not-a-moment",
        Text("Gebruik datum, tijd en zone: 2026-03-01T09:00:00Z.", "Use date, time and zone: 2026-03-01T09:00:00Z."),
    )

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else moment(value)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> datetime:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        found: datetime = super()._deserialize(value, attr, data, **kwargs)
        if found.tzinfo is None:
            raise self.make_error("invalid")
        try:
            return found.astimezone(UTC)
        except OverflowError:
            raise self.make_error("invalid") from None


def moment(value: datetime) -> str:
    """A moment as it stands in answers, events and mails: UTC, to the millisecond."""
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Integer(_Coded, fields.Integer):
    wrong = Message("not-an-integer", Text("Hier hoort een geheel getal.", "This must be a whole number."))

    def __init__(self, *, minimum: int, maximum: int, **kwargs: Any) -> None:
        super().__init__(validate=_Range(min=minimum, max=maximum), strict=True, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> int:
        # 7.0 is a whole number too (JSON Schema, 6.1.1).
        if isinstance(value, float) and value.is_integer():
            return int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.make_error("invalid")
        return value


class QueryInteger(Integer):
    """A whole number in a query string."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> int:
        if not isinstance(value, str) or re.fullmatch(r"-?\d{1,9}", value, re.ASCII) is None:
            raise self.make_error("invalid")
        return int(value)


class Number(_Coded, fields.Float):
    """A number with at most two decimals, such as hours a week."""

    wrong = Message("not-a-number", Text("Hier hoort een getal.", "This must be a number."))

    def __init__(self, *, minimum: float, maximum: float, **kwargs: Any) -> None:
        metadata = {"multipleOf": 0.01} | kwargs.pop("metadata", {})
        super().__init__(validate=_Range(min=minimum, max=maximum), metadata=metadata, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise self.make_error("invalid")
        # What is larger is out of range anyway, and can have no hundredfold.
        if abs(value) < 1e9 and abs(value * 100 - round(value * 100)) > 1e-6:
            fail("too-precise", "Gebruik hooguit twee decimalen.", "Use at most two decimals.")
        return float(value)


class Boolean(_Coded, fields.Boolean):
    wrong = Message("not-a-boolean", Text("Hier hoort true of false.", "This must be true or false."))

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return value


class QueryBoolean(Boolean):
    """true or false in a query string."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> bool:
        if value not in ("true", "false"):
            raise self.make_error("invalid")
        return bool(value == "true")


class List(_Coded, fields.List[Any]):
    """A list; `unique` refuses the same item twice."""

    wrong = Message("not-a-list", Text("Hier hoort een lijst.", "This must be a list."))

    def __init__(self, item: Any, *, minimum: int = 0, maximum: int = 100, unique: bool = False, **kwargs: Any) -> None:
        self.unique = unique
        metadata = ({"uniqueItems": True} if unique else {}) | kwargs.pop("metadata", {})
        super().__init__(item, validate=_Length(min=minimum, max=maximum), metadata=metadata, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> list[Any]:
        found = super()._deserialize(value, attr, data, **kwargs)
        if self.unique and len(set(map(str, found))) != len(found):
            fail("duplicate", "Hetzelfde staat er twee keer in.", "The same item occurs twice.")
        return found


class Nested(_Coded, fields.Nested):
    """An object inside another. It comes whole, in a change too."""

    wrong = NOT_AN_OBJECT

    def _load(self, value: Any, partial: Any = None) -> Any:
        return super()._load(value, partial=False)
