"""A pause of the person and the start interview, as they are sent. They stay on UWV's side."""

from __future__ import annotations

from service.access.rules import PartyKind
from service.kernel.fields import Code, Date, Id
from service.kernel.schemas import Schema, View
from service.signals.steps import InterviewResult, PauseWish

_UNTIL = {"description": "The last day of the pause: after today, at most twelve months ahead"}
_WISH = {"description": "On whose wish; never without the person"}
_HELD_ON = {"description": "The day of an interview that was held"}


class PauseBody(Schema):
    paused_until = Date(required=True, metadata=_UNTIL)
    wish = Code(PauseWish, required=True, metadata=_WISH)


class PauseView(View):
    signal_id = Id(required=True)
    paused_until = Date(required=True, metadata=_UNTIL)
    wish = Code(PauseWish, required=True, metadata=_WISH)
    recorded_on = Date(required=True)
    by = Code(PartyKind, required=True)


class StartInterviewBody(Schema):
    result = Code(InterviewResult, required=True)
    held_on = Date(allow_none=True, load_default=None, data_key="startInterviewHeldOn", metadata=_HELD_ON)


class StartInterviewView(View):
    signal_id = Id(required=True)
    result = Code(InterviewResult, required=True)
    held_on = Date(required=True, allow_none=True, data_key="startInterviewHeldOn", metadata=_HELD_ON)
    due_on = Date(required=True, allow_none=True, metadata={"description": "28 days after the end; null without one"})
    recorded_on = Date(required=True)
