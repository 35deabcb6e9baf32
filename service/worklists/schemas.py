"""Worklists as they go out."""

from __future__ import annotations

from service.kernel.fields import Boolean, Code, Date, Id, Moment, Nested, QueryBoolean, Sentence, String
from service.kernel.schemas import Page, View, page_of
from service.worklists.rules import Due
from service.worklists.sources import WorkItemKind

_OF_UWV = "UWV's side only"


class WorkItemStaffView(View):
    """With whom it is at UWV."""

    caseworker_id = Id(required=True, allow_none=True)
    team_id = Id(required=True, allow_none=True)


class WorkItemView(View):
    """One thing to do. What it is about stands at its link."""

    kind = Code(WorkItemKind, required=True)
    id = Id(required=True, metadata={"description": "The id of what it is about"})
    due_on = Date(required=True, allow_none=True, metadata={"description": "The last day; null: no deadline"})
    late = Boolean(required=True, metadata={"description": "The last day has passed"})
    new = Boolean(
        required=True,
        metadata={"description": "It came today or in the last three working days, and nobody has looked at it"},
    )
    since = Moment(required=True, metadata={"description": "When it came"})
    text = Sentence(required=True, metadata={"description": "What to do"})
    link = String(required=True, metadata={"description": "Its address below /v1"})
    number = String(required=True, allow_none=True, metadata={"description": "The number to quote, where it has one"})
    employer_id = Id(required=True)
    employment_id = Id(required=True, allow_none=True)
    vacancy_id = Id(required=True, allow_none=True)
    person_id = Id(allow_none=True, metadata={"description": _OF_UWV})
    with_whom = Nested(
        WorkItemStaffView,
        data_key="for",
        required=True,
        allow_none=True,
        metadata={"description": f"{_OF_UWV}: with whom it is today; null: with the desk, or outside UWV"},
    )


class WorkItemQuery(Page):
    kind = Code(WorkItemKind)
    due = Code(Due, metadata={"description": "`week`: after today, within seven days. `later`: after that, or never"})
    due_before = Date()
    new = QueryBoolean()
    employer_id = Id()
    caseworker_id = Id(metadata={"description": f"{_OF_UWV}: its own, and of whom it stands in for today"})
    team_id = Id(metadata={"description": f"{_OF_UWV}: of the team and of its people"})
    office_id = Id(metadata={"description": f"{_OF_UWV}: of its teams and people"})


WorkItemPage = page_of(WorkItemView, "WorkItemPage")
