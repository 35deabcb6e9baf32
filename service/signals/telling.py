"""Every step of a signal leaves a line in its history and is told to those whom it concerns."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final, cast

from sqlalchemy import Integer, Table, bindparam, insert, select, update
from sqlalchemy.orm.attributes import set_committed_value

from service.access.actor import NOBODY
from service.access.models import Party
from service.access.rules import PartyKind
from service.delivery.events import NewEvent, publish_many, queue_mails
from service.employers.models import Employment
from service.kernel.database import Id, UnitOfWork
from service.kernel.ids import new_id
from service.kernel.prepared import Prepared
from service.signals.models import Signal, SignalReport, SignalStep
from service.signals.rules import EscalationLevel, SignalPhase
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
    uow.write(_STEP, line(uow, signal, what, by, before=before, after=after, reason=reason, audience=audience))


def line(
    uow: UnitOfWork,
    signal: Signal,
    what: StepKind,
    by: PartyKind,
    *,
    before: Any = None,
    after: Any = None,
    reason: Any = None,
    audience: Audience,
) -> dict[str, Any]:
    """A line that `record_all` writes."""
    return {
        "id": new_id(),
        "signal_id": signal.id,
        "at": uow.now,
        "what": what,
        "from_value": None if before is None else str(before),
        "to_value": None if after is None else str(after),
        "reason": None if reason is None else str(reason),
        "by_kind": by,
        "audience": audience,
    }


def record_all(uow: UnitOfWork, lines: Sequence[Mapping[str, Any]]) -> None:
    if lines:
        uow.write(_STEP, lines)


def record_many(
    uow: UnitOfWork,
    signals: Sequence[Signal],
    what: StepKind,
    by: PartyKind,
    *,
    after: Any = None,
    audience: Audience = Audience.ALL,
) -> None:
    """The same line in the history of each."""
    record_all(uow, [line(uow, each, what, by, after=after, audience=audience) for each in signals])


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
) -> None:
    """Publishes `contract-end-signal.<type>` to all whom the signal concerns, each with the status and phase that it
    sees. `also` adds the parties of an office, `done` a party that has just withdrawn its report: whatever goes on
    without it, it hears of a withdrawal.

    The employer hears in an event of its own, which counts what it was told: the version of the row would tell it of
    what happens behind the counter.
    """
    offices = uow.find(_OFFICES, {})
    coaching = [] if audience is Audience.UWV_SIDE else _of_jobcoaches(uow, signal)
    news = _all_news(
        signal, type, offices, coaching, partial(_count, uow, signal), audience, set(also), done=done, because=because
    )
    publish_many(uow, news)


def tell_all(uow: UnitOfWork, heard: Sequence[tuple[Signal, Audience]], type: str) -> None:
    """The same for several signals at once."""
    if not heard:
        return
    offices = uow.find(_OFFICES, {})
    news: list[NewEvent] = []
    counted: list[Signal] = []
    for signal, audience in heard:
        coaching = [] if audience is Audience.UWV_SIDE else _of_jobcoaches(uow, signal)
        news += _all_news(signal, type, offices, coaching, partial(_count_later, counted, signal), audience)
    if counted:
        uow.write(_TOLD, [{"signal_id": each.id, "count": each.told_employer} for each in counted])
    publish_many(uow, news)


def tell_of_reports(uow: UnitOfWork, begun: Sequence[tuple[Signal, SignalPhase, Audience]], by: PartyKind) -> None:
    """Signals that were just written, as told already: the line in the history of each, the events and the mails. The
    phase is what was reported; the signal may know better, from somebody of whom the reporter may not hear."""
    if not begun:
        return
    uow.write(
        _STEP,
        [line(uow, signal, StepKind.REPORTED, by, after=phase, audience=audience) for signal, phase, audience in begun],
    )
    offices = uow.find(_OFFICES, {})
    news: list[NewEvent] = []
    for signal, _, audience in begun:
        coaching = [each for each in signal.reports if each.party_kind is not PartyKind.EMPLOYER]
        news += _all_news(signal, "reported", offices, coaching, partial(_told, signal), audience)
    publish_many(uow, news)
    mail_contacts(uow, [signal for signal, *_ in begun])


def tell_employer(uow: UnitOfWork, signal: Signal, type: str, *, because: str = "") -> None:
    """What concerns the employer alone, where it sees the signal."""
    if not employer_sees(signal):
        return
    report = employer_report(signal)
    facts = statement_for(PartyKind.EMPLOYER, signal, report)
    shown = (type, status_for(signal, report).value, facts.phase.value)
    publish_many(uow, [_news(signal, shown, [signal.employer_id], because, _count(uow, signal))])


def _all_news(
    signal: Signal,
    type: str,
    offices: Sequence[Any],
    coaching: Iterable[SignalReport],
    count: Callable[[], int],
    audience: Audience,
    also: Collection[PartyKind] = (),
    *,
    done: str | None = None,
    because: str = "",
) -> list[NewEvent]:
    told = {(type, signal.status.value, signal.phase.value): _inside(offices, signal, also)}

    def add(report: SignalReport) -> None:
        status, phase = status_for(signal, report), statement_for(report.party_kind, signal, report).phase
        own = "withdrawn" if report.party_id == done else type
        told.setdefault((own, status.value, phase.value), []).append(report.party_id)

    if audience is not Audience.UWV_SIDE:
        for report in coaching:
            if report.withdrawn_at is None or report.party_id == done:
                add(report)
    news = [_news(signal, shown, parties, because) for shown, parties in told.items()]
    employer = employer_report(signal)
    gone = employer is not None and employer.withdrawn_at is not None and employer.party_id != done
    if audience is Audience.ALL and employer_sees(signal) and not gone:
        facts = statement_for(PartyKind.EMPLOYER, signal, employer)
        own = "withdrawn" if signal.employer_id == done else type
        shown = (own, status_for(signal, employer).value, facts.phase.value)
        news.append(_news(signal, shown, [signal.employer_id], because, count()))
    return news


def _news(
    signal: Signal, shown: tuple[str, str, str], parties: list[str], because: str, sequence: int | None = None
) -> NewEvent:
    type, status, phase = shown
    data = {"signalId": signal.id, "status": status, "phase": phase}
    return NewEvent(f"contract-end-signal.{type}", address(signal.id), signal.version, parties, data, because, sequence)


def _inside(offices: Sequence[Any], signal: Signal, also: Collection[PartyKind]) -> list[str]:
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


def _count_later(counted: list[Signal], signal: Signal) -> int:
    """The same, for who writes the counts of several."""
    set_committed_value(signal, "told_employer", signal.told_employer + 1)
    counted.append(signal)
    return signal.told_employer


def _told(signal: Signal) -> int:
    return signal.told_employer


def _count(uow: UnitOfWork, signal: Signal) -> int:
    """One more event for the employer. The version of the row stays: nothing of the signal has changed."""
    count = signal.told_employer + 1
    uow.write(_TOLD, {"signal_id": signal.id, "count": count})
    set_committed_value(signal, "told_employer", count)
    return count


def mail_contacts(uow: UnitOfWork, signals: Iterable[Signal]) -> None:
    """For each a mail to the person's caseworker, and to the desk unless the link is disclosed.

    Both are queued for a client and for anybody else, so that neither time nor size tells which it is: when it is
    sent, the mail to a caseworker who is not there falls away.
    """
    mails: list[dict[str, str]] = []
    for signal in signals:
        mails.append({"signalId": signal.id, "to": "responsible"})
        if not signal.disclosed:
            mails.append({"signalId": signal.id, "to": EscalationLevel.DESK.value})
    queue_mails(uow, "signal-reported", mails)


def mail_contact(uow: UnitOfWork, signal: Signal) -> None:
    mail_contacts(uow, [signal])
