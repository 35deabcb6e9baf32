"""Signals that begin with a report, one or many: the path that must be quick, so it writes through Core in few round
trips, however many they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from types import SimpleNamespace
from typing import Any, Final, NamedTuple, cast

from sqlalchemy import JSON, Table, and_, bindparam, case, column, exists, func, insert, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from service.access.rules import PartyKind
from service.contacts import operations as contacts
from service.contacts.models import Link
from service.employers.models import Employment
from service.employers.rules import RuleWarning
from service.kernel.among import among
from service.kernel.database import Id, UnitOfWork
from service.kernel.ids import new_id, unlinkable_id
from service.kernel.prepared import Prepared
from service.people.models import Person
from service.signals import deadlines
from service.signals.course import RESTARTED, WITHDRAWAL, first_clocks
from service.signals.models import LIVE, Signal, SignalReport
from service.signals.profiles.rules import asks_profile
from service.signals.rules import (
    NEEDS_INFORMED_EMPLOYEE,
    PHASE_MACHINE,
    Consent,
    SignalOrigin,
    SignalPhase,
    SignalStatus,
)
from service.signals.steps import Audience, receipt_number
from service.signals.telling import tell_of_reports
from service.signals.views import FACTS, is_live
from service.signals.wording import receipt_warnings

_ORIGINS: Final = {
    PartyKind.EMPLOYER: SignalOrigin.EMPLOYER,
    PartyKind.JOBCOACH_ORGANISATION: SignalOrigin.JOBCOACH,
}
_RECEIPT_CONTACT: Final = ("kind", "name", "role", "office", "phone", "email")
_SIGNAL: Final = cast(Table, Signal.__table__)
ONE_LIVE: Final[dict[str, Any]] = {"index_elements": ["employment_id"], "index_where": LIVE}
WRITTEN: Final = (
    "id", "version", "number", "employment_id", "employer_id", "person_id", "origin", *FACTS, "registered_end_date",
    "status", "employer_since", "told_employer", "acknowledge_by", "plan_by", "start_interview_by", "escalate_on",
    "tell_employer", "profile_asked_on", "profile_given_on", "reported_at", "changed_at",
)  # fmt: skip
_RETURNED: Final = tuple(_SIGNAL.c[name] for name in ("id", "version", "origin", "phase", "employment_id"))


# --- The statements ---------------------------------------------------------------------------------------------


def _unless_live(into: Any) -> Any:
    return into.on_conflict_do_nothing(**ONE_LIVE).returning(*_RETURNED)


def _or_take_over(into: Any) -> Any:
    """An employer's report: a new signal, or the early warning that it could not see, which begins anew with it. The
    same statement does either, so that the time it takes does not tell which it was."""
    new, old = into.excluded, _SIGNAL.c
    refused = [
        and_(old.phase == source, new.phase == target)
        for source in SignalPhase
        for target in SignalPhase
        if target not in PHASE_MACHINE.allowed(source, PartyKind.EMPLOYER)
    ]
    as_reported = {
        name: new[name]
        for name in (*WRITTEN, *RESTARTED)
        if name not in ("id", "version", "number", "employment_id", "employer_id", "person_id", "origin")
    }
    values = as_reported | {
        "version": old.version + 1,
        "phase": case((or_(*refused), old.phase), else_=new.phase),
        "employee_informed": or_(new.employee_informed, old.phase.in_(sorted(NEEDS_INFORMED_EMPLOYEE))),
        "consent_to_contact_employer": old.consent_to_contact_employer,
    }
    return into.on_conflict_do_update(**ONE_LIVE, set_=values, where=old.employer_since.is_(None)).returning(*_RETURNED)


def _of_many() -> Any:
    """Rows that come as one JSON value, since PostgreSQL answers a row at a time with a round trip each."""
    columns = [column(name, _SIGNAL.c[name].type) for name in WRITTEN]
    given = func.json_to_recordset(bindparam("signals", type_=JSON)).table_valued(*columns, name="given")
    return postgresql.insert(_SIGNAL).from_select(WRITTEN, select(*given.render_derived(with_types=True).c))


class _Insert(NamedTuple):
    """The same for each database, and for many rows at once on PostgreSQL."""

    sqlite: Prepared
    postgresql: Prepared
    many: Prepared

    @classmethod
    def of(cls, conflict: Any) -> _Insert:
        return cls(
            Prepared(conflict(sqlite.insert(_SIGNAL)), WRITTEN),
            Prepared(conflict(postgresql.insert(_SIGNAL)), WRITTEN),
            Prepared(conflict(_of_many())),
        )


_UNLESS_LIVE: Final = _Insert.of(_unless_live)
_OR_TAKE_OVER: Final = _Insert.of(_or_take_over)
INSERT_REPORT: Final = Prepared(
    insert(cast(Table, SignalReport.__table__)),
    [column.name for column in SignalReport.__table__.columns if column.name not in WITHDRAWAL],
)
_OF_EMPLOYMENT: Final = _SIGNAL.alias("of_employment")


def _earlier(name: str) -> Any:
    """When the employer was asked, or gave its profile, with any signal of the employment."""
    asked = select(func.max(_OF_EMPLOYMENT.c[name])).where(_OF_EMPLOYMENT.c.employment_id == Employment.id)
    return asked.correlate(Employment).scalar_subquery().label(name)


# Built once: what a report has to know, in one statement.
_FOUND: Final = (
    select(
        Employment.id,
        Employment.employer_id,
        Employment.person_id,
        Employment.reference,
        Employment.employee_number,
        Employment.start_date,
        Employment.end_date,
        Employment.jobcoach_organisation_id,
        func.coalesce(Person.is_client, False).label("is_client"),
        Link.disclosed_since.is_not(None).label("disclosed"),
        Signal.id.label("signal_id"),
        Signal.employer_since,
        exists().where(SignalReport.signal_id == Signal.id).label("reported"),
        _earlier("profile_asked_on"),
        _earlier("profile_given_on"),
    )
    .select_from(Employment)
    .outerjoin(Person, Person.id == Employment.person_id)
    .outerjoin(Link, Link.employment_id == Employment.id)
    .outerjoin(Signal, and_(Signal.employment_id == Employment.id, is_live()))
)
_FIND: Final = Prepared(_FOUND.where(Employment.id == bindparam("employment_id", type_=Id)))
_AT_EMPLOYER: Final = Employment.employer_id == bindparam("employer_id", type_=Id)
_FIND_MANY: Final = {
    "id": Prepared(_FOUND.where(among(Employment.__table__.c.id, "values"))),
    **{
        name: Prepared(_FOUND.where(_AT_EMPLOYER, among(Employment.__table__.c[name], "values")))
        for name in ("reference", "employee_number")
    },
}
_EMPTY: Final[dict[str, Any]] = dict.fromkeys((*_SIGNAL.columns.keys(), *WITHDRAWAL))


def find(uow: UnitOfWork, employment_id: str) -> Any:
    """What a report has to know of an employment; None: there is none."""
    return next(iter(uow.find(_FIND, {"employment_id": employment_id})), None)


def find_many(uow: UnitOfWork, name: str, values: Sequence[str], employer_id: str | None = None) -> list[Any]:
    """The same of all whose `name` (id; at this employer reference or employee_number) is one of these."""
    return uow.find(_FIND_MANY[name], {"values": values, "employer_id": employer_id}) if values else []


def is_hidden(kind: PartyKind, found: Any) -> bool:
    """Whether the live signal is an early warning that this reporter cannot see."""
    return kind is PartyKind.EMPLOYER and found.employer_since is None and not found.reported


def insert_signals(
    uow: UnitOfWork, signals: Sequence[Mapping[str, Any]], *, take_over: bool = False
) -> dict[str, dict[str, Any]]:
    """Writes signals of different employments. What the database made of each, by employment; nothing where another
    one is live."""
    insert_into = _OR_TAKE_OVER if take_over else _UNLESS_LIVE
    if len(signals) > 1 and not uow.is_sqlite:
        written = uow.find(insert_into.many, {"signals": [{name: each[name] for name in WRITTEN} for each in signals]})
    else:
        one = insert_into.sqlite if uow.is_sqlite else insert_into.postgresql
        written = [row for each in signals for row in uow.find(one, each)]
    return {row.employment_id: row._asdict() for row in written}


# --- Beginning --------------------------------------------------------------------------------------------------


class Reported(NamedTuple):
    """A report on its way: what is known of the employment (a row of `find`), and what it says."""

    found: Any
    data: Mapping[str, Any]


def begin(uow: UnitOfWork, kind: PartyKind, reports: Sequence[Reported]) -> list[Signal | None]:
    """For each of these reports, of different employments, a new signal, or the early warning that an employer could
    not see; None where another party's came in between."""
    employer = kind is PartyKind.EMPLOYER
    told = _contacts(uow, [each.found.id for each in reports])
    clocks = {end: first_clocks(uow.today, end) for end in {each.data["expected_end_date"] for each in reports}}
    signals, stated = [], []
    for each in reports:
        found, data = each.found, each.data
        visible = employer or data["consent_to_contact_employer"] is Consent.GRANTED
        facts = {name: data[name] for name in FACTS}
        if employer:
            facts["consent_to_contact_employer"] = Consent.UNKNOWN
        own_clocks = clocks[data["expected_end_date"]]
        report = report_values(uow, kind, each, unlinkable_id(), visible, own_clocks, told[found.id])
        signals.append(
            new_signal(uow, found, _ORIGINS[kind], report["number"], facts, report["signal_id"], visible)
            | own_clocks
            | profile_asked(uow, kind, data["phase"], found)
        )
        stated.append(report)
    written = insert_signals(uow, signals, take_over=employer)
    begun: list[Signal | None] = []
    for each, signal, report in zip(reports, signals, stated, strict=True):
        row = written.get(each.found.id)
        if row is None:
            begun.append(None)
            continue
        report["signal_id"] = row["id"]
        begun.append(as_read(signal | row, [report], each.found))
    new = [report for report, row in zip(stated, begun, strict=True) if row is not None]
    if new:
        uow.write(INSERT_REPORT, new)
    tell_of_reports(
        uow,
        [
            (row, report["phase"], Audience.ALL if report["visible_to_employer"] else Audience.NOT_EMPLOYER)
            for row, report in zip(begun, stated, strict=True)
            if row is not None
        ],
        kind,
    )
    return begun


