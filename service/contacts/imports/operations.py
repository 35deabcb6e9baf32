"""Taking over a caseload: a piece of rows at a time, in sets, and nothing for what is known already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any, Final

from sqlalchemy import Select, false, select

from service.access.actor import NOBODY, ActingParty, Actor, log_access
from service.access.models import Party
from service.access.rules import PartyKind, Purpose
from service.contacts.assigning import NewAssignment, assign_many, in_force
from service.contacts.imports import links
from service.contacts.imports.schemas import COLUMNS, AssignmentRow
from service.contacts.imports.staff import Naming
from service.contacts.models import Assignment
from service.contacts.rules import Staff, Writing, writing
from service.kernel.among import among
from service.kernel.clock import amsterdam_day
from service.kernel.database import UnitOfWork
from service.kernel.imports import jobs
from service.kernel.imports.columns import Finding
from service.kernel.imports.models import ImportJob, ImportMode, ImportSeen, Outcome
from service.kernel.imports.runner import Absent, CheckedRow, Headings, ImportKind, mark_seen, seen_before
from service.kernel.imports.serving import Served
from service.kernel.imports.uploads import Upload
from service.kernel.prepared import Prepared
from service.kernel.problems import FieldError, invalid_input
from service.kernel.text import Text
from service.people import many
from service.people import operations as people
from service.people.models import IndexKind
from service.people.operations import Identity, Number

_ASSIGNMENT: Final = Assignment.__table__
_ASSIGNED: Final = Prepared(
    select(
        *(_ASSIGNMENT.c[name] for name in ("person_id", "valid_from", "caseworker_id", "team_id", "backup_id"))
    ).where(among(_ASSIGNMENT.c.person_id, "people"))
)
_NOBODY: Final = Staff(None, None, None)
_IDENTIFYING: Final = tuple(each.name for each in fields(Identity))
_NUMBERS: Final = ((IndexKind.BSN, "bsn"), (IndexKind.CLIENT_NUMBER, "client_number"))

_WHO: Final = Text("Vul het BSN of het cliëntnummer in.", "Fill in the BSN or the client number.")
_TWO_PEOPLE: Final = Text(
    "Dit BSN en dit cliëntnummer horen bij verschillende mensen.",
    "This BSN and this client number belong to different people.",
)
_OTHER_BSN: Final = Text(
    "Bij dit cliëntnummer kennen we een ander BSN.", "We know another BSN with this client number."
)
_TWICE: Final = Text("Deze persoon stond al eerder in het bestand.", "This person stood in the file before.")
_NOTHING_TO_END: Final = Text(
    "Deze persoon kennen we niet. Noem wie er verantwoordelijk is.",
    "This person is unknown. Name who is responsible.",
)
_LATER: Final = Text(
    "Voor deze persoon is al een latere toewijzing begonnen. Die blijft gelden.",
    "A later assignment of this person has begun already. That one stays in force.",
)
_MISSING: Final = Text(
    "Voor deze persoon is iemand verantwoordelijk, maar de persoon staat niet in het bestand.",
    "Somebody is responsible for this person, who is not in the file.",
)
_NOT_ENDED: Final = Text(
    "Deze persoon staat niet in het bestand. De toewijzing is niet beëindigd, omdat er fouten in het bestand staan.",
    "This person is not in the file. The assignment was not ended, because there are errors in the file.",
)
_NEEDS_FULL: Final = Text(
    "Dit kan alleen met mode=full: dan bevat het bestand iedereen.",
    "This needs mode=full: then the file holds everybody.",
)
_ENDED: Final = Text(
    "Deze persoon staat niet in het bestand. Niemand is meer verantwoordelijk.",
    "This person is not in the file. Nobody is responsible any more.",
)


def visible_imports(actor: Actor) -> Select[Any]:
    """UWV its own."""
    statement = select(ImportJob).where(ImportJob.kind == KIND.name)
    if actor.kind is not PartyKind.UWV:
        return statement.where(false())
    return statement.where(ImportJob.party_id.in_(actor.party_ids(PartyKind.UWV)))


def import_assignments(uow: UnitOfWork, actor: Actor, upload: Upload, query: Mapping[str, Any]) -> dict[str, Any]:
    """Puts a file of the caseload in the line. Raises 409 where too many wait."""
    actor.require(PartyKind.UWV)
    if query["end_missing"] and query["mode"] is not ImportMode.FULL:
        raise invalid_input([FieldError("needs-full", _NEEDS_FULL, parameter="endMissing")])
    options = {"end_missing": query["end_missing"]}
    return jobs.submit(uow, KIND, upload, query, client_id=actor.client_id, party_id=actor.party.id, options=options)


def _looked(uow: UnitOfWork, actor: Actor, job_id: str, people_told: Sequence[str]) -> None:
    """Who is missing is told by id: a look at that person."""
    log_access(uow, actor, Purpose.CASELOAD, "assignment-import.read", people_told, f"assignment-imports/{job_id}")


def _taken(uow: UnitOfWork, actor: Actor, job_id: str) -> None:
    place = f"assignment-imports/{job_id}/failed-rows"
    log_access(uow, actor, Purpose.CASELOAD, "assignment-import.failed-rows", [NOBODY], place)


# --- A piece of rows --------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Case:
    """A row on its way. `person_id` None: nobody whom we know; `staff` None: the row fails; `doubted`: its numbers
    belong to different people; `new_numbers` are nobody's yet."""

    row: CheckedRow
    valid_from: date
    staff: Staff | None = None
    person_id: str | None = None
    doubted: bool = False
    keys: list[str] = field(default_factory=list)
    numbers: list[Number] = field(default_factory=list)
    new_numbers: list[Number] = field(default_factory=list)

    def __post_init__(self) -> None:
        data = self.row.data
        self.numbers = [(kind, data[name]) for kind, name in _NUMBERS if name in data]

    @property
    def identity(self) -> Identity:
        return Identity(*map(self.row.data.get, _IDENTIFYING))


