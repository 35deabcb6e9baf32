"""What is sent about call-backs and what comes back: codes, dates and a number to call, no free text."""

from __future__ import annotations

from typing import Any

from service.access.rules import PartyKind
from service.contacts.callbacks.rules import CallBackStatus, CallBackSubject, HandlerKind
from service.contacts.rules import ContactKind
from service.contacts.schemas import ContactView, Phone
from service.kernel.fields import Boolean, Code, Date, Id, Integer, List, Moment, Nested, Pattern, String
from service.kernel.schemas import Page, Schema, View, page_of

MOST_WINDOWS = 10
_SUBJECT = {"description": "What it is about, in work codes. Never a medical subject"}
_PHONE = {"description": "Where to call, in E.164: a direct number of yours"}
_ANSWER_BY = {
    "description": "By when the call comes: a day of your windows, within two working days if one of them is. "
    "It does not change afterwards"
}
_DUE_BY = {"description": "By when the call has to come now: after a delay, or after an attempt. null: it is over"}


class TimeOfDay(Pattern):
    """A time in Amsterdam in whole quarters, in office hours."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(r"(?:0[89]|1[0-7]):(?:00|15|30|45)|18:00", "09:30", minimum=5, maximum=5, **kwargs)


class CallBackWindowBody(Schema):
    """A time in which you can be called, in Amsterdam: half an hour or more, on a working day."""

    day = Date(
        data_key="date",
        required=True,
        metadata={"description": "A working day after today, at most ten working days ahead"},
    )
    start = TimeOfDay(data_key="from", required=True)
    end = TimeOfDay(data_key="to", required=True, metadata={"example": "12:00"})


class CallBackWindowView(View):
    day = Date(data_key="date", required=True)
    start = TimeOfDay(data_key="from", required=True)
    end = TimeOfDay(data_key="to", required=True)


class CallBackBody(Schema):
    employment_id = Id(
        metadata={"description": "About which employee. An employer may leave it out for a general question"}
    )
    employer_id = Id(metadata={"description": "For which employer, if you act for several and name no employment"})
    subject = Code(CallBackSubject, required=True, metadata=_SUBJECT)
    phone = Phone(required=True, metadata=_PHONE)
    windows = List(Nested(CallBackWindowBody), required=True, minimum=1, maximum=MOST_WINDOWS)


class CallBackHandlerBody(Schema):
    kind = Code(HandlerKind, required=True)
    caseworker_id = Id(
        metadata={"description": "Which caseworker. Left out: whoever is responsible for the employee today"}
    )


class CallBackChange(Schema):
    """Who handles it, behind the counter."""

    handler = Nested(CallBackHandlerBody)


class CallBackTransition(Schema):
    to = Code(CallBackStatus, required=True)
    delayed_until = Date(
        metadata={"description": "Required for `delayed`: the day by which the call comes now, a working day"}
    )


class CallBackEscalationView(View):
    level = Code(ContactKind, required=True)
    since = Date(required=True)


class CallBackHandlerView(View):
    kind = Code(ContactKind, required=True)
    caseworker_id = Id(required=True, allow_none=True, metadata={"description": "null for a team or the desk"})
    name = String(required=True)


class CallBackResponsibleView(CallBackHandlerView):
    phone = Phone(required=True)


class CallBackHandlingView(View):
    """What UWV's side sees beside it."""

    handler = Nested(CallBackHandlerView, required=True, metadata={"description": "Who has it to do now"})
    responsible = Nested(
        CallBackResponsibleView,
        required=True,
        allow_none=True,
        metadata={"description": "Who answers for the employee at UWV today; null: nobody, or no employee"},
    )
    party_id = Id(required=True, metadata={"description": "Who asked"})
    asked_by = Code(PartyKind, required=True)
    asker_name = String(required=True)
    person_id = Id(required=True, allow_none=True)
    employee_name = String(required=True, allow_none=True)
    disclosed = Boolean(
        required=True, metadata={"description": "Whether the employer may know that UWV is involved: mind what you say"}
    )


class CallBackView(View):
    id = Id(required=True)
    number = String(required=True, metadata={"description": "To quote on the phone", "example": "TB-7K3QM-2XWPA"})
    employer_id = Id(required=True)
    employment_id = Id(required=True, allow_none=True)
    subject = Code(CallBackSubject, required=True, metadata=_SUBJECT)
    phone = Phone(required=True, metadata=_PHONE)
    windows = List(Nested(CallBackWindowView), required=True, maximum=MOST_WINDOWS)
    status = Code(CallBackStatus, required=True)
    requested_at = Moment(required=True)
    contact = Nested(ContactView, required=True, metadata={"description": "Who will call"})
    called_from = Phone(
        required=True, metadata={"description": "The number from which the call comes: direct and visible"}
    )
    answer_by = Date(required=True, metadata=_ANSWER_BY)
    due_by = Date(required=True, allow_none=True, metadata=_DUE_BY)
    delayed_until = Date(required=True, allow_none=True)
    attempts = Integer(
        minimum=0,
        maximum=1_000_000,
        required=True,
        metadata={"description": "How often we called and did not reach you"},
    )
    last_tried_at = Moment(required=True, allow_none=True)
    done_on = Date(required=True, allow_none=True)
    escalation = Nested(
        CallBackEscalationView,
        required=True,
        allow_none=True,
        metadata={"description": "The call did not come in time: who has it now, since when"},
    )
    handling = Nested(CallBackHandlingView, metadata={"description": "UWV's side only"})


class CallBackQuery(Page):
    status = Code(CallBackStatus)
    employment_id = Id()
    employer_id = Id()
    due_before = Date(metadata={"description": "Live ones that are due before this day"})
    handled_by = Code(ContactKind, metadata={"description": "UWV's side only"})
    caseworker_id = Id(metadata={"description": "UWV's side only: those that this caseworker has to do"})


CallBackPage = page_of(CallBackView, "CallBackPage")
