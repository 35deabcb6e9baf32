"""What a row makes of an employment: what is wrong or odd in it, what is new, and what changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from service.employers.chains import Chained, Terms, asks_for_terms, is_remembered, remembered_since, settled, terms_of
from service.employers.imports.matching import FACTS, Known
from service.employers.imports.places import Places, Wrong, coaches
from service.employers.imports.schemas import EmploymentRow
from service.employers.rules import (
    END_BEFORE_START,
    HOLDS_BSN,
    NOT_EXTERNAL,
    WAGES_IN_FUTURE,
    JobcoachKind,
    chain_matters,
    employment_warnings,
    end_before_start,
    holds_bsn,
    organisation_fits,
    wages_in_future,
)
from service.kernel.database import UnitOfWork
from service.kernel.ids import new_id
from service.kernel.imports.columns import REQUIRED_CELL, Finding
from service.kernel.imports.models import ImportJob, Outcome
from service.kernel.imports.reading import NDJSON
from service.kernel.imports.runner import CheckedRow, Headings
from service.kernel.text import Text
from service.people import many
from service.people.operations import Identity

_ATTRIBUTES: Final = {str(each.data_key): each.attribute or name for name, each in EmploymentRow().load_fields.items()}
_COACH: Final = ("jobcoach_kind", "jobcoach_organisation")
_NEEDED: Final = {"start_date": "startDate", "contract_type": "contractType"}
_GIVEN_BACK: Final = (("reference", "reference"), ("employee_number", "employeeNumber"))
_OWN_WAY: Final = frozenset({"bsn", "name", "establishment", *_COACH})
_NOTHING: Final[dict[str, Any]] = {**dict.fromkeys(FACTS), "jobcoach_kind": JobcoachKind.NONE}
_ABOUT: Final = {
    "end_in_past": "endDate",
    "start_equals_end": "endDate",
    "fixed_term_without_end": "endDate",
    "hours_above_48": "hoursPerWeek",
    "chain_beyond_3_years": "contractType",
}
_UNDOES_ANSWER: Final = Text(
    "U antwoordde eerder iets anders over het einde. De einddatum uit het bestand geldt nu weer.",
    "You answered something else about the end before. The end date of the file holds again.",
)


def _has_term(facts: Mapping[str, Any]) -> bool:
    return chain_matters(facts["contract_type"], facts["end_date"])


@dataclass(slots=True)
class Case:
    """A row that is new or changes something. `facts` is the employment as it will be, `changes` what of it is another;
    `known` None: it is new."""

    row: CheckedRow
    known: Known | None
    facts: Mapping[str, Any]
    changes: dict[str, Any]
    id: str
    person_id: str | None
    chain_since: date | None = field(default=None)

    @property
    def identity(self) -> Identity:
        return Identity(bsn=self.row.data.get("bsn"), name=self.row.data.get("name"))


class Weighing:
    """Weighs a piece of rows of one employer."""

    def __init__(self, uow: UnitOfWork, job: ImportJob, rows: Sequence[CheckedRow], headings: Headings) -> None:
        self._uow = uow
        self._job = job
        self._headings = headings
        self._places = Places(uow, job.party_id)
        self._coaches = coaches(uow, rows)
        # A table has a cell for each of its columns. A line of JSON says for itself what it is about.
        self._by_row = job.media_type == NDJSON
        self._stands, self._plain = self._columns(headings)

    @staticmethod
    def _columns(columns: Iterable[str]) -> tuple[frozenset[str], tuple[str, ...]]:
        stands = frozenset(_ATTRIBUTES[each] for each in columns)
        return stands, tuple(stands - _OWN_WAY)

    def weigh(self, row: CheckedRow, known: Known | None) -> Case | None:
        """What comes of a row. None where that is nothing, or where something is wrong with it."""
        data = row.data
        stands, plain = self._stands, self._plain
        if self._by_row:
            stands = frozenset(data).union(_ATTRIBUTES[each] for each in row.emptied)
            plain = tuple(stands - _OWN_WAY)
        for name, column in _NEEDED.items():
            if name not in data and (known is None or name in stands) and not self._told(row, column):
                self._wrong(row, column, "required", REQUIRED_CELL)
        if "bsn" in data:
            for name, column in _GIVEN_BACK:
                if holds_bsn(data.get(name), data["bsn"]):
                    self._wrong(row, column, "holds-bsn", HOLDS_BSN)
        get = data.get
        if known is None:
            changes = {name: get(name) for name in plain}
        else:
            changes = {name: value for name in plain if (value := get(name)) != getattr(known, name)}
        place = self._place(row, known)
        if place is not None and (known is None or place != known.establishment_id):
            changes["establishment_id"] = place
        if not stands.isdisjoint(_COACH):
            self._coach(row, known, stands, changes)
        if known is not None and not changes:
            return None
        if known is None:
            facts = _NOTHING | changes
        else:
            facts = {name: changes[name] if name in changes else getattr(known, name) for name in FACTS}
        start, end = facts["start_date"], facts["end_date"]
        if start is not None and end_before_start(start, end):
            self._wrong(row, "endDate", "end-before-start", END_BEFORE_START)
        if wages_in_future(data.get("last_wage_month"), self._uow.today):
            self._wrong(row, "lastWageMonth", "in-the-future", WAGES_IN_FUTURE)
        if row.findings:
            return None
        if known is None:
            row.outcome = Outcome.CREATED
            return Case(row, None, facts, changes, new_id(), None)
        row.outcome = Outcome.CHANGED
        return Case(row, known, facts, changes, known.id, known.person_id, known.chain_since)

    def _place(self, row: CheckedRow, known: Known | None) -> str | None:
        """Where it is; None: where it was, or something is wrong."""
        text = row.data.get("establishment")
        if text is None and (known is not None or self._told(row, "establishment")):
            return None
        found = self._places.find(text)
        if isinstance(found, Wrong):
            self._wrong(row, "establishment", *found)
            return None
        return found

    def _coach(self, row: CheckedRow, known: Known | None, stands: Iterable[str], changes: dict[str, Any]) -> None:
        """Kind and organisation are one fact: an organisation alone says that the jobcoach is external."""
        text, kind = row.data.get("jobcoach_organisation"), row.data.get("jobcoach_kind")
        organisation = None
        if text is not None:
            found = self._coaches.find(text)
            if isinstance(found, Wrong):
                self._wrong(row, "jobcoachOrganisation", *found)
                return
            organisation = found
        if kind is None:
            kind = JobcoachKind.NONE if organisation is None else JobcoachKind.EXTERNAL
        if known is not None and "jobcoach_organisation" not in stands and kind is JobcoachKind.EXTERNAL:
            organisation = known.jobcoach_organisation_id
        if not organisation_fits(kind, organisation):
            self._wrong(row, "jobcoachOrganisation", "not-external", NOT_EXTERNAL)
        for name, value in (("jobcoach_kind", kind), ("jobcoach_organisation_id", organisation)):
            if known is None or getattr(known, name) != value:
                changes[name] = value

    def _wrong(self, row: CheckedRow, column: str, code: str, text: Any) -> None:
        row.findings.append(Finding(self._headings.get(column, column), code, text))

    def _told(self, row: CheckedRow, column: str) -> bool:
        """Whether something is said of this cell already."""
        return any(finding.field == self._headings.get(column, column) for finding in row.findings)

    # --- What the rows say together ---------------------------------------------------------------------------------

    def settle(self, cases: Sequence[Case]) -> None:
        """Says whose the new ones are, finds the chains, and adds what is odd."""
        uow = self._uow
        new = [case for case in cases if case.known is None]
        people = many.take_in_many(uow, [case.identity for case in new], dry_run=self._job.dry_run) if new else []
        for case, person_id in zip(new, people, strict=True):
            case.person_id = person_id
        self._find_chains(cases)
        for case in cases:
            facts = case.facts
            warnings = employment_warnings(
                start=facts["start_date"],
                end=facts["end_date"],
                hours_per_week=facts["hours_per_week"],
                contract_type=facts["contract_type"],
                today=uow.today,
                chain_since=case.chain_since,
            )
            for code, text in warnings:
                column = _ABOUT[code]
                case.row.warnings.append(Finding(self._headings.get(column), code, text))
            known = case.known
            if known is not None and known.end_said_on is not None and known.end_date != facts["end_date"]:
                case.row.warnings.append(Finding(self._headings.get("endDate"), "undoes_answer", _UNDOES_ANSWER))

    def _find_chains(self, cases: Sequence[Case]) -> None:
        """As if the rows had come one by one: each sees the contracts of those before it."""
        uow = self._uow
        remembered = remembered_since(uow)
        # Any contract may change what those behind it continue; only one with a term continues something itself.
        contracts = {case.id: self._chained(case) for case in cases if _has_term(case.facts)}
        asking = {each.person_id for each in contracts.values() if asks_for_terms(each, remembered)}
        people = [each for each in asking if each is not None]
        terms: dict[str, Terms] = terms_of(uow, self._job.party_id, people) if people else {}
        for case in cases:
            own = terms.setdefault(case.person_id or "", {})
            contract = contracts.get(case.id)
            case.chain_since = None if contract is None else settled(contract, own, remembered)
            if contract is not None and contract.end is not None and is_remembered(contract, remembered):
                own[case.id] = (contract.start, contract.end)
            else:
                own.pop(case.id, None)

    def _chained(self, case: Case) -> Chained:
        known, facts = case.known, case.facts
        return Chained(
            case.id,
            case.person_id,
            known is not None and known.person_by_uwv,
            facts["start_date"],
            facts["end_date"],
            facts["contract_type"],
            case.chain_since,
            self._uow.now if known is None else known.created_at,
        )
