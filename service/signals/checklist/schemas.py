"""The checklist as it is sent."""

from __future__ import annotations

from service.kernel.fields import Boolean, Code, Date, Id, List, Nested, Sentence, String
from service.kernel.schemas import Schema, View
from service.signals.checklist.rules import ChecklistCode

_SINCE = {"description": "The first day on which it makes sense; null: any day"}
_UNTIL = {"description": "The last day for it; null: none is known"}
_LINK = {"description": "An official site that tells more"}


class ChecklistBody(Schema):
    done = Boolean()


class ChecklistItemView(View):
    code = Code(ChecklistCode, required=True)
    text = Sentence(required=True)
    since = Date(required=True, allow_none=True, metadata=_SINCE)
    until = Date(required=True, allow_none=True, metadata=_UNTIL)
    link = String(required=True, allow_none=True, metadata=_LINK)
    done = Boolean(required=True)
    done_on = Date(required=True, allow_none=True)


class ChecklistView(View):
    signal_id = Id(required=True)
    items = List(Nested(ChecklistItemView), required=True)
