"""Early warnings: what the contract register shows of an end that comes near, or that has passed without anybody
saying so.

An employment says itself what has been looked at, in an index that holds only what has not: a night costs what falls
due in it, not what stands in the register. Many are handled at once, in as many statements as few.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final, NamedTuple, cast

from sqlalchemy import Table, TextClause, and_, exists, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from service.access.rules import PartyKind
from service.contacts.models import Link
from service.employers.models import TO_WARN, WITHOUT_WAGES, Employment
from service.employers.rules import MONTHS_WITHOUT_WAGES, end_by_wages, months_later
from service.kernel.among import among
from service.kernel.database import UnitOfWork
from service.kernel.ids import unlinkable_id
from service.kernel.prepared import Prepared
from service.kernel.room import Timer
from service.people import operations as people
from service.people.models import Person
from service.signals import deadlines
from service.signals.asking.questions import NOT_ASKED, QUESTION, first_question
from service.signals.beginning import ONE_LIVE, WRITTEN, as_read, new_signal
from service.signals.course import first_clocks, follow_end_date
from service.signals.models import Signal, SignalReport
from service.signals.rules import Consent, EndReason, SignalOrigin, SignalPhase, SignalStatus, VacancyExpected
from service.signals.steps import Audience, StepKind, receipt_number
from service.signals.telling import audience_of, record, record_many, tell, tell_of_reports
from service.signals.views import is_live

AT_ONCE: Final = 500

_SIGNAL: Final = cast(Table, Signal.__table__)
_COLUMNS: Final = (*WRITTEN, *QUESTION)
_INSERT: Final = {
    True: Prepared(sqlite.insert(_SIGNAL).on_conflict_do_nothing(**ONE_LIVE), _COLUMNS),
    False: Prepared(postgresql.insert(_SIGNAL).on_conflict_do_nothing(**ONE_LIVE), _COLUMNS),
}
_WRITTEN: Final = Prepared(select(_SIGNAL.c.id).where(among(_SIGNAL.c.id, "signals")))
_TOLD: Final = Signal.__table__.alias("told")
_FACTS: Final = Prepared(
    select(
        Employment.id,
        Employment.employer_id,
        Employment.person_id,
        Employment.end_date,
        Employment.last_wage_month,
        func.coalesce(Person.is_client, False).label("is_client"),
        Link.disclosed_since.is_not(None).label("disclosed"),
        Signal.id.label("signal_id"),
        exists()
        .where(_TOLD.c.employment_id == Employment.id, _TOLD.c.registered_end_date == Employment.end_date)
        # A warning that went when its end had moved away was not about an end that has come back.
        .where(or_(_TOLD.c.status != SignalStatus.WITHDRAWN, exists().where(SignalReport.signal_id == _TOLD.c.id)))
        .label("told"),
    )
    .select_from(Employment)
    .outerjoin(Person, Person.id == Employment.person_id)
    .outerjoin(Link, Link.employment_id == Employment.id)
    .outerjoin(Signal, and_(Signal.employment_id == Employment.id, is_live()))
    .where(among(Employment.__table__.c.id, "employments"))
    .order_by(Employment.id)
)


class _Case(NamedTuple):
    found: Any
    phase: SignalPhase
    end: date


def _claimed(uow: UnitOfWork, ids: Sequence[str], still: tuple[Any, ...], looked_at: dict[str, Any]) -> list[Any]:
    """Those of these employments that are `still` due and that nobody else is at: marked as looked at, and what there
    is to know of them. Whether a link is disclosed is read behind the lock under which that is told, so that a
    disclosure at this moment is seen here or told afterwards."""
    wanted = select(Employment.id, Employment.person_id).where(uow.among(Employment.id, ids), *still)
    lock = wanted.order_by(Employment.id).with_for_update(skip_locked=True, key_share=True, of=Employment)
    rows = uow.execute(lock).all()
    if not rows:
        return []
    own = [row.id for row in rows]
    uow.execute(update(Employment).where(uow.among(Employment.id, own)).values(**looked_at))
    people.lock(uow, [row.person_id for row in rows if row.person_id is not None])
    return uow.find(_FACTS, {"employments": own})


def _ids(uow: UnitOfWork, mark: TextClause, conditions: tuple[Any, ...], order: Any, limit: int) -> list[str]:
    statement = select(Employment.id).where(mark, *conditions).order_by(order, Employment.id).limit(limit)
    return list(uow.execute(statement).scalars())


# --- An end comes near ------------------------------------------------------------------------------------------


def _near(uow: UnitOfWork) -> tuple[Any, ...]:
    until = months_later(uow.today, deadlines.EARLY_WARNING_MONTHS)
    return Employment.end_date >= uow.today, Employment.end_date <= until


def _near_due(uow: UnitOfWork, limit: int) -> list[str]:
    """Employments that end within three months and have not been looked at since their end date is what it is."""
    return _ids(uow, TO_WARN, _near(uow), Employment.end_date, limit)


def _warn(uow: UnitOfWork, ids: Sequence[str]) -> None:
    """A signal for each client among them that has none that is live, nor one about this very end."""
    found = _claimed(uow, ids, (TO_WARN, *_near(uow)), {"warned_end": Employment.end_date})
    _begin(
        uow,
        [
            _Case(each, SignalPhase.ENDING_SOON, each.end_date)
            for each in found
            if not each.told
            and deadlines.early_warning_due(
                each.end_date, uow.today, linked=each.is_client, live_signal=each.signal_id is not None
            )
        ],
    )


EARLY_WARNING = Timer("signals.early-warning", _near_due, lambda uow, each: _warn(uow, [each]), _warn, AT_ONCE)


# --- Wages have stopped -----------------------------------------------------------------------------------------


def _stopped(uow: UnitOfWork) -> tuple[Any, ...]:
    last = months_later(uow.today.replace(day=1), -MONTHS_WITHOUT_WAGES - 1)
    return (Employment.last_wage_month <= last,)


def _stopped_due(uow: UnitOfWork, limit: int) -> list[str]:
    """Employments without an end date of which the wages stopped three months ago."""
    return _ids(uow, WITHOUT_WAGES, _stopped(uow), Employment.last_wage_month, limit)


def _end_by_wages(uow: UnitOfWork, ids: Sequence[str]) -> None:
    """A signal for each client among them; one that is live already follows (docs/domain.md, clocks: end date)."""
    looked_at = {"warned_wages": Employment.last_wage_month}
    cases = []
    found = _claimed(uow, ids, (WITHOUT_WAGES, *_stopped(uow)), looked_at)
    own = select(Signal.employment_id, Signal.expected_end_date)
    told = {tuple(row) for row in uow.execute(own.where(uow.among(Signal.employment_id, ids), ~is_live()))}
    for each in found:
        end = end_by_wages(each.last_wage_month, uow.today)
        if end is None or not each.is_client or (each.id, end) in told:
            continue
        if each.signal_id is not None:
            _follow(uow, each.signal_id, end)
        else:
            cases.append(_Case(each, SignalPhase.ENDED, end))
    _begin(uow, cases)


def _follow(uow: UnitOfWork, signal_id: str, end: date) -> None:
    """What the wages show is UWV's knowledge: each party keeps its own statement."""
    signal = uow.session.get_one(Signal, signal_id, with_for_update={"of": Signal}, populate_existing=True)
    before, phase = signal.expected_end_date, signal.phase
    signal.expected_end_date, signal.phase = end, SignalPhase.ENDED
    follow_end_date(uow, signal)
    signal.changed_at = uow.now
    uow.flush()
    audience = audience_of(PartyKind.UWV, signal)
    if before != end:
        record(uow, signal, StepKind.END_DATE_CHANGED, PartyKind.SYSTEM, before=before, after=end, audience=audience)
    if phase is not signal.phase:
        values = {"before": phase, "after": signal.phase}
        record(uow, signal, StepKind.PHASE_CHANGED, PartyKind.SYSTEM, audience=audience, **values)
    if before != end or phase is not signal.phase:
        tell(uow, signal, "changed", audience=audience, because="wages-stopped")


