"""Contract-end signals, as one part of the house.

Each of the parts says in its `part.py` what it adds.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from service.access.rules import PartyKind
from service.kernel.database import UnitOfWork
from service.kernel.room import Permission, Room, joined
from service.signals.asking.part import PART as ASKING
from service.signals.checklist.part import PART as CHECKLIST
from service.signals.clocks import EMPLOYMENT_CHANGED, ENDED, ESCALATION, PERSON_CHANGED
from service.signals.early_warning import EARLY_WARNING, WAGES_STOPPED
from service.signals.imports.part import PART as IMPORTS
from service.signals.mails import signal_escalated, signal_passed_on, signal_reported
from service.signals.models import Signal, SignalReport
from service.signals.pace.part import PART as PACE
from service.signals.plans.part import PART as PLANS
from service.signals.profiles.part import PART as PROFILES
from service.signals.routes import signals
from service.signals.second_track.part import PART as SECOND_TRACK
from service.signals.views import visible_reports, visible_signals


def export(uow: UnitOfWork, person_id: str) -> dict[str, Any]:
    """The signals about a person: what was stated, by what kind of party, and what became of it."""
    rows = uow.session.scalars(select(Signal).where(Signal.person_id == person_id).order_by(Signal.reported_at)).all()
    return {"contractEndSignals": [_exported(row) for row in rows]}


def _exported(row: Signal) -> dict[str, Any]:
    return {
        "id": row.id,
        "number": row.number,
        "origin": row.origin,
        "phase": row.phase,
        "status": row.status,
        "expectedEndDate": row.expected_end_date,
        "consentToContactEmployer": row.consent_to_contact_employer,
        "outcome": row.outcome,
        "outcomeDate": row.outcome_date,
        "reports": [
            {"by": report.party_kind, "at": report.reported_at, "phase": report.phase, "endReason": report.end_reason}
            for report in row.reports
        ],
        "question": row.asked_on and {"askedOn": row.asked_on, "answer": row.answer, "answeredOn": row.answered_on},
        "contradiction": row.contradicted_on
        and {
            "endReason": row.contradicted_reason,
            "phase": row.contradicts_phase,
            "toldOn": row.contradicted_on,
            "means": row.contradicted_means,
        },
    }


def erase(uow: UnitOfWork, person_id: str) -> None:
    """What was reported stays with who reported it, without the person."""
    uow.execute(
        update(Signal)
        .where(Signal.person_id == person_id)
        .values(person_id=None, outcome_date=None, trial_started_on=None, version=Signal.version + 1)
    )


_REPORTERS = frozenset({PartyKind.EMPLOYER, PartyKind.JOBCOACH_ORGANISATION})
_HANDLERS = frozenset({PartyKind.UWV, PartyKind.DESK})

_OWN = Room(
    name="signals.signals",
    routes=(signals,),
    permissions=(
        Permission("signals:read", _REPORTERS | _HANDLERS, "See contract-end signals, each party its own view"),
        Permission("signals:report", _REPORTERS, "Report that a contract ends, or may end"),
        Permission("signals:change", _REPORTERS | _HANDLERS, "Change facts of a signal and move it on"),
        Permission("signals:handle", _HANDLERS, "Plan for somebody whose contract ends"),
    ),
    visible={
        Signal: visible_signals,
        SignalReport: visible_reports,
    },
    timers=(EARLY_WARNING, WAGES_STOPPED, ENDED, ESCALATION),
    consumers=(EMPLOYMENT_CHANGED, PERSON_CHANGED),
    mails={
        "signal-reported": signal_reported,
        "signal-escalated": signal_escalated,
        "signal-passed-on": signal_passed_on,
    },
    export=export,
    erase=erase,
)

# What hangs on a signal is erased while the signal still names the person.
ROOM = joined("signals", PLANS, PROFILES, PACE, CHECKLIST, _OWN, ASKING, IMPORTS, SECOND_TRACK)
