"""Taking over a file of vacancies, a piece of rows at a time. Those that begin are written together, by the code of a
single one; a change or an end goes the way of a single request."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from sqlalchemy import Select, Table, false, insert, select

from service.access.actor import NOBODY, ActingParty, Actor, log_access
from service.access.models import Party
from service.access.rules import PartyKind, Purpose
from service.employers.employments import employer_of
from service.kernel.database import UnitOfWork
from service.kernel.imports import jobs
from service.kernel.imports.columns import Finding
from service.kernel.imports.models import ImportJob, ImportMode
from service.kernel.imports.runner import CheckedRow, Headings, ImportKind, mark_seen, seen_before
from service.kernel.imports.serving import Served
from service.kernel.imports.uploads import Upload
from service.kernel.paging import page
from service.kernel.prepared import Prepared, with_dashes
from service.kernel.problems import not_found
from service.kernel.text import Text
from service.vacancies import course, operations
from service.vacancies.imports.models import ImportedVacancy
from service.vacancies.imports.rules import Course
from service.vacancies.imports.schemas import COLUMNS, EXAMPLE, VacancyRow
from service.vacancies.imports.weighing import Case, Weighing
from service.vacancies.models import Vacancy
from service.vacancies.rules import VacancyStatus

_REMEMBER: Final = Prepared(insert(cast(Table, ImportedVacancy.__table__)))
_TWICE: Final = Text("Deze referentie stond al eerder in het bestand.", "This reference stood in the file before.")


def visible_imports(actor: Actor) -> Select[Any]:
    """An employer its own."""
    statement = select(ImportJob).where(ImportJob.kind == KIND.name)
    if actor.kind is not PartyKind.EMPLOYER:
        return statement.where(false())
    return statement.where(ImportJob.party_id.in_(actor.party_ids(PartyKind.EMPLOYER)))


def import_vacancies(uow: UnitOfWork, actor: Actor, upload: Upload, query: Mapping[str, Any]) -> dict[str, Any]:
    """Puts a file of vacancies in the line. Raises 400 where it is not said for which employer, 409 where too many
    wait."""
    actor.require(PartyKind.EMPLOYER)
    employer_id = employer_of(actor, query.get("employer_id"), in_query=True)
    asked = {"mode": ImportMode.CHANGES, "dry_run": query["dry_run"]}
    return jobs.submit(uow, KIND, upload, asked, client_id=actor.client_id, party_id=employer_id)


def _looked(uow: UnitOfWork, actor: Actor, job_id: str, people_told: Sequence[str]) -> None:
    log_access(uow, actor, Purpose.MATCHING, "vacancy-import.read", people_told, f"vacancy-imports/{job_id}")


def _taken(uow: UnitOfWork, actor: Actor, job_id: str) -> None:
    place = f"vacancy-imports/{job_id}/failed-rows"
    log_access(uow, actor, Purpose.MATCHING, "vacancy-import.failed-rows", [NOBODY], place)


def list_receipts(uow: UnitOfWork, actor: Actor, job_id: str, query: Mapping[str, Any]) -> dict[str, Any]:
    """By row that went well its vacancy. Raises 404."""
    job = uow.session.scalars(visible_imports(actor).where(ImportJob.id == job_id)).one_or_none()
    if job is None:
        raise not_found()
    statement = select(ImportedVacancy).where(ImportedVacancy.job_id == job.id)
    if "outcome" in query:
        statement = statement.where(ImportedVacancy.outcome == query["outcome"])
    found = page(
        uow,
        statement,
        (ImportedVacancy.number,),
        query,
        lambda row: {"number": row.number, "outcome": row.outcome, "vacancy_id": row.vacancy_id},
    )
    wanted = select(Vacancy.id, Vacancy.reference, Vacancy.status, Vacancy.expires_on).where(
        uow.among(Vacancy.id, [item["vacancy_id"] for item in found["items"]])
    )
    vacancies = {each.id: each for each in uow.execute(wanted)}
    for item in found["items"]:
        vacancy = vacancies[item["vacancy_id"]]
        item |= {"reference": vacancy.reference, "status": vacancy.status, "expires_on": vacancy.expires_on}
    return found


# --- A piece of rows --------------------------------------------------------------------------------------------


def handle(uow: UnitOfWork, job: ImportJob, rows: Sequence[CheckedRow], headings: Headings) -> None:
    """Looks at all rows first, then writes what is right and new."""
    actor = _actor(uow, job)
    _refuse_twice(uow, job, rows, headings)
    right = [row for row in rows if not row.failed]
    weighing = Weighing(uow, actor, job.party_id, right, headings)
    cases = []
    for row in right:
        case = weighing.case_of(row)
        cases.append(case)
        if row.failed or job.dry_run:
            _forget(uow, case)
    weighing.refuse_second(cases)
    if not job.dry_run:
        _write(uow, job, actor, [case for case in cases if not case.row.failed])


def _actor(uow: UnitOfWork, job: ImportJob) -> Actor:
    """Whoever sent the file: what the worker does, it does for them."""
    name = uow.execute(select(Party.name).where(Party.id == job.party_id)).scalar_one()
    party = ActingParty(job.party_id, PartyKind.EMPLOYER, name)
    return Actor(job.client_id, (party,), frozenset(), f"vacancy-imports/{job.id}")


def _refuse_twice(uow: UnitOfWork, job: ImportJob, rows: Sequence[CheckedRow], headings: Headings) -> None:
    keyed = [(row, _digest(row.data["reference"])) for row in rows if "reference" in row.data]
    before = seen_before(uow, job, sorted({key for _, key in keyed}))
    seen = set(before)
    for row, key in keyed:
        if key in seen:
            row.findings.append(Finding(headings["reference"], "twice", _TWICE))
        seen.add(key)
    mark_seen(uow, job, sorted(seen - before))


def _digest(reference: str) -> str:
    """An id that stands for a reference."""
    return with_dashes(hashlib.blake2b(reference.encode(), digest_size=16).hexdigest())


def _forget(uow: UnitOfWork, case: Case) -> None:
    """Throws away what was put into a row that is not to be written."""
    if case.vacancy is not None and case.vacancy in uow.session:
        uow.session.expunge(case.vacancy)


def _write(uow: UnitOfWork, job: ImportJob, actor: Actor, cases: Sequence[Case]) -> None:
    begins = [(each.vacancy, each.step.to) for each in cases if each.step.course is Course.BEGINS and each.vacancy]
    uow.session.add_all(vacancy for vacancy, to in begins if to is VacancyStatus.DRAFT)
    course.open_new(uow, actor, [vacancy for vacancy, to in begins if to is VacancyStatus.OPEN])
    _write_changes(uow, actor, [(each, each.vacancy) for each in cases if each.vacancy])
    done = [
        {"job_id": job.id, "number": case.row.number, "vacancy_id": case.vacancy.id, "outcome": case.row.outcome}
        for case in cases
        if case.vacancy is not None
    ]
    if done:
        uow.write(_REMEMBER, done)


def _write_changes(uow: UnitOfWork, actor: Actor, cases: Sequence[tuple[Case, Vacancy]]) -> None:
    """What only says something else is written together; what is renewed or gets another status, one by one."""
    cases = [(case, vacancy) for case, vacancy in cases if case.step.course is Course.CHANGES]
    for _, vacancy in cases:
        vacancy.client_id = actor.client_id
    facts = [(vacancy, case.region) for case, vacancy in cases if case.step.facts and not case.renews]
    if facts:
        operations.save_changes(uow, facts)
    for case, vacancy in cases:
        if case.renews:
            operations.save_change(uow, actor, vacancy, case.region, renewed=True)
        elif case.step.to is not None:
            filled_on, until = case.row.data.get("filled_on"), case.given.get("expires_on")
            course.move(uow, actor, vacancy, case.step.to, PartyKind.EMPLOYER, filled_on=filled_on, valid_until=until)


KIND: Final = ImportKind(
    name="vacancies",
    columns=COLUMNS,
    schema=VacancyRow(),
    handle=handle,
    example=EXAMPLE,
    mend={
        "twice": Text("Laat één rij per vacature staan.", "Leave one row for each vacancy."),
        "vacancy-exists": Text(
            "Laat één systeem deze vacature melden, of gebruik een eigen referentie.",
            "Let one system report this vacancy, or use a reference of your own.",
        ),
        "unknown-reference": Text(
            "Gebruik een vestiging van uzelf, of het ontvangstnummer of id van een eigen melding.",
            "Use an establishment of your own, or the receipt number or id of a signal of your own.",
        ),
        "end-not-decided": Text("Meld eerst het besluit.", "Report the decision first."),
        "vacancy-over": Text(
            "Zoekt u opnieuw iemand? Meld dat met een nieuwe referentie.",
            "Are you looking for somebody again? Report that by a new reference.",
        ),
        "vacancy-expired": Text(
            "Zoekt u nog iemand? Zet er een latere laatste dag bij, of de status open.",
            "Are you still looking? Put a later last day in the row, or the status open.",
        ),
        "vacancy-unknown": Text("U hoeft niets te doen.", "There is nothing to do."),
        "forbidden-transition": Text(
            "Kijk welke status de vacature nu heeft.", "See which status the vacancy has now."
        ),
        "last-day-passed": Text("Kies een dag die nog komt.", "Choose a day that is still to come."),
        "place-contradicts": Text("Laat de gemeente weg, of verbeter haar.", "Leave out the municipality, or mend it."),
    },
)

SERVED: Final = Served(KIND, "vacancy", "vacancies:read", visible_imports, _looked, _taken)