WAGES_STOPPED = Timer(
    "signals.wages-stopped", _stopped_due, lambda uow, each: _end_by_wages(uow, [each]), _end_by_wages, AT_ONCE
)


# --- Signals of the register ------------------------------------------------------------------------------------


def _begin(uow: UnitOfWork, cases: Sequence[_Case]) -> None:
    """The signals, what their history says of it, and who hears of them. The employer is asked where it knows of the
    link, but for wages that stopped: about these the register asks each employer (`employers.questions`), and nobody
    is asked twice. Where another signal came in between, that one counts."""
    clocks = {end: first_clocks(uow.today, end) for end in {case.end for case in cases}}
    questions = {end: first_question(uow.today, end) for end in clocks}
    rows, begun = [], []
    for found, phase, end in cases:
        facts = {
            "phase": phase,
            "expected_end_date": end,
            "end_reason": EndReason.UNKNOWN,
            "employee_informed": False,
            "consent_to_contact_employer": Consent.UNKNOWN,
            "vacancy_expected": VacancyExpected.UNKNOWN,
        }
        number = receipt_number()
        row = new_signal(uow, found, SignalOrigin.REGISTER, number, facts, unlinkable_id(), found.disclosed)
        row |= clocks[end] | (questions[end] if found.disclosed and phase is SignalPhase.ENDING_SOON else NOT_ASKED)
        rows.append(row)
        begun.append(as_read(row, [], found))
    if not rows:
        return
    if uow.write(_INSERT[uow.is_sqlite], rows) != len(rows):
        there = {each.id for each in uow.find(_WRITTEN, {"signals": [row["id"] for row in rows]})}
        begun = [each for each in begun if each.id in there]
    asked = [each for each in begun if each.disclosed and each.phase is SignalPhase.ENDING_SOON]
    audiences = [Audience.ALL if each.disclosed else Audience.UWV_SIDE for each in begun]
    tell_of_reports(
        uow, [(each, each.phase, audience) for each, audience in zip(begun, audiences, strict=True)], PartyKind.SYSTEM
    )
    record_many(uow, asked, StepKind.QUESTION_ASKED, PartyKind.SYSTEM)
