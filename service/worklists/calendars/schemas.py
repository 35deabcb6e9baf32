"""Calendar feeds as they come in and go out."""

from __future__ import annotations

from service.kernel.fields import Code, Id, Integer, List, Moment, String
from service.kernel.schemas import Schema, View, page_of
from service.kernel.text import Language
from service.worklists.calendars.rules import MOST_DAYS_BEFORE
from service.worklists.sources import WorkItemKind

_KINDS = {"description": "Which kinds of work; an empty list is all"}
_REMIND = {"description": "Remind at nine in the morning, so many days before the last day. null: no reminder"}
_WHOSE = {"description": "UWV's side only: whose work, as in the worklist"}


class CalendarFeedBody(Schema):
    name = String(required=True, maximum=100, metadata={"description": "Stands above the calendar"})
    kinds = List(Code(WorkItemKind), load_default=list, unique=True, metadata=_KINDS)
    language = Code(Language, load_default=Language.DUTCH)
    caseworker_id = Id(metadata=_WHOSE)
    team_id = Id(metadata=_WHOSE)
    office_id = Id(metadata=_WHOSE)
    remind_days_before = Integer(
        minimum=0, maximum=MOST_DAYS_BEFORE, allow_none=True, load_default=None, metadata=_REMIND
    )


class CalendarFeedView(View):
    id = Id(required=True)
    name = String(required=True)
    kinds = List(Code(WorkItemKind), required=True, metadata=_KINDS)
    language = Code(Language, required=True)
    caseworker_id = Id(required=True, allow_none=True)
    team_id = Id(required=True, allow_none=True)
    office_id = Id(required=True, allow_none=True)
    remind_days_before = Integer(minimum=0, maximum=MOST_DAYS_BEFORE, required=True, allow_none=True, metadata=_REMIND)
    created_at = Moment(required=True)


class NewCalendarFeedView(CalendarFeedView):
    url = String(
        required=True,
        metadata={"description": "Where calendars read it. Shown this once: whoever has it can read the feed"},
    )


CalendarFeedPage = page_of(CalendarFeedView, "CalendarFeedPage")
