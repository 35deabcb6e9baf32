"""Every step of a signal leaves a line in its history and is told to those whom it concerns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, cast

from sqlalchemy import Integer, Table, bindparam, insert, select, update
from sqlalchemy.orm.attributes import set_committed_value

from service.access.actor import NOBODY
from service.access.models import Party
from service.access.rules import PartyKind
from service.delivery.events import NewEvent, publish_many, queue_mail, queue_mails
from service.employers.models import Employment
from service.kernel.database import Id, UnitOfWork
from service.kernel.ids import new_id
from service.kernel.prepared import Prepared
from service.signals.models import Signal, SignalReport, SignalStep
from service.signals.rules import EscalationLevel
from service.signals.steps import Audience, StepKind
from service.signals.views import employer_report, employer_sees, statement_for, status_for

_OFFICES: Final = Prepared(select(Party.kind, Party.id).where(Party.kind.in_((PartyKind.UWV, PartyKind.DESK))))
_COACH: Final = Prepared(
    select(Employment.jobcoach_organisation_id).where(Employment.id == bindparam("employment_id", type_=Id))
)
_SIGNAL: Final = cast(Table, Signal.__table__)
_TOLD: Final = Prepared(
    update(_SIGNAL)
    .where(_SIGNAL.c.id == bindparam("signal_id", type_=Id))
    .values(told_employer=bindparam("count", type_=Integer))
)
_STEP: Final = Prepared(insert(cast(Table, SignalStep.__table__)))


def address(signal_id: str) -> str:
    return f"contract-end-signals/{signal_id}"


def record(
    uow: UnitOfWork,
    signal: Signal,
    what: StepKind,
    by: PartyKind,
    *,
    before: Any = None,
    after: Any = None,
    reason: Any = None,
    audience: Audience = Audience.ALL,
) -> None:
    """A line in the history."""
    record_many(uow, [signal], what, by, before=before, after=after, reason=reason, audience=audience)


def record_many(
    uow: UnitOfWork,
    signals: Sequence[Signal],
    what: StepKind,
    by: PartyKind,
    *,
    before: Any = None,
    after: Any = None,
    reason: Any = None,
    audience: Audience = Audience.ALL,
) -> None:
    """The same line in the history of each."""
    shared = {
        "at": uow.now,
        "what": what,
        "from_value": None if before is None else str(before),
        "to_value": None if after is None else str(after),
        "reason": None if reason is None else str(reason),
        "by_kind": by,
        "audience": audience,
    }
    if signals:
        uow.write(_STEP, [shared | {"id": new_id(), "signal_id": each.id} for each in signals])


def audience_of(kind: PartyKind, signal: Signal) -> Audience:
    """Who may read of what a party of this kind does to the facts.

    The employer reads of what UWV or a jobcoach organisation says only while it has no statement of its own, and of
    a jobcoach organisation only where the person consented.
    """
    if kind in (PartyKind.EMPLOYER, PartyKind.SYSTEM):
        return Audience.ALL
    if kind is PartyKind.JOBCOACH_ORGANISATION:
        hidden = any(r.party_kind is kind and not r.visible_to_employer for r in signal.reports)
        if hidden:
            return Audience.NOT_EMPLOYER
    return Audience.NOT_EMPLOYER if employer_report(signal) is not None else Audience.ALL


def tell(
    uow: UnitOfWork,
    signal: Signal,
    type: str,
    *,
    audience: Audience = Audience.ALL,
    also: Iterable[PartyKind] = (),
    done: str | None = None,
    because: str = "",
    begun: bool = False,
) -> None:
    """Publishes `contract-end-signal.<type>` to all whom the signal concerns, each with the status and phase that it
    sees. `also` adds the parties of an office, `done` a party that has just withdrawn its report: whatever goes on
    without it, it hears of a withdrawal. `begun`: the row was written as told already.

    The employer hears in an event of its own, which counts what it was told: the version of the row would tell it of
    what happens behind the counter.
    """
    inside = _inside(uow.find(_OFFICES, {}), signal, set(also))
    told = {(type, signal.status.value, signal.phase.value): inside}

    def add(report: SignalReport) -> None:
        status, phase = status_for(signal, report), statement_for(report.party_kind, signal, report).phase
        own = "withdrawn" if report.party_id == done else type
        told.setdefault((own, status.value, phase.value), []).append(report.party_id)

    if audience is not Audience.UWV_SIDE:
        for report in _of_jobcoaches(uow, signal):
            if report.withdrawn_at is None or report.party_id == done:
                add(report)
    news = [_news(signal, shown, parties, because) for shown, parties in told.items()]
    employer = employer_report(signal)
    gone = employer is not None and employer.withdrawn_at is not None and employer.party_id != done
    if audience is Audience.ALL and employer_sees(signal) and not gone:
        facts = statement_for(PartyKind.EMPLOYER, signal, employer)
        own = "withdrawn" if signal.employer_id == done else type
        shown = (own, status_for(signal, employer).value, facts.phase.value)
        count = signal.told_employer if begun else _count(uow, signal)
        news.append(_news(signal, shown, [signal.employer_id], because, count))
    publish_many(uow, news)


def _news(
    signal: Signal, shown: tuple[str, str, str], parties: list[str], because: str, sequence: int | None = None
) -> NewEvent:
    type, status, phase = shown
    data = {"signalId": signal.id, "status": status, "phase": phase}
    return NewEvent(f"contract-end-signal.{type}", address(signal.id), signal.version, parties, data, because, sequence)


def tell_begun(uow: UnitOfWork, signals: Iterable[Signal]) -> None:
    """`contract-end-signal.reported` for signals of the register, which nobody reported and the employer hears of only
    where the link is disclosed; written as told already."""
    offices = uow.find(_OFFICES, {})
    news = []
    for signal in signals:
        shown = ("reported", signal.status.value, signal.phase.value)
        news.append(_news(signal, shown, _inside(offices, signal, set()), ""))
        if signal.employer_since is not None:
            news.append(_news(signal, shown, [signal.employer_id], "", signal.told_employer))
    publish_many(uow, news)


def tell_employer(uow: UnitOfWork, signal: Signal, type: str, *, because: str = "") -> None:
    """What concerns the employer alone, where it sees the signal."""
    if not employer_sees(signal):
        return
    report = employer_report(signal)
    facts = statement_for(PartyKind.EMPLOYER, signal, report)
    shown = (type, status_for(signal, report).value, facts.phase.value)
    publish_many(uow, [_news(signal, shown, [signal.employer_id], because, _count(uow, signal))])


def _inside(offices: Sequence[Any], signal: Signal, also: set[PartyKind]) -> list[str]:
    """UWV for its clients, the desk unless the link is disclosed. Where UWV does not read, nobody does in its place:
    as much is written for a client as for anybody else."""
    uwv = signal.is_client or PartyKind.UWV in also
    desk = not (signal.is_client and signal.disclosed) or PartyKind.DESK in also
    found = [office.id if uwv else NOBODY for office in offices if office.kind is PartyKind.UWV]
    return found + [office.id for office in offices if office.kind is PartyKind.DESK and desk]


def _of_jobcoaches(uow: UnitOfWork, signal: Signal) -> list[SignalReport]:
    """The reports of jobcoach organisations, as long as they coach the employee."""
    reports = [report for report in signal.reports if report.party_kind is not PartyKind.EMPLOYER]
    if not reports:
        return []
    coach = uow.find(_COACH, {"employment_id": signal.employment_id})[0].jobcoach_organisation_id
    return [report for report in reports if report.party_id == coach]


def _count(uow: UnitOfWork, signal: Signal) -> int:
    """One more event for the employer. The version of the row stays: nothing of the signal has changed."""
    count = signal.told_employer + 1
    uow.write(_TOLD, {"signal_id": signal.id, "count": count})
    set_committed_value(signal, "told_employer", count)
    return count


def mail_contact(uow: UnitOfWork, signal: Signal) -> None:
    """A mail to the person's caseworker, and to the desk unless the link is disclosed.

    Both are queued for a client and for anybody else, so that neither time nor size tells which it is: when it is
    sent, the mail to a caseworker who is not there falls away.
    """
    queue_mail(uow, "signal-reported", {"signalId": signal.id, "to": "responsible"})
    if not signal.disclosed:
        queue_mail(uow, "signal-reported", {"signalId": signal.id, "to": EscalationLevel.DESK.value})


def mail_contacts(uow: UnitOfWork, signals: Sequence[Signal]) -> None:
    """The same for several signals of the register."""
    each = [{"signalId": signal.id, "to": "responsible"} for signal in signals]
    desk = [{"signalId": signal.id, "to": EscalationLevel.DESK.value} for signal in signals if not signal.disclosed]
    queue_mails(uow, "signal-reported", each + desk)
