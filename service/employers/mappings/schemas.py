"""What an employer says of its own files."""

from __future__ import annotations

from service.employers.mappings.rules import MappedColumn, WordColumn
from service.kernel.fields import Code, List, Moment, Nested, String
from service.kernel.schemas import Schema, View
from service.people.schemas import WorkText


class ImportHeadingBody(Schema):
    heading = WorkText(
        maximum=100,
        required=True,
        metadata={
            "description": "As it stands in the first row. Capitals, spaces and signs make no difference.",
            "example": "Medew.nr",
        },
    )
    column = Code(
        MappedColumn,
        required=True,
        allow_none=True,
        metadata={"description": "What it means; null: this column is passed over"},
    )


class ImportWordBody(Schema):
    column = Code(WordColumn, required=True)
    text = WorkText(
        maximum=100,
        required=True,
        metadata={"description": "What stands in the cell. Capitals make no difference.", "example": "BEP"},
    )
    value = String(
        maximum=40,
        required=True,
        metadata={"description": "What it means: a code that this column can have", "example": "fixed_term"},
    )


class ImportMappingBody(Schema):
    columns = List(Nested(ImportHeadingBody), minimum=1, maximum=100, required=True)
    words = List(Nested(ImportWordBody), maximum=200, load_default=list)


class ImportHeadingView(View):
    heading = String(required=True)
    column = Code(MappedColumn, required=True, allow_none=True)


class ImportWordView(View):
    column = Code(WordColumn, required=True)
    text = String(required=True)
    value = String(required=True)


class ImportMappingView(View):
    columns = List(Nested(ImportHeadingView), required=True)
    words = List(Nested(ImportWordView), maximum=200, required=True)
    changed_at = Moment(required=True)
