"""Moving a call-back on: by whoever has to call, by whoever asked, and behind the counter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from service.access.actor import Actor
from service.access.rules import PartyKind
from service.contacts.callbacks.models import CallBack
from service.contacts.callbacks.operations import DAY_ERRORS, hand_over, load, log
from service.contacts.callbacks.rules import (
    LEAST_ATTEMPTS,
    LIVE_STATUSES,
    STATUS_MACHINE,
    CallBackCause,
    CallBackStatus,
    HandlerKind,
    delay_error,
    may_give_up,
    try_again_by,
)
from service.contacts.callbacks.telling import mail_handler, tell
from service.contacts.callbacks.views import call_back_view, is_named, responsible_for
from service.contacts.offices import active_caseworker
from service.contacts.rules import ContactKind
from service.kernel.database import UnitOfWork
from service.kernel.problems import (
    FieldError,
    conflict,
    forbidden_move,
    invalid_field,
    invalid_input,
    unknown_reference,
)
from service.kernel.requests import Expected
from service.kernel.state import ForbiddenMove
from service.kernel.text import Text
from service.reference.working_days import next_working_day

EVENTS: Final = {
    CallBackStatus.DELAYED: "delayed",
    CallBackStatus.NOT_REACHED: "not-reached",
    CallBackStatus.DONE: "done",
    CallBackStatus.WITHDRAWN: "withdrawn",
    CallBackStatus.GIVEN_UP: "given-up",
}


def move_call_back(
    uow: UnitOfWork, actor: Actor, call_back_id: str, data: Mapping[str, Any], expected: Expected
) -> dict[str, Any]:
    """UWV's side delays it, tried in vain, has called, gives up after several attempts; whoever asked withdraws it.

    Raises 409 with the allowed moves, and `too-few-attempts` for giving up too soon.
    """
    row = _load(uow, actor, call_back_id, expected)
    target = data["to"]
    try:
        causes = STATUS_MACHINE.move(row.status, target, actor.kind).causes
    except ForbiddenMove as refused:
        raise forbidden_move(refused.source, refused.target, refused.allowed) from None
    _check_fields(uow, row, target, data)
    if target is CallBackStatus.GIVEN_UP and not may_give_up(row.attempts):
        raise conflict(
            "too-few-attempts",
            f"Probeer het eerst {LEAST_ATTEMPTS} keer.",
            f"Try it {LEAST_ATTEMPTS} times first.",
        )
    row.status = target
    row.shown_version += 1
    if CallBackCause.COUNT_ATTEMPT in causes:
        row.attempts += 1
        row.last_tried_at = uow.now
    if CallBackCause.MOVE_DEADLINE in causes:
        row.delayed_until = data.get("delayed_until", row.delayed_until)
        row.due_by = data.get("delayed_until", try_again_by(uow.today, row.due_by or uow.today))
        row.escalate_on = next_working_day(row.due_by)
        row.overdue_since = row.escalated_since = None
    if CallBackCause.STOP_CLOCK in causes:
        row.due_by = row.escalate_on = row.overdue_since = row.escalated_since = None
        row.over_at = uow.now
    if target is CallBackStatus.DONE:
        row.done_on = uow.today
    uow.flush()
    log(uow, actor, row, f"call-back.{EVENTS[target]}")
    tell(uow, row, EVENTS[target])
    if CallBackCause.TELL_HANDLER in causes:
        mail_handler(uow, row, "call-back-withdrawn")
    return call_back_view(uow, actor, row)


def _load(uow: UnitOfWork, actor: Actor, call_back_id: str, expected: Expected) -> CallBack:
    """The row for a change. Whoever asked counts its own versions."""
    row = load(uow, actor, call_back_id, for_update=True)
    expected.check(row.version if actor.is_uwv_side else row.shown_version)
    return row


def _check_fields(uow: UnitOfWork, row: CallBack, target: CallBackStatus, data: Mapping[str, Any]) -> None:
    until = data.get("delayed_until")
    if target is not CallBackStatus.DELAYED:
        if until is not None:
            text = Text("Dit hoort niet bij deze stap.", "This does not belong to this move.")
            raise invalid_input([FieldError("not-with-this-move", text, pointer="/delayedUntil")])
        return
    if until is None:
        raise invalid_field("/delayedUntil", "required", "Zeg wanneer u belt.", "Say when the call comes.")
    wrong = delay_error(until, uow.today, row.due_by or uow.today)
    if wrong is not None:
        raise invalid_input([FieldError(wrong.value, DAY_ERRORS[wrong], pointer="/delayedUntil")])


def pass_on_call_back(
    uow: UnitOfWork, actor: Actor, call_back_id: str, data: Mapping[str, Any], expected: Expected
) -> dict[str, Any]:
    """Passes it on behind the counter. Whoever asked sees nothing of it, unless it may know who handles it.

    Raises 409 `call-back-over` once the call came or is no longer wanted, and `nobody-responsible` where the one who
    answers for the employee is meant and there is none.
    """
    actor.require(PartyKind.UWV, PartyKind.DESK)
    row = _load(uow, actor, call_back_id, expected)
    if "handler" in data:
        _pass_on(uow, row, data["handler"])
        uow.flush()
    log(uow, actor, row, "call-back.passed-on" if "handler" in data else "call-back.read")
    return call_back_view(uow, actor, row)


def _pass_on(uow: UnitOfWork, row: CallBack, chosen: Mapping[str, Any]) -> None:
    before = handler(row)
    caseworker_id = chosen.get("caseworker_id")
    if chosen["kind"] is HandlerKind.DESK:
        if caseworker_id is not None:
            text = Text("Bij het Servicepunt hoort geen naam.", "The desk goes without a caseworker.")
            raise invalid_input([FieldError("not-with-the-desk", text, pointer="/handler/caseworkerId")])
    elif caseworker_id is not None and active_caseworker(uow, caseworker_id) is None:
        raise invalid_input([unknown_reference("/handler/caseworkerId")])
    if row.status not in LIVE_STATUSES or row.due_by is None:
        raise conflict(
            "call-back-over",
            "Dit terugbelverzoek is al klaar.",
            "This call-back is over already.",
        )
    if chosen["kind"] is HandlerKind.DESK:
        hand_over(row, None)
    elif caseworker_id is not None:
        row.handler_kind, row.handler_caseworker_id, row.handler_team_id = ContactKind.CASEWORKER, caseworker_id, None
        row.handler_named = True
    else:
        found = responsible_for(uow, row)
        if found is None:
            raise conflict(
                "nobody-responsible",
                "Bij UWV is niemand verantwoordelijk voor deze werknemer. Noem een medewerker.",
                "Nobody at UWV is responsible for this employee. Name a caseworker.",
            )
        hand_over(row, found)
    handed_over(uow, row, before)


Handler = tuple[ContactKind, str | None, str | None]


def handler(row: CallBack) -> Handler:
    """Who has it to do: the kind, the caseworker or the team."""
    return row.handler_kind, row.handler_caseworker_id, row.handler_team_id


def handed_over(uow: UnitOfWork, row: CallBack, before: Handler) -> None:
    """What follows when somebody else than `before` has it to do. Nothing where it is the same."""
    if handler(row) == before or row.due_by is None:
        return
    named = is_named(uow, row)
    row.escalated_since = None
    if row.overdue_since is not None:
        # The first day of a delay is the same whoever has it; from then on a new one has a working day.
        row.escalate_on = None if row.handler_kind is ContactKind.DESK else next_working_day(uow.today)
    if named:
        row.shown_version += 1
    uow.flush()
    tell(uow, row, "passed-on", shown=named)
    mail_handler(uow, row, "call-back-passed-on")
