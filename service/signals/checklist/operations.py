"""The formalities around the end of a contract. Each party reads and ticks off its own; no other hears of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, delete, select

from service.access.actor import Actor
from service.access.rules import PartyKind
from service.employers.models import Employment
from service.kernel.clock import amsterdam_day
from service.kernel.database import UnitOfWork
from service.kernel.problems import not_found
from service.kernel.requests import Expected
from service.signals.checklist.models import ChecklistMark
from service.signals.checklist.rules import READER, Facts, For, Item, items_for
from service.signals.models import Signal
from service.signals.reading import load, log
from service.signals.views import own_report, statement_for, visible_signals

_UNMARKED = 1
"""The version of an item that nobody has ticked off yet: it is there all the same."""


def visible_marks(actor: Actor) -> Select[Any]:
    """One's own, of the signals that one sees."""
    statement = select(ChecklistMark).where(
        ChecklistMark.signal_id.in_(visible_signals(actor).with_only_columns(Signal.id))
    )
    if actor.kind is PartyKind.SYSTEM:
        return statement
    return statement.where(ChecklistMark.whose == READER[actor.kind])


def get_checklist(uow: UnitOfWork, actor: Actor, signal_id: str) -> dict[str, Any]:
    """What the reader itself has to see to."""
    signal = load(uow, actor, signal_id)
    facts = _facts(uow, actor, signal)
    marks = {
        row.item: row for row in uow.session.scalars(visible_marks(actor).where(ChecklistMark.signal_id == signal.id))
    }
    log(uow, actor, signal, "signal.checklist_read")
    items = items_for(READER[actor.kind], facts)
    return {"signal_id": signal.id, "items": [_view(each, facts, marks.get(each.code)) for each in items]}


def get_item(uow: UnitOfWork, actor: Actor, signal_id: str, code: str) -> dict[str, Any]:
    signal = load(uow, actor, signal_id)
    facts = _facts(uow, actor, signal)
    item = _item(actor, facts, code)
    log(uow, actor, signal, "signal.checklist_read")
    return _view(item, facts, _mark(uow, signal, item))


def mark_item(
    uow: UnitOfWork, actor: Actor, signal_id: str, code: str, data: Mapping[str, Any], expected: Expected
) -> dict[str, Any]:
    """Ticks an item off, or takes that back."""
    signal = load(uow, actor, signal_id, for_update=True)
    facts = _facts(uow, actor, signal)
    item = _item(actor, facts, code)
    row = _mark(uow, signal, item)
    expected.check(_version(row))
    if "done" in data and data["done"] is not (row is not None and row.done):
        if row is None:
            row = ChecklistMark(signal_id=signal.id, item=item.code, whose=item.whose)
            uow.add(row)
        row.done, row.changed_at = data["done"], uow.now
        uow.flush()
    log(uow, actor, signal, "signal.checklist_marked")
    return _view(item, facts, row)


def _facts(uow: UnitOfWork, actor: Actor, signal: Signal) -> Facts:
    """The end as this reader may know it: an employer's own statement, where it made one."""
    stated = statement_for(actor.kind, signal, own_report(actor, signal))
    job = uow.session.get_one(Employment, signal.employment_id)
    return Facts(
        end=stated.expected_end_date,
        contract_start=job.start_date,
        contract_end=job.end_date,
        contract_type=job.contract_type,
        interview_by=signal.start_interview_by,
    )


def _item(actor: Actor, facts: Facts, code: str) -> Item:
    item = next((each for each in items_for(READER[actor.kind], facts) if each.code == code), None)
    if item is None:
        raise not_found()
    return item


def _mark(uow: UnitOfWork, signal: Signal, item: Item) -> ChecklistMark | None:
    return uow.session.get(ChecklistMark, (signal.id, item.code))


def _version(row: ChecklistMark | None) -> int:
    return _UNMARKED if row is None else _UNMARKED + row.version


def _view(item: Item, facts: Facts, row: ChecklistMark | None) -> dict[str, Any]:
    done = row is not None and row.done
    return {
        "version": _version(row),
        "code": item.code,
        "text": item.text,
        **item.when(facts)._asdict(),
        "link": item.link,
        "done": done,
        "done_on": amsterdam_day(row.changed_at) if row is not None and done else None,
    }


# --- The person -------------------------------------------------------------------------------------------------


def export(uow: UnitOfWork, person_id: str) -> list[dict[str, Any]]:
    """What was ticked off in the cases of a person, and by whom."""
    own = select(Signal.id).where(Signal.person_id == person_id)
    rows = uow.session.scalars(
        select(ChecklistMark)
        .where(ChecklistMark.signal_id.in_(own))
        .order_by(ChecklistMark.signal_id, ChecklistMark.item)
    )
    return [{"signalId": row.signal_id, "code": row.item, "by": row.whose, "done": row.done} for row in rows]


def erase(uow: UnitOfWork, person_id: str) -> None:
    """An employer's own ticks tell nothing of anybody, and stay with it."""
    own = select(Signal.id).where(Signal.person_id == person_id)
    uow.execute(delete(ChecklistMark).where(ChecklistMark.signal_id.in_(own), ChecklistMark.whose != For.EMPLOYER))
