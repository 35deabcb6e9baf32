"""Planning for somebody whose contract ends, and the advice for it. All of it stays on UWV's side: an employer sees
that there is a plan when the signal moves to `planned`, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy import Select, delete, false, select

from service.access.actor import Actor
from service.access.rules import PartyKind
from service.employers.models import Employment
from service.kernel.clock import amsterdam_day
from service.kernel.database import UnitOfWork
from service.kernel.paging import page
from service.kernel.problems import FieldError, Problem, conflict, invalid_input, not_found
from service.kernel.requests import NOT_THERE, Expected
from service.kernel.schemas import camel, pointer
from service.people import operations as people
from service.signals.models import Signal
from service.signals.plans.advice import Item, Known, advice, condition_met
from service.signals.plans.models import Plan, PlanVersion
from service.signals.plans.rules import Beside, Stretch, first_clash, plan_errors, running, stretches
from service.signals.plans.wording import CONDITION_TEXT, ERROR_TEXT, NOTE, RULES
from service.signals.reading import load, log
from service.signals.rules import Readiness, Service
from service.signals.steps import Audience, PlanLead, StepKind
from service.signals.telling import address, record
from service.signals.views import is_decided, is_live, visible_signals

_UWV_SIDE: Final = (PartyKind.UWV, PartyKind.DESK)
CONTENT: Final = ("service", "beside", "start_date", "end_date", "lead", "readiness", "jobcoach_continues")


def visible_plans(actor: Actor) -> Select[Any]:
    """UWV's side only."""
    statement = select(Plan)
    if actor.is_uwv_side:
        return statement.where(Plan.signal_id.in_(visible_signals(actor).with_only_columns(Signal.id)))
    return statement.where(false())


def visible_versions(actor: Actor) -> Select[Any]:
    """UWV's side only."""
    own = visible_plans(actor).with_only_columns(Plan.signal_id)
    return select(PlanVersion).where(PlanVersion.signal_id.in_(own))


# --- Planning ---------------------------------------------------------------------------------------------------


def record_plan(
    uow: UnitOfWork, actor: Actor, signal_id: str, data: Mapping[str, Any], expected: Expected
) -> dict[str, Any]:
    """The services chosen, from when until when, and who leads. What was planned before stays readable.

    Raises 400 for services of one plan that exclude each other, 409 `services-exclude-each-other` where another live
    plan of the same person has one that does, at the same time.
    """
    actor.require(*_UWV_SIDE)
    signal = load(uow, actor, signal_id, for_update=True)
    row = uow.session.get(Plan, signal.id)
    expected.check(NOT_THERE if row is None else row.version)
    content = {name: data[name] for name in CONTENT}
    _check(signal, content)
    _check_other_plans(uow, signal, _stretches(content))
    content["beside"] = [str(each) for each in content["beside"]]
    if row is None:
        row = Plan(signal_id=signal.id)
        uow.add(row)
    elif any(getattr(row, name) != content[name] for name in CONTENT):
        uow.add(_kept(uow, row))
    else:
        log(uow, actor, signal, "signal.plan_recorded")
        return _plan_view(signal, row)
    for name, value in content.items():
        setattr(row, name, value)
    row.changed_at, row.changed_by = uow.now, actor.kind
    uow.flush()
    record(uow, signal, StepKind.PLAN_RECORDED, actor.kind, after=row.service, audience=Audience.UWV_SIDE)
    log(uow, actor, signal, "signal.plan_recorded")
    return _plan_view(signal, row)


def check_plan(uow: UnitOfWork, signal: Signal) -> None:
    """Before a signal moves to planned: raises 409 `plan-missing`, or `services-exclude-each-other` where another
    live plan of the person has come to exclude this one."""
    row = uow.session.get(Plan, signal.id)
    if row is None:
        raise conflict(
            "plan-missing",
            "Er is nog geen plan. Leg het plan eerst vast.",
            "There is no plan yet. Record the plan first.",
        )
    _check_other_plans(uow, signal, _of(row))


def _check(signal: Signal, content: Mapping[str, Any]) -> None:
    days = content["start_date"], content["end_date"], amsterdam_day(signal.reported_at)
    found = plan_errors(content["service"], content["beside"], *days)
    if found:
        raise invalid_input(
            FieldError(
                error.value,
                ERROR_TEXT[error],
                pointer=pointer(*(camel(part) if isinstance(part, str) else part for part in where)),
            )
            for error, where in found
        )


def _check_other_plans(uow: UnitOfWork, signal: Signal, own: list[Stretch]) -> None:
    if signal.person_id is None:
        return
    # Two plans of one person at the same moment come here one after the other.
    people.lock(uow, [signal.person_id])
    others = _others(uow, signal)
    found = first_clash(own, [_of(each) for each in others])
    if found is not None:
        raise _excluded(others[found[0]], found[1])


def _others(uow: UnitOfWork, signal: Signal) -> list[Plan]:
    """The plans of the same person in its other live signals."""
    statement = (
        select(Plan)
        .join(Signal, Signal.id == Plan.signal_id)
        .where(Signal.person_id == signal.person_id, Signal.id != signal.id, is_live())
        .order_by(Plan.start_date, Plan.signal_id)
    )
    return list(uow.session.scalars(statement))


def _excluded(other: Plan, service: Stretch) -> Problem:
    until = {"until": service.end.isoformat()} if service.end is not None else {}
    return conflict(
        "services-exclude-each-other",
        "Voor deze cliënt loopt in die tijd al een andere ingekochte dienst. Geef die eerst een einddatum.",
        "Another purchased service runs for this person at that time. Give that one an end date first.",
        existing=f"/v1/{address(other.signal_id)}/plan",
        service=service.service.value,
        **until,
    )


