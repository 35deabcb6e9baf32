"""Call-backs over HTTP."""

from __future__ import annotations

from typing import Any

from service.contacts.callbacks import moves, operations
from service.contacts.callbacks.schemas import (
    CallBackBody,
    CallBackChange,
    CallBackPage,
    CallBackQuery,
    CallBackTransition,
    CallBackView,
)
from service.kernel.endpoints import Call, Routes

call_backs = Routes("Call-backs", "Be called about an employee or a subject.")

_ONE = "/call-backs/{id}"


@call_backs.post(
    "/call-backs",
    scope="callbacks:request",
    body=CallBackBody,
    response=CallBackView,
    status=201,
    location=_ONE,
)
def request_call_back(call: Call) -> Any:
    """Ask to be called

    The answer says who calls, from which visible number, and by when. While you wait for a call, a second request
    about the same employee and subject gets a 409 with the address of the first.
    """
    return operations.request_call_back(call.uow, call.actor, call.body)


@call_backs.get("/call-backs", scope="callbacks:read", query=CallBackQuery, response=CallBackPage)
def list_call_backs(call: Call) -> Any:
    """The call-backs that you may see"""
    return operations.list_call_backs(call.uow, call.actor, call.query)


@call_backs.get(_ONE, scope="callbacks:read", response=CallBackView)
def get_call_back(call: Call) -> Any:
    """One call-back"""
    return operations.get_call_back(call.uow, call.actor, call.id)


@call_backs.post(
    _ONE + "/transitions", scope="callbacks:write", body=CallBackTransition, response=CallBackView, if_match=True
)
def move_call_back(call: Call) -> Any:
    """Move a call-back on

    UWV's side delays it, says that it called in vain, that the talk took place, or gives up after three attempts.
    Whoever asked withdraws it.
    """
    return moves.move_call_back(call.uow, call.actor, call.id, call.body, call.expected)


@call_backs.patch(_ONE, scope="callbacks:handle", body=CallBackChange, response=CallBackView)
def pass_on_call_back(call: Call) -> Any:
    """Pass a call-back on behind the counter

    From the desk to a caseworker, or back. Whoever asked sees nothing of it unless it may know who handles it.
    """
    return moves.pass_on_call_back(call.uow, call.actor, call.id, call.body, call.expected)
