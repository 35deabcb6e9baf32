"""A pause of the person and the start interview over HTTP."""

from __future__ import annotations

from typing import Any

from service.kernel.endpoints import Call, Routes
from service.signals.pace import operations
from service.signals.pace.schemas import PauseBody, PauseView, StartInterviewBody, StartInterviewView

routes = Routes("Pace", "Time first, for who needs it, and the start interview after an end. UWV's side only.")
_PAUSE = "/contract-end-signals/{id}/pause"
_INTERVIEW = "/contract-end-signals/{id}/start-interview"


@routes.put(_PAUSE, scope="signals:handle", body=PauseBody, response=PauseView)
def record_pause(call: Call) -> Any:
    """Record that the person needs time first, or more of it

    The deadlines of plan and start interview stand still until the day after, then they go on, counted anew. Who
    reported is answered all the same: the deadline to acknowledge runs. It stays on UWV's side.
    """
    return operations.record_pause(call.uow, call.actor, call.id, call.body, call.expected)


@routes.get(_PAUSE, scope="signals:handle", response=PauseView)
def get_pause(call: Call) -> Any:
    """Until when the deadlines stand still, and on whose wish"""
    return operations.get_pause(call.uow, call.actor, call.id)


@routes.delete(_PAUSE, scope="signals:handle")
def end_pause(call: Call) -> Any:
    """The person goes on: the deadlines run again, counted from today"""
    return operations.end_pause(call.uow, call.actor, call.id)


@routes.put(_INTERVIEW, scope="signals:handle", body=StartInterviewBody, response=StartInterviewView)
def record_start_interview(call: Call) -> Any:
    """Record that the start interview was held, or is not needed"""
    return operations.record_start_interview(call.uow, call.actor, call.id, call.body, call.expected)


@routes.get(_INTERVIEW, scope="signals:handle", response=StartInterviewView)
def get_start_interview(call: Call) -> Any:
    """What became of the start interview"""
    return operations.get_start_interview(call.uow, call.actor, call.id)


@routes.delete(_INTERVIEW, scope="signals:handle")
def take_back_start_interview(call: Call) -> Any:
    """Take back what was recorded by mistake: the interview is still to be held"""
    return operations.take_back_start_interview(call.uow, call.actor, call.id)
