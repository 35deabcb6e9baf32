"""Taking over a contract register: a piece of rows at a time, in sets, and nothing for what is known already."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from sqlalchemy import Select, Table, false, select

from service.access.actor import NOBODY, Actor, log_access
from service.access.rules import PartyKind, Purpose
from service.employers.employments import employer_of
from service.employers.imports.matching import Match, Several, key_of, match
from service.employers.imports.missing import missing, review
from service.employers.imports.remarks import count_end_dates
from service.employers.imports.schemas import COLUMNS, EXAMPLE, EmploymentRow
from service.employers.imports.weighing import Weighing
from service.employers.imports.writing import write
from service.employers.mappings.operations import own_names
from service.employers.models import Employment
from service.employers.questions.asking import named_again
from service.kernel.among import among
from service.kernel.database import UnitOfWork
from service.kernel.imports import jobs
from service.kernel.imports.columns import Finding
from service.kernel.imports.models import ImportJob, Outcome
from service.kernel.imports.runner import CheckedRow, Headings, ImportKind, mark_seen, seen_before
from service.kernel.imports.serving import Served
from service.kernel.imports.uploads import Upload
from service.kernel.prepared import Prepared, with_dashes
from service.kernel.text import Text

_EMPLOYMENT: Final = cast(Table, Employment.__table__)
_PEOPLE: Final = Prepared(
    select(_EMPLOYMENT.c.id, _EMPLOYMENT.c.person_id).where(among(_EMPLOYMENT.c.id, "employments"))
)

_WHICH: Final = Text(
    "Vul de referentie in, of het personeelsnummer en de begindatum.",
    "Fill in the reference, or the employee number and the start date.",
)
_SEVERAL: Final = Text(
    "Er zijn meer dienstverbanden met dit nummer en deze begindatum.",
    "There are several employments with this number and this start date.",
)
_TWICE: Final = Text("Dit dienstverband stond al eerder in het bestand.", "This employment stood in the file before.")


def visible_imports(actor: Actor) -> Select[Any]:
    """An employer its own, also where somebody else sent them for it."""
    statement = select(ImportJob).where(ImportJob.kind == KIND.name)
    own = actor.party_ids(PartyKind.EMPLOYER)
    return statement.where(ImportJob.party_id.in_(own) if own else false())


def import_employments(uow: UnitOfWork, actor: Actor, upload: Upload, query: Mapping[str, Any]) -> dict[str, Any]:
    """Puts a file of the contract register in the line. Raises 409 where too many wait."""
    employer_id = employer_of(actor, query.get("employer_id"), in_query=True)
    options = {"sender": actor.party.id}
    return jobs.submit(uow, KIND, upload, query, client_id=actor.client_id, party_id=employer_id, options=options)


def _looked(uow: UnitOfWork, actor: Actor, job_id: str, employment_ids: Sequence[str]) -> None:
    """What is missing is told by id: a look at whose employment it is."""
    if not employment_ids:
        return
    for row in uow.find(_PEOPLE, {"employments": list(employment_ids)}):
        person_id = row.person_id or NOBODY
        log_access(
            uow, actor, Purpose.EMPLOYMENT_REGISTER, "employment-import.read", [person_id], f"employments/{row.id}"
        )


def _taken(uow: UnitOfWork, actor: Actor, job_id: str) -> None:
    place = f"employment-imports/{job_id}/failed-rows"
    log_access(uow, actor, Purpose.EMPLOYMENT_REGISTER, "employment-import.failed-rows", [NOBODY], place)


# --- A piece of rows --------------------------------------------------------------------------------------------


def handle(uow: UnitOfWork, job: ImportJob, rows: Sequence[CheckedRow], headings: Headings) -> None:
    """Looks at all rows first, then writes what is right and new.

    Of an employment that is known nothing is asked about its person, and of a new one always the same, whoever it is.
    """
    matches = match(uow, job.party_id, rows)
    keys = _check_twice(uow, job, rows, matches, headings)
    weighing = Weighing(uow, job, rows, headings)
    weighed = [
        weighing.weigh(row, found) for row, found in zip(rows, matches, strict=True) if not isinstance(found, Several)
    ]
    cases = [case for case in weighed if case is not None]
    weighing.settle(cases)
    count_end_dates(job, rows)
    if not job.dry_run:
        write(uow, job, cases)
        named_again(uow, [found.id for found in matches if found and not isinstance(found, Several)])
    made = {} if job.dry_run else {case.row.number: case.id for case in cases}
    mark_seen(uow, job, [made.get(row.number) or _digest(key) for row, key in keys])


def _check_twice(
    uow: UnitOfWork, job: ImportJob, rows: Sequence[CheckedRow], matches: Sequence[Match], headings: Headings
) -> list[tuple[CheckedRow, Any]]:
    """Refuses what names nothing, and what stood in the file before; gives the rows that are the first with a key."""
    keyed: list[tuple[CheckedRow, Any, bool]] = []
    known: list[str] = []
    for row, found in zip(rows, matches, strict=True):
        if isinstance(found, Several):
            row.findings.append(Finding(_heading(headings, "employeeNumber"), "ambiguous", _SEVERAL))
        elif found is not None:
            keyed.append((row, found.id, "reference" in row.data))
            known.append(found.id)
        elif (key := key_of(row)) is not None:
            keyed.append((row, key, "reference" in row.data))
        elif not any(each.field in _key_headings(headings) for each in row.findings):
            named = "employeeNumber" if "reference" not in headings and "employeeNumber" in headings else "reference"
            row.findings.append(Finding(_heading(headings, named), "required", _WHICH))
    # What an earlier piece took over is known by its id. Only what was not taken over is remembered by its key.
    if job.dry_run or job.counts.get(Outcome.FAILED.value):
        known = [_digest(key) for _, key, _ in keyed]
    before = seen_before(uow, job, known)
    here: set[Any] = set()
    first: list[tuple[CheckedRow, Any]] = []
    for row, key, by_reference in keyed:
        if key in here or (before and _digest(key) in before):
            column = "reference" if by_reference else "employeeNumber"
            row.findings.append(Finding(_heading(headings, column), "twice", _TWICE))
        else:
            here.add(key)
            first.append((row, key))
    return first


def _heading(headings: Headings, column: str) -> str:
    return headings.get(column, column)


def _key_headings(headings: Headings) -> set[str]:
    return {_heading(headings, each) for each in ("reference", "employeeNumber", "startDate")}


def _digest(key: Any) -> str:
    """An id that stands for a key. That of an employment stands for itself."""
    if isinstance(key, str):
        return key
    return with_dashes(hashlib.blake2b(repr(key).encode(), digest_size=16).hexdigest())


KIND: Final = ImportKind(
    name="employments",
    columns=COLUMNS,
    schema=EmploymentRow(),
    handle=handle,
    missing=missing,
    example=EXAMPLE,
    headings=own_names,
    review=review,
    mend={
        "invalid-bsn": Text(
            "Een BSN heeft 9 cijfers. Begint het met een 0, maak dan tekst van de kolom.",
            "A BSN has 9 digits. Where it begins with a 0, make the column text.",
        ),
        "not-a-real-date": Text(
            "Laat de cel leeg als er geen datum is.", "Leave the cell empty where there is no date."
        ),
        "not-a-month": Text("Schrijf de maand als 08-2026.", "Write the month as 2026-08."),
        "unknown-reference": Text(
            "Gebruik het id, het nummer of de naam zoals die bij ons staat: zie /v1/employers/{id}/establishments.",
            "Use the id, the number or the name as it stands here: see /v1/employers/{id}/establishments.",
        ),
        "ambiguous": Text("Gebruik de referentie, of het id.", "Use the reference, or the id."),
        "no-establishment": Text(
            "Leg de vestiging vast via /v1/employers/{id}/establishments.",
            "Register the establishment at /v1/employers/{id}/establishments.",
        ),
        "undoes_answer": Text(
            "Klopt uw antwoord? Verbeter de einddatum in uw systeem en stuur de rij opnieuw.",
            "Was your answer right? Mend the end date in your system and send the row again.",
        ),
        "twice": Text("Laat één rij per dienstverband staan.", "Leave one row for each employment."),
        "end-before-start": Text("Verbeter een van beide datums.", "Mend one of the two dates."),
        "not-external": Text(
            "Schrijf bij jobcoach 'extern', of laat de organisatie weg.",
            "Write 'external' as the jobcoach, or leave the organisation out.",
        ),
        "holds-bsn": Text("Gebruik een eigen nummer.", "Use a number of your own."),
        "unknown-occupation": Text(
            "Zoek de code op via /v1/occupations, of laat de cel leeg.",
            "Look the code up at /v1/occupations, or leave the cell empty.",
        ),
        "missing": Text(
            "Is het afgelopen? Stuur dan de einddatum. Anders: voeg het toe aan het bestand.",
            "Has it ended? Then send its end date. Otherwise add it to the file.",
        ),
    },
)

SERVED: Final = Served(KIND, "employment", "employments:read", visible_imports, _looked, _taken)
