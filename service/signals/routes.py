"""Contract-end signals over HTTP."""

from __future__ import annotations

from typing import Any

from service.kernel.endpoints import Call, Routes
from service.kernel.schemas import Page
from service.signals import operations
from service.signals.schemas import (
    SignalBody,
    SignalChange,
    SignalPage,
    SignalQuery,
    SignalView,
    StepPage,
    TimelineView,
    TransitionBody,
)

signals = Routes("Contract-end signals", "A contract ends, or may end: the report, its course and what became of it.")

_ONE = "/contract-end-signals/{id}"


@signals.get("/contract-end-signals", scope="signals:read", query=SignalQuery, response=SignalPage)
def list_contract_end_signals(call: Call) -> Any:
    """The signals that you may see"""
    return operations.list_signals(call.uow, call.actor, call.query)


@signals.post(
    "/contract-end-signals",
    scope="signals:report",
    body=SignalBody,
    response=SignalView,
    status=201,
    location=_ONE,
)
def report_contract_end(call: Call) -> Any:
    """Report that a contract ends, or may end

    The receipt says who answers and by when. An employment has one live signal: the report of a further party joins
    it and gets its own receipt and view; the same party again gets a 409 with the address of its signal.
    """
    return operations.report_signal(call.uow, call.actor, call.body)


@signals.get(_ONE, scope="signals:read", response=SignalView)
def get_contract_end_signal(call: Call) -> Any:
    """One signal, as you may see it

    When UWV's side opens it for the first time, those who reported it hear that it was seen.
    """
    return operations.get_signal(call.uow, call.actor, call.id)


@signals.patch(_ONE, scope="signals:change", body=SignalChange, response=SignalView)
def change_contract_end_signal(call: Call) -> Any:
    """Change the facts of a signal, its phase or end date for example"""
    return operations.change_signal(call.uow, call.actor, call.id, call.body, call.expected)


@signals.post(_ONE + "/transitions", scope="signals:change", body=TransitionBody, response=SignalView, if_match=True)
def move_contract_end_signal(call: Call) -> Any:
    """Move a signal on

    UWV's side acknowledges, plans, closes with an outcome and reopens. Who reported it withdraws its report, or takes
    that back.
    """
    return operations.move_signal(call.uow, call.actor, call.id, call.body, call.expected)


@signals.get(_ONE + "/history", scope="signals:read", query=Page, response=StepPage)
def list_contract_end_history(call: Call) -> Any:
    """What happened to a signal, oldest first"""
    return operations.list_history(call.uow, call.actor, call.id, call.query)


@signals.get(_ONE + "/timeline", scope="signals:read", response=TimelineView)
def get_contract_end_timeline(call: Call) -> Any:
    """What happened to a signal, whose turn it is and what comes next

    The history, the next step and what follows it as one list of sentences, as you may see them.
    """
    return operations.get_timeline(call.uow, call.actor, call.id)