def profile_asked(uow: UnitOfWork, kind: PartyKind, phase: SignalPhase, before: Any) -> dict[str, Any]:
    """When the employer is asked for its handover profile; `before` says when it was asked, or gave it, already."""
    asked, given = before.profile_asked_on, before.profile_given_on
    if asks_profile(kind, phase, asked=asked is not None, given=given is not None):
        asked = uow.today
    return {"profile_asked_on": asked, "profile_given_on": given}


def _contacts(uow: UnitOfWork, employment_ids: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
    if len(employment_ids) == 1:
        return {each: contacts.public_contact(uow, each) for each in employment_ids}
    return contacts.public_contacts(uow, employment_ids)


def reporting_party(kind: PartyKind, found: Any) -> str | None:
    """For whom a party of this kind reports: the employer, or the organisation that coaches the employee."""
    party_id: str | None = found.employer_id if kind is PartyKind.EMPLOYER else found.jobcoach_organisation_id
    return party_id


def as_read(signal: Mapping[str, Any], reports: list[Mapping[str, Any]], found: Any) -> Signal:
    """What was just written, as the views read it: making mapped objects of it would cost more than writing it."""
    more = {"disclosed": found.disclosed, "is_client": found.is_client}
    own = [SimpleNamespace(**(_EMPTY | dict(report))) for report in reports]
    return cast(Signal, SimpleNamespace(**(_EMPTY | dict(signal) | more), reports=own))


def new_signal(
    uow: UnitOfWork,
    found: Any,
    origin: SignalOrigin,
    number: str,
    facts: Mapping[str, Any],
    signal_id: str,
    visible: bool,
) -> dict[str, Any]:
    """`visible`: the employer may see it, and is told of it at once."""
    return {
        "id": signal_id,
        "version": 1,
        "number": number,
        "employment_id": found.id,
        "employer_id": found.employer_id,
        "person_id": found.person_id,
        "origin": origin,
        **facts,
        "registered_end_date": found.end_date,
        "status": SignalStatus.REPORTED,
        "employer_since": uow.now if visible else None,
        "told_employer": 1 if visible else 0,
        "tell_employer": False,
        "profile_asked_on": None,
        "profile_given_on": None,
        "reported_at": uow.now,
        "changed_at": uow.now,
    }


def warnings_of(found: Any, data: Mapping[str, Any], today: date) -> list[RuleWarning]:
    """What the reporter may want to look at."""
    return receipt_warnings(
        received=today,
        phase=data["phase"],
        end=data["expected_end_date"],
        employee_informed=data["employee_informed"],
        start=found.start_date,
        registered_end=found.end_date,
    )


def report_values(
    uow: UnitOfWork,
    kind: PartyKind,
    reported: Reported,
    signal_id: str,
    visible: bool,
    clocks: Mapping[str, Any],
    contact: Mapping[str, Any],
) -> dict[str, Any]:
    """A party's report with its receipt, which stays as it was given."""
    found, data = reported
    end, received = data["expected_end_date"], uow.today
    number = receipt_number()
    receipt = {
        "number": number,
        "contact": {name: contact[name] for name in _RECEIPT_CONTACT},
        **{name: clocks[name] and clocks[name].isoformat() for name in clocks if name != "escalate_on"},
        "lead_time_days": deadlines.lead_time_days(received, end),
        "timely": deadlines.timely(received, end, found.start_date, data["end_reason"]),
        "warnings": [
            {"code": warning.code, "text": list(warning.text)} for warning in warnings_of(found, data, received)
        ],
    }
    return {
        "id": new_id(),
        "signal_id": signal_id,
        "party_id": reporting_party(kind, found),
        "party_kind": kind,
        "number": number,
        "reference": data["reference"],
        **{name: data[name] for name in FACTS},
        "receipt": receipt,
        "visible_to_employer": visible,
        "reported_at": uow.now,
    }
