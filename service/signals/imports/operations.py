"""Taking over a file of contract ends, a piece of rows at a time. Signals that begin are written together, by the code
of a single report, and so are changes; a row that joins another party's goes the way of a single request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, cast

from sqlalchemy import Select, Table, bindparam, false, insert, select
from sqlalchemy.exc import IntegrityError

from service.access.actor import NOBODY, ActingParty, Actor, log_access
from service.access.models import Party
from service.access.rules import PartyKind, Purpose
from service.employers.employments import employer_of
from service.kernel.among import among
from service.kernel.database import UnitOfWork
from service.kernel.imports import jobs
from service.kernel.imports.columns import Finding
from service.kernel.imports.models import ImportJob, ImportMode, Outcome
from service.kernel.imports.runner import CheckedRow, Headings, ImportKind, mark_seen, seen_before
from service.kernel.imports.serving import Served
from service.kernel.imports.uploads import Upload
from service.kernel.paging import page
from service.kernel.prepared import Prepared
from service.kernel.problems import Problem, not_found
from service.kernel.text import Text
from service.signals.beginning import Reported, begin, is_hidden, warnings_of
from service.signals.handling import change_signals, changes
from service.signals.imports.models import ImportedReport
from service.signals.imports.naming import Naming
from service.signals.imports.rules import Course, Known, as_the_clock_left_it, course_of
from service.signals.imports.schemas import COLUMNS, EXAMPLE, SignalRow
from service.signals.models import Signal, SignalReport
from service.signals.reading import log
from service.signals.reporting import check_informed, join
from service.signals.rules import LIVE_STATUSES, Consent, EndReason, VacancyExpected
from service.signals.telling import address
from service.signals.views import FACTS
from service.signals.wording import ReceiptWarning

_REPORTERS: Final = (PartyKind.EMPLOYER, PartyKind.JOBCOACH_ORGANISATION)
_REPORT: Final = SignalReport.__table__
_SIGNAL: Final = Signal.__table__
_STATED: Final = ("reference", *FACTS)
_OWN: Final = Prepared(
    select(
        _REPORT.c.id,
        _REPORT.c.signal_id,
        _REPORT.c.withdrawn_at,
        *(_REPORT.c[name] for name in _STATED),
        _SIGNAL.c.employment_id,
        _SIGNAL.c.status,
        *(_SIGNAL.c[name].label(f"known_{name}") for name in FACTS),
    )
    .join(_SIGNAL, _SIGNAL.c.id == _REPORT.c.signal_id)
    .where(among(_SIGNAL.c.employment_id, "employments"), among(_REPORT.c.party_id, "parties"))
    .order_by(_REPORT.c.reported_at, _REPORT.c.id)
)
_REPORT_WITH: Final = Prepared(select(_REPORT.c.id).where(_REPORT.c.number == bindparam("number")))
_REMEMBER: Final = Prepared(insert(cast(Table, ImportedReport.__table__)))
_DEFAULTS: Final[dict[str, Any]] = {
    "reference": None,
    "expected_end_date": None,
    "end_reason": EndReason.UNKNOWN,
    "consent_to_contact_employer": Consent.UNKNOWN,
    "vacancy_expected": VacancyExpected.UNKNOWN,
}
_AS_GIVEN: Final = {"signal_reference": "reference"} | {name: name for name in FACTS}
_COLUMN_OF: Final[dict[ReceiptWarning, str]] = {
    ReceiptWarning.EMPLOYEE_NOT_INFORMED: "employeeInformed",
    **{each: "expectedEndDate" for each in ReceiptWarning if each is not ReceiptWarning.EMPLOYEE_NOT_INFORMED},
}
_TWICE: Final = Text("Dit dienstverband stond al eerder in het bestand.", "This employment stood in the file before.")
_OVER: Final = Text(
    "Dit heeft u al zo gemeld. Die melding is afgerond of ingetrokken, en blijft zo.",
    "You reported exactly this before. That signal is closed or withdrawn, and stays so.",
)


def visible_imports(actor: Actor) -> Select[Any]:
    """Who reports, its own."""
    statement = select(ImportJob).where(ImportJob.kind == KIND.name)
    if actor.kind not in _REPORTERS:
        return statement.where(false())
    return statement.where(ImportJob.party_id.in_(actor.party_ids(actor.kind)))


def import_signals(uow: UnitOfWork, actor: Actor, upload: Upload, query: Mapping[str, Any]) -> dict[str, Any]:
    """Puts a file of contract ends in the line. Raises 400 where it is not said for which employer, 409 where too many
    wait."""
    actor.require(*_REPORTERS)
    employer_id = query.get("employer_id")
    if actor.kind is PartyKind.EMPLOYER:
        employer_id = employer_of(actor, employer_id, in_query=True)
        parties = [employer_id]
    else:
        parties = actor.party_ids(actor.kind)
    options = {"kind": actor.kind.value, "parties": parties, "employer_id": employer_id}
    asked = {"mode": ImportMode.CHANGES, "dry_run": query["dry_run"]}
    return jobs.submit(uow, KIND, upload, asked, client_id=actor.client_id, party_id=parties[0], options=options)


def _looked(uow: UnitOfWork, actor: Actor, job_id: str, people_told: Sequence[str]) -> None:
    log_access(
        uow, actor, Purpose.CONTRACT_END, "signal-import.read", people_told, f"contract-end-signal-imports/{job_id}"
    )


def _taken(uow: UnitOfWork, actor: Actor, job_id: str) -> None:
    place = f"contract-end-signal-imports/{job_id}/failed-rows"
    log_access(uow, actor, Purpose.CONTRACT_END, "signal-import.failed-rows", [NOBODY], place)


def list_receipts(uow: UnitOfWork, actor: Actor, job_id: str, query: Mapping[str, Any]) -> dict[str, Any]:
    """By row that went well the number of its receipt and its signal. Raises 404."""
    job = uow.session.scalars(visible_imports(actor).where(ImportJob.id == job_id)).one_or_none()
    if job is None:
        raise not_found()
    statement = select(ImportedReport).where(ImportedReport.job_id == job.id)
    if "outcome" in query:
        statement = statement.where(ImportedReport.outcome == query["outcome"])
    rows: list[ImportedReport] = []

    def view(row: ImportedReport) -> dict[str, Any]:
        rows.append(row)
        return {"number": row.number, "outcome": row.outcome}

    found = page(uow, statement, (ImportedReport.number,), query, view)
    wanted = (
        select(SignalReport.id, SignalReport.number, SignalReport.receipt, SignalReport.signal_id)
        .add_columns(Signal.employment_id, Signal.person_id)
        .join(Signal, Signal.id == SignalReport.signal_id)
        .where(uow.among(SignalReport.id, [row.report_id for row in rows]))
    )
    reports = {each.id: each for each in uow.execute(wanted)}
    for item, row in zip(found["items"], rows, strict=True):
        report = reports[row.report_id]
        item |= {
            "signal_id": report.signal_id,
            "employment_id": report.employment_id,
            "receipt_number": report.number,
            "acknowledge_by": date.fromisoformat(report.receipt["acknowledge_by"]),
        }
        log_access(
            uow, actor, Purpose.CONTRACT_END, "signal.read", [report.person_id or NOBODY], address(report.signal_id)
        )
    return found


# --- A piece of rows --------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Case:
    """A row on its way: the employment, what the party itself stated of it before, and what the row says now."""

    row: CheckedRow
    found: Any
    given: dict[str, Any]
    own: Any = None
    course: Course = Course.BEGINS
    report_id: str | None = None

    @property
    def data(self) -> dict[str, Any]:
        """As a single report says it."""
        return _DEFAULTS | self.given

    @property
    def news(self) -> dict[str, Any]:
        """What the row says otherwise than the party said before."""
        return {name: value for name, value in self.given.items() if getattr(self.own, name) != value}


def handle(uow: UnitOfWork, job: ImportJob, rows: Sequence[CheckedRow], headings: Headings) -> None:
    """Looks at all rows first, then writes what is right and new."""
    actor = _actor(uow, job)
    naming = Naming(uow, actor, job.options["employer_id"], rows, headings)
    named = [(row, naming.employment_of(row)) for row in rows]
    before = seen_before(uow, job, sorted({found.id for _, found in named if found is not None}))
    seen = set(before)
    cases = []
    for row, found in named:
        if found is None:
            continue
        if found.id in seen:
            column = next(each for each in ("employment", "reference", "employeeNumber") if each in headings)
            row.findings.append(Finding(headings[column], "twice", _TWICE))
        seen.add(found.id)
        if not row.failed:
            cases.append(
                _Case(row, found, {own: row.data[name] for name, own in _AS_GIVEN.items() if name in row.data})
            )
    own = _own(uow, actor, [case.found.id for case in cases])
    for case in cases:
        case.own = own.get(case.found.id)
        _weigh(uow, actor.kind, case, headings)
    right = [case for case in cases if not case.row.failed]
    if not job.dry_run:
        _write(uow, job, actor, right, headings)
    mark_seen(uow, job, sorted(seen - before))


def _actor(uow: UnitOfWork, job: ImportJob) -> Actor:
    """Whoever sent the file: what the worker does, it does for them."""
    kind, ids = PartyKind(job.options["kind"]), job.options["parties"]
    names = {row.id: row.name for row in uow.execute(select(Party.id, Party.name).where(Party.id.in_(ids)))}
    parties = tuple(ActingParty(each, kind, names[each]) for each in ids)
    return Actor(job.client_id, parties, frozenset(), f"contract-end-signal-imports/{job.id}")


def _own(uow: UnitOfWork, actor: Actor, employment_ids: Sequence[str]) -> dict[str, Any]:
    """What the party stated last of each employment, before all in a signal that is live."""
    if not employment_ids:
        return {}
    found: dict[str, Any] = {}
    for row in uow.find(_OWN, {"employments": employment_ids, "parties": actor.party_ids(actor.kind)}):
        earlier = found.get(row.employment_id)
        if earlier is None or not _counts(earlier) or _counts(row):
            found[row.employment_id] = row
    return found


def _counts(own: Any) -> bool:
    return own.status in LIVE_STATUSES and own.withdrawn_at is None


def _weigh(uow: UnitOfWork, kind: PartyKind, case: _Case, headings: Headings) -> None:
    """Says what comes of a row, and what is wrong with it."""
    own, found = case.own, case.found
    if own is not None:
        case.given["phase"] = as_the_clock_left_it(
            case.given["phase"], case.given.get("expected_end_date", own.expected_end_date), own.phase, uow.today
        )
    known = None
    if own is not None:
        known = Known(counts=_counts(own), same=not case.news, in_live=own.signal_id == found.signal_id)
    seen = found.signal_id is not None and found.employer_since is not None
    taken = found.signal_id is not None and not is_hidden(kind, found)
    case.course = course_of(known, taken=taken, seen=seen)
    try:
        _check(kind, case)
    except Problem as problem:
        case.row.findings.extend(_findings(problem, headings))
        return
    if case.course in (Course.SAME, Course.OVER):
        case.report_id = own.id
        if case.course is Course.OVER:
            case.row.warnings.append(Finding(None, "signal-over", _OVER))
        return
    case.row.outcome = Outcome.CHANGED if case.course is Course.CHANGES else Outcome.CREATED
    case.row.warnings.extend(
        Finding(headings.get(_COLUMN_OF[code], _COLUMN_OF[code]), code.value, warning.text)
        for warning in warnings_of(found, _stated(case), uow.today)
        for code in (ReceiptWarning(warning.code),)
    )


def _stated(case: _Case) -> dict[str, Any]:
    """What the party has stated after this row."""
    if case.course is not Course.CHANGES:
        return case.data
    return {name: getattr(case.own, name) for name in _STATED} | case.given


def _check(kind: PartyKind, case: _Case) -> None:
    """Raises what a single request would, before anything is written."""
    if case.course is Course.CHANGES:
        facts = case.own
        if kind is not PartyKind.EMPLOYER:
            facts = _Facts(case.own)
        changes(kind, facts, case.news)
    elif case.course is not Course.SAME and case.course is not Course.OVER:
        check_informed(case.data["phase"], case.data["employee_informed"])


class _Facts:
    """What UWV's side knows, where a change is measured by that."""

    def __init__(self, own: Any) -> None:
        for name in FACTS:
            setattr(self, name, getattr(own, f"known_{name}"))