def handle(uow: UnitOfWork, job: ImportJob, rows: Sequence[CheckedRow], headings: Headings) -> None:
    """Looks at all rows first, then writes what is right and new."""
    first_day = amsterdam_day(job.created_at)
    cases = [_Case(row, row.data.get("valid_from", first_day)) for row in rows]
    _find_people(uow, cases, headings)
    before = _check_twice(uow, job, cases, headings)
    naming = Naming(uow, rows)
    for case in cases:
        case.staff = naming.staff_of(case.row, headings)
        links.check(uow, case.row, headings)
        if not case.row.failed and case.person_id is None and case.staff is not None and case.staff.is_nobody:
            _find(case, headings, "caseworker", "nothing-to-end", _NOTHING_TO_END)
    right = [case for case in cases if not case.row.failed]
    news = _weigh(uow, right, headings)
    _write(uow, job, right, news, headings)
    keys = {key for case in cases for key in ([case.person_id] if case.person_id else case.keys)}
    mark_seen(uow, job, sorted(keys - before))


def _find(case: _Case, headings: Headings, column: str, code: str, text: Text) -> None:
    case.row.findings.append(Finding(headings.get(column, column), code, text))


def _find_people(uow: UnitOfWork, cases: Sequence[_Case], headings: Headings) -> None:
    known = many.find_many(uow, {number for case in cases for number in case.numbers})
    doubtful = []
    for case in cases:
        data = case.row.data
        if not case.numbers:
            # A number that is wrong was told already.
            wrong = {headings.get(each, each) for each in ("bsn", "clientNumber")}
            if not any(finding.field in wrong for finding in case.row.findings):
                column = "bsn" if "bsn" in headings or "clientNumber" not in headings else "clientNumber"
                _find(case, headings, column, "required", _WHO)
            continue
        owners = {kind: known[kind, value].person_id for kind, value in case.numbers}
        by_bsn, by_number = owners.get(IndexKind.BSN), owners.get(IndexKind.CLIENT_NUMBER)
        case.person_id = by_bsn or by_number
        case.keys = [case.person_id] if case.person_id else [known[number].key for number in case.numbers]
        case.new_numbers = [number for number in case.numbers if owners[number[0]] is None]
        if by_bsn and by_number and by_bsn != by_number:
            case.doubted = True
            _find(case, headings, "clientNumber", "two-people", _TWO_PEOPLE)
        elif by_number and not by_bsn and "bsn" in data:
            doubtful.append(case)
    with_another = many.with_bsn(uow, {case.person_id for case in doubtful if case.person_id is not None})
    for case in doubtful:
        if case.person_id in with_another:
            case.doubted = True
            _find(case, headings, "bsn", "other-bsn", _OTHER_BSN)


