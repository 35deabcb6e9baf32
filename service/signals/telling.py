"""Every step of a signal leaves a line in its history and is told to those whom it concerns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, cast

from sqlalchemy import Table, insert, select

from service.access.models import Party
from service.access.rules import PartyKind
from service.delivery.events import publish, queue_mail
from service.kernel.database import UnitOfWork
from service.kernel.ids import new_id
from service.kernel.prepared import Prepared
from service.signals.models import Signal, SignalStep
from service.signals.rules import EscalationLevel
from service.signals.steps import Audience, StepKind
from service.signals.views import employer_report, statement_for, status_for

_OFFICES: Final = Prepared(select(Party.kind, Party.id).where(Party.kind.in_((PartyKind.UWV, PartyKind.DESK))))
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
    uow.write(
        _STEP,
        {
            "id": new_id(),
            "signal_id": signal.id,
            "at": uow.now,
            "what": what,
            "from_value": None if before is None else str(before),
            "to_value": None if after is None else str(after),
            "reason": None if reason is None else str(reason),
            "by_kind": by,
            "audience": audience,
        },
    )


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
    sees. `also` adds the parties of an office, `done` a party that has just withdrawn its report."""
    offices = uow.find(_OFFICES, {})
    wanted = set(also)
    if signal.is_client:
        wanted.add(PartyKind.UWV)
    if not (signal.is_client and signal.disclosed):
        wanted.add(PartyKind.DESK)
    inside = [office.id for office in offices if office.kind in wanted]
    told: dict[tuple[str, str], list[str]] = {(signal.status.value, signal.phase.value): inside}

    def add(party_id: str, kind: PartyKind, report: Any) -> None:
        status, phase = status_for(signal, report), statement_for(kind, signal, report).phase
        told.setdefault((status.value, phase.value), []).append(party_id)

    for report in signal.reports:
        if report.party_kind is PartyKind.EMPLOYER or audience is Audience.UWV_SIDE:
            continue
        if report.withdrawn_at is None or report.party_id == done:
            add(report.party_id, report.party_kind, report)
    employer = employer_report(signal)
    gone = employer is not None and employer.withdrawn_at is not None and employer.party_id != done
    if audience is Audience.ALL and signal.employer_since is not None and not gone:
        add(signal.employer_id, PartyKind.EMPLOYER, employer)
    for (status, phase), parties in told.items():
        data = {"signalId": signal.id, "status": status, "phase": phase}
        publish(uow, f"contract-end-signal.{type}", address(signal.id), signal.version, parties, data, because)


def mail_contact(uow: UnitOfWork, signal: Signal) -> None:
    """A mail to the person's caseworker, and to the desk unless the link is disclosed.

    Both are queued for a client and for anybody else, so that neither time nor size tells which it is: when it is
    sent, the mail to a caseworker who is not there falls away.
    """
    queue_mail(uow, "signal-reported", {"signalId": signal.id, "to": "responsible"})
    if not signal.disclosed:
        queue_mail(uow, "signal-reported", {"signalId": signal.id, "to": EscalationLevel.DESK.value})
