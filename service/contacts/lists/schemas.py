"""Many contacts, as callers ask for them and see them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import fields, validates_schema

from service.contacts.lists.rules import Shared
from service.contacts.rules import FallbackReason
from service.contacts.schemas import ContactAnswerView, ContactView, UpcomingView
from service.kernel.fields import Code, Date, Id, List, Nested, Sentence, String, fail_field
from service.kernel.ids import is_id
from service.kernel.schemas import Page, Schema, View

MOST = 1000


class _Many(List):
    """A long list of plain texts. Where all of them are right, they are not looked at one by one."""

    def __init__(self, item: Any, is_right: Callable[[str], bool], **kwargs: Any) -> None:
        super().__init__(item, minimum=1, maximum=MOST, **kwargs)
        self.is_right = is_right

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> list[Any]:
        if type(value) is list and all(type(each) is str and self.is_right(each) for each in value):
            return value
        return super()._deserialize(value, attr, data, **kwargs)


class ContactSearchBody(Schema):
    """Employments by their ids, or by the employee numbers that one employer gave them: one of the two."""

    employment_ids = _Many(Id(), is_id, metadata={"description": "In the order in which you want the answers"})
    employee_numbers = _Many(
        String(maximum=50),
        lambda text: 1 <= len(text) <= 50 and text.isprintable() and not text.isspace(),
        metadata={
            "description": "Where a number belongs to several employments: the one that runs today, else the latest"
        },
    )
    employer_id = Id(
        metadata={"description": "Whose employee numbers these are; needed unless you act for one employer only"}
    )

    @validates_schema
    def _one_of(self, data: Mapping[str, Any], **_: object) -> None:
        if ("employment_ids" in data) == ("employee_numbers" in data):
            fail_field(
                "employmentIds",
                "one-of",
                "Geef 'employmentIds' of 'employeeNumbers', niet allebei.",
                "Give either 'employmentIds' or 'employeeNumbers', not both.",
            )
        if "employer_id" in data and "employment_ids" in data:
            fail_field(
                "employerId",
                "one-of",
                "Een werkgever hoort alleen bij personeelsnummers.",
                "An employer goes with employee numbers only.",
            )


class ContactErrorView(View):
    code = String(required=True, metadata={"example": "not-found"})
    detail = Sentence(required=True)


class ContactEntryView(View):
    """A contact answer; or what was asked, with `error`."""

    employment_id = Id(metadata={"description": "There in an answer, and where you asked by id"})
    employee_number = String(allow_none=True, metadata={"description": "There in an answer, and where you asked by it"})
    contact = Nested(ContactView)
    backup = Nested(ContactView, allow_none=True)
    since = Date(allow_none=True)
    fallback_reason = Code(FallbackReason, allow_none=True)
    upcoming = Nested(UpcomingView, allow_none=True)
    error = Nested(
        ContactErrorView, metadata={"description": "Unknown, not yours, or erased: the same `not-found` for each"}
    )


_ANSWER = ContactAnswerView()


class _SharingView(View):
    """A view of many answers: what many of them share is written once."""

    def dump(self, obj: Any, *, many: bool | None = None) -> Any:
        items = obj.get("items") if type(obj) is dict else None
        if type(items) is not list or not any(type(each) is Shared for each in items):
            return super().dump(obj, many=many)
        others = super().dump({**obj, "items": [each for each in items if type(each) is not Shared]})
        rest = iter(others["items"])
        written: dict[int, dict[str, Any]] = {}
        made = []
        for item in items:
            if type(item) is not Shared:
                made.append(next(rest))
                continue
            shared = written.get(id(item["contact"]))
            if shared is None:
                shared = written[id(item["contact"])] = _ANSWER.dump(dict(item))
            since = item["since"]
            made.append(
                {
                    **shared,
                    "employmentId": item["employment_id"],
                    "employeeNumber": item["employee_number"],
                    "since": None if since is None else since.isoformat(),
                }
            )
        return others | {"items": made}


class ContactSearchView(_SharingView):
    items = List(
        Nested(ContactEntryView), required=True, maximum=MOST, metadata={"description": "In the order of the question"}
    )


class ContactListQuery(Page):
    employer_id = Id(metadata={"description": "Needed unless you act for one employer, or are a jobcoach organisation"})


class ContactPage(_SharingView):
    items = List(Nested(ContactAnswerView), required=True, maximum=100_000)
    next = fields.String(required=True, allow_none=True, metadata={"description": "null on the last page"})