def _check_twice(uow: UnitOfWork, job: ImportJob, cases: Sequence[_Case], headings: Headings) -> set[str]:
    """Refuses who stood in the file before; gives the keys of those who stood in earlier pieces."""
    before = seen_before(uow, job, sorted({key for case in cases for key in case.keys}))
    named: set[tuple[IndexKind, str]] = set()
    new: set[str] = set()
    for case in cases:
        other = before.isdisjoint(case.keys) and new.isdisjoint(case.keys) and named.isdisjoint(case.numbers)
        if not (other or case.doubted):
            _find(case, headings, "bsn" if "bsn" in case.row.data else "clientNumber", "twice", _TWICE)
        new.update(case.keys)
        named.update(case.numbers)
    return before


def _weigh(uow: UnitOfWork, cases: Sequence[_Case], headings: Headings) -> list[NewAssignment]:
    """Says what comes of each row, and gives the assignments to make for people whom we know."""
    histories = _histories(uow, [case.person_id for case in cases if case.person_id is not None])
    news = []
    for case in cases:
        if case.staff is None:
            raise RuntimeError("a row that fails is no case")
        if case.person_id is None:
            case.row.outcome = Outcome.CREATED
            continue
        history = histories.get(case.person_id, [])
        if writing(history, case.valid_from, case.staff) is Writing.UNCHANGED:
            case.row.outcome = Outcome.UNCHANGED
        else:
            case.row.outcome = Outcome.CHANGED if history else Outcome.CREATED
            news.append(NewAssignment(case.person_id, case.valid_from, case.staff))
        if any(case.valid_from < start <= uow.today and staff != case.staff for start, staff in history):
            heading = headings.get("validFrom", "validFrom")
            case.row.warnings.append(Finding(heading, "later-assignment", _LATER))
    return news


def _histories(uow: UnitOfWork, person_ids: Sequence[str]) -> dict[str, list[tuple[date, Staff]]]:
    if not person_ids:
        return {}
    found: dict[str, list[tuple[date, Staff]]] = {}
    for person_id, valid_from, *staff in uow.find(_ASSIGNED, {"people": person_ids}):
        found.setdefault(person_id, []).append((valid_from, Staff(*staff)))
    return found


def _write(
    uow: UnitOfWork, job: ImportJob, cases: Sequence[_Case], news: Sequence[NewAssignment], headings: Headings
) -> None:
    """In a dry run everything but writing."""
    actor = _actor(uow, job)
    known = {case.person_id: case for case in cases if case.person_id is not None}
    completed = many.complete_many(
        uow,
        {person_id: case.identity for person_id, case in known.items()},
        {person_id: case.new_numbers for person_id, case in known.items() if case.new_numbers},
        dry_run=job.dry_run,
    )
    unknown = [case for case in cases if case.person_id is None]
    if unknown and not job.dry_run:
        made = people.create_many(uow, [case.identity for case in unknown], is_client=True)
        for case, person_id in zip(unknown, made, strict=True):
            case.person_id = person_id
    people_now = {case.person_id: case for case in cases if case.person_id is not None}
    stated, telling = links.record(
        uow, {each: case.row for each, case in people_now.items()}, headings, dry_run=job.dry_run
    )
    for person_id in completed | stated:
        row = people_now[person_id].row
        if row.outcome is Outcome.UNCHANGED:
            row.outcome = Outcome.CHANGED
    if job.dry_run:
        return
    first = [
        NewAssignment(case.person_id, case.valid_from, case.staff)
        for case in unknown
        if case.person_id is not None and case.staff is not None
    ]
    links.tell(uow, telling)
    written = [*news, *first]
    if written:
        assign_many(uow, actor, written)
    logged = {each.person_id for each in written}
    others = sorted((completed | stated) - logged)
    log_access(uow, actor, Purpose.CASELOAD, "assignment.imported", others, f"assignment-imports/{job.id}")