def _findings(problem: Problem, headings: Headings) -> list[Finding]:
    """What a single request would answer, by column."""
    if not problem.errors:
        column = "phase" if problem.code == "forbidden-transition" else None
        return [Finding(column and headings.get(column, column), problem.code, problem.detail)]
    columns = [(error.pointer or "").strip("/") for error in problem.errors]
    return [
        Finding(headings.get(column, column), error.code, error.text)
        for column, error in zip(columns, problem.errors, strict=True)
    ]


def _write(uow: UnitOfWork, job: ImportJob, actor: Actor, cases: Sequence[_Case], headings: Headings) -> None:
    """All that begin, then all that change, then one by one those that join; each in one order, so that two files about
    the same people wait for each other."""
    beginning = sorted((case for case in cases if case.course is Course.BEGINS), key=lambda case: case.found.id)
    for case, signal in zip(
        beginning, begin(uow, actor.kind, [Reported(case.found, case.data) for case in beginning]), strict=True
    ):
        if signal is None:
            case.course = Course.JOINS
            continue
        case.report_id = signal.reports[0].id
        log(uow, actor, signal, "signal.reported")
    changing = {case.own.signal_id: case for case in cases if case.course is Course.CHANGES}
    news = {signal_id: case.news for signal_id, case in changing.items()}
    refused = change_signals(uow, actor, news) if news else {}
    for signal_id, case in changing.items():
        if signal_id in refused:
            case.row.findings.extend(_findings(refused[signal_id], headings))
        else:
            case.report_id = case.own.id
    for case in sorted((case for case in cases if case.course is Course.JOINS), key=lambda case: case.found.id):
        try:
            number = join(uow, actor, case.found, case.data)["number"]
        except Problem as problem:
            if isinstance(problem.__context__, IntegrityError):
                # Nothing of this piece stands: it is done again.
                raise
            case.row.findings.extend(_findings(problem, headings))
            continue
        [row] = uow.find(_REPORT_WITH, {"number": number})
        case.report_id = row.id
    done = [
        {"job_id": job.id, "number": case.row.number, "report_id": case.report_id, "outcome": case.row.outcome}
        for case in cases
        if case.report_id is not None
    ]
    if done:
        uow.write(_REMEMBER, done)


KIND: Final = ImportKind(
    name="contract-end-signals",
    columns=COLUMNS,
    schema=SignalRow(),
    handle=handle,
    example=EXAMPLE,
    mend={
        "unknown-reference": Text(
            "Gebruik het id, de referentie of het personeelsnummer waarmee u het dienstverband heeft aangemeld.",
            "Use the id, reference or employee number with which you registered the employment.",
        ),
        "two-employments": Text("Laat er één staan, of verbeter ze.", "Leave one of them, or mend them."),
        "employer-needed": Text(
            "Stuur het bestand opnieuw met employerId in het adres.",
            "Send the file again with employerId in the address.",
        ),
        "twice": Text("Laat één rij per dienstverband staan.", "Leave one row for each employment."),
        "employee-not-informed": Text(
            "Weet de werknemer het? Zet er dan ja. Zo niet: meld twijfel.",
            "Does the employee know? Then put yes. If not: report a doubt.",
        ),
        "signal-over": Text(
            "Loopt het contract toch af? Meld dan wat er anders is, of neem de intrekking terug.",
            "Does the contract end after all? Report what is different, or take the withdrawal back.",
        ),
    },
)

SERVED: Final = Served(KIND, "contract-end-signal", "signals:read", visible_imports, _looked, _taken)