def _stretches(content: Mapping[str, Any]) -> list[Stretch]:
    beside = [Beside(each) for each in content["beside"]]
    return stretches(content["service"], beside, content["start_date"], content["end_date"])


def _of(row: Plan) -> list[Stretch]:
    return _stretches({name: getattr(row, name) for name in CONTENT})


def _kept(uow: UnitOfWork, row: Plan) -> PlanVersion:
    content = {name: _as_text(getattr(row, name)) for name in CONTENT}
    return PlanVersion(
        signal_id=row.signal_id,
        version=row.version,
        content=content,
        recorded_at=row.changed_at,
        by_kind=row.changed_by,
        replaced_at=uow.now,
    )


def _as_text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


# --- Reading ----------------------------------------------------------------------------------------------------


def get_plan(uow: UnitOfWork, actor: Actor, signal_id: str) -> dict[str, Any]:
    actor.require(*_UWV_SIDE)
    row = uow.session.scalars(visible_plans(actor).where(Plan.signal_id == signal_id)).one_or_none()
    if row is None:
        raise not_found()
    signal = load(uow, actor, signal_id)
    log(uow, actor, signal, "signal.plan_read")
    return _plan_view(signal, row)


def list_earlier_plans(uow: UnitOfWork, actor: Actor, signal_id: str, query: Mapping[str, Any]) -> dict[str, Any]:
    """What was planned before what holds now, oldest first."""
    actor.require(*_UWV_SIDE)
    signal = load(uow, actor, signal_id)
    log(uow, actor, signal, "signal.plan_history_read")
    statement = visible_versions(actor).where(PlanVersion.signal_id == signal.id)
    return page(uow, statement, (PlanVersion.version,), query, _earlier_view)


def _plan_view(signal: Signal, row: Plan) -> dict[str, Any]:
    end = signal.expected_end_date
    return {
        "version": row.version,
        "signal_id": row.signal_id,
        **{name: getattr(row, name) for name in CONTENT},
        "during_contract": None if end is None else row.start_date <= end,
        "recorded_on": amsterdam_day(row.changed_at),
    }


def _earlier_view(row: PlanVersion) -> dict[str, Any]:
    kept, end = row.content, row.content["end_date"]
    return {
        **kept,
        "service": Service(kept["service"]),
        "start_date": date.fromisoformat(kept["start_date"]),
        "end_date": end and date.fromisoformat(end),
        "lead": PlanLead(kept["lead"]),
        "readiness": kept["readiness"] and Readiness(kept["readiness"]),
        "recorded_at": row.recorded_at,
        "replaced_at": row.replaced_at,
        "by": row.by_kind,
    }


# --- Advice -----------------------------------------------------------------------------------------------------


def get_advice(uow: UnitOfWork, actor: Actor, signal_id: str) -> dict[str, Any]:
    """What to consider, with what is known of the case. Nothing follows from it."""
    actor.require(*_UWV_SIDE)
    signal = load(uow, actor, signal_id)
    log(uow, actor, signal, "signal.advice_read")
    known = _known(uow, signal)
    return {
        "signal_id": signal.id,
        "readiness": known.readiness,
        "end_date": known.end,
        "running_service": known.running,
        "note": NOTE,
        "items": [_item_view(each, known) for each in advice(known)],
    }


def _known(uow: UnitOfWork, signal: Signal) -> Known:
    plan = uow.session.get(Plan, signal.id)
    own = [] if plan is None else _of(plan)
    others = [] if signal.person_id is None else [each for other in _others(uow, signal) for each in _of(other)]
    job = uow.session.get_one(Employment, signal.employment_id)
    return Known(
        today=uow.today,
        end=signal.expected_end_date,
        readiness=None if plan is None else plan.readiness,
        running=running([*own, *others], uow.today),
        contract_start=job.start_date,
        contract_end=job.end_date,
        hours=job.hours_per_week,
        consent=signal.consent_to_contact_employer,
        decided=is_decided(signal),
        vacancy_linked=signal.freed_vacancy_id is not None,
        planned=plan is not None,
    )


def _item_view(item: Item, known: Known) -> dict[str, Any]:
    rule = RULES[item.rule]
    return {
        "subject": item.subject,
        "service": item.service,
        "rule": {"number": item.rule, "text": rule.text, "source": rule.source},
        "text": item.text,
        "conditions": [
            {"code": each, "text": CONDITION_TEXT[each], "met": condition_met(each, known)} for each in item.conditions
        ],
    }


# --- The person -------------------------------------------------------------------------------------------------


def export(uow: UnitOfWork, person_id: str) -> list[dict[str, Any]]:
    """What is planned for a person, and what was planned before."""
    own = select(Signal.id).where(Signal.person_id == person_id)
    rows = uow.session.scalars(select(Plan).where(Plan.signal_id.in_(own)).order_by(Plan.signal_id)).all()
    earlier: dict[str, list[dict[str, Any]]] = {row.signal_id: [] for row in rows}
    versions = select(PlanVersion).where(PlanVersion.signal_id.in_(own))
    for each in uow.session.scalars(versions.order_by(PlanVersion.signal_id, PlanVersion.version)):
        earlier.setdefault(each.signal_id, []).append(each.content | {"recorded_at": each.recorded_at})
    return [
        {
            "signalId": row.signal_id,
            **{camel(name): getattr(row, name) for name in CONTENT},
            "earlier": [{camel(name): value for name, value in each.items()} for each in earlier[row.signal_id]],
        }
        for row in rows
    ]


def erase(uow: UnitOfWork, person_id: str) -> None:
    own = select(Signal.id).where(Signal.person_id == person_id)
    uow.execute(delete(PlanVersion).where(PlanVersion.signal_id.in_(own)))
    uow.execute(delete(Plan).where(Plan.signal_id.in_(own)))