def _actor(uow: UnitOfWork, job: ImportJob) -> Actor:
    """Whoever sent the file: what the worker does, it does for them."""
    name = uow.execute(select(Party.name).where(Party.id == job.party_id)).scalar_one()
    party = ActingParty(job.party_id, PartyKind.UWV, name)
    return Actor(job.client_id, (party,), frozenset(), f"assignment-imports/{job.id}")


# --- What a full file does not name -----------------------------------------------------------------------------


def missing(uow: UnitOfWork, job: ImportJob, count: int) -> list[Absent]:
    """The next people for whom somebody is responsible today and whom the file does not name."""
    assigned = in_force(uow, uow.today).subquery()
    named = select(ImportSeen.key).where(ImportSeen.job_id == job.id, ImportSeen.key == assigned.c.person_id)
    wanted = select(assigned.c.person_id).where(~named.exists()).order_by(assigned.c.person_id).limit(count)
    if job.cursor is not None:
        wanted = wanted.where(assigned.c.person_id > job.cursor)
    found = list(uow.execute(wanted).scalars())
    if found:
        job.cursor = found[-1]
    if not (job.options.get("end_missing") and found):
        return [Absent(Outcome.MISSING, each, "missing", _MISSING) for each in found]
    if job.counts.get(Outcome.FAILED, 0):
        return [Absent(Outcome.MISSING, each, "not-ended", _NOT_ENDED) for each in found]
    if not job.dry_run:
        day = amsterdam_day(job.created_at)
        assign_many(uow, _actor(uow, job), [NewAssignment(each, day, _NOBODY) for each in found])
    return [Absent(Outcome.ENDED, each, "ended", _ENDED) for each in found]


_EXAMPLE: Final = (
    {
        "bsn": "000000012",
        "clientNumber": "VOORBEELD-1",
        "name": "Voorbeeld Een",
        "email": "voorbeeld.een@example.nl",
        "postcode4": "9711",
        "caseworker": "voorbeeld@uwv.example",
        "validFrom": "01-01-2026",
    },
    {"clientNumber": "VOORBEELD-2", "name": "Voorbeeld Twee", "team": "Team Voorbeeld", "validFrom": "01-01-2026"},
)
"""Taken over only where there are such a caseworker and team: a row that is left in a file by mistake fails."""

KIND: Final = ImportKind(
    name="assignments",
    columns=COLUMNS,
    schema=AssignmentRow(),
    handle=handle,
    missing=missing,
    example=_EXAMPLE,
    mend={
        "invalid-bsn": Text(
            "Een BSN heeft 9 cijfers. Begint het met een 0, maak dan tekst van de kolom.",
            "A BSN has 9 digits. Where it begins with a 0, make the column text.",
        ),
        "unknown-reference": Text(
            "Gebruik het e-mailadres of het id uit /v1/caseworkers, of de naam van het team uit /v1/offices.",
            "Use the e-mail address or id from /v1/caseworkers, or the name of the team from /v1/offices.",
        ),
        "ambiguous": Text("Gebruik het id. Of noem bij een team het kantoor.", "Use the id. Or name a team's office."),
        "twice": Text("Laat één rij per persoon staan.", "Leave one row for each person."),
        "two-people": Text("Zoek uit welk nummer klopt, en laat het andere weg.", "Find out which number is right."),
        "other-bsn": Text("Zoek uit welk nummer klopt, en laat het andere weg.", "Find out which number is right."),
        "later-assignment": Text(
            "Klopt de latere niet? Stuur de rij met vandaag als begin.",
            "Is the later one wrong? Send the row with today as its start.",
        ),
        "no-employment": Text(
            "Controleer het KvK-nummer. Meldt de werkgever het dienstverband later, stuur de rij dan opnieuw.",
            "Check the KvK number. If the employer registers the employment later, send the row again.",
        ),
        "missing": Text(
            "Klopt het? Stuur het bestand met endMissing=true. Anders: voeg de persoon toe.",
            "Is that right? Send the file with endMissing=true. Otherwise add the person.",
        ),
        "not-ended": Text(
            "Verbeter de fouten en stuur het hele bestand opnieuw.", "Mend the errors and send it again."
        ),
    },
)

SERVED: Final = Served(KIND, "assignment", "assignments:read", visible_imports, _looked, _taken)
