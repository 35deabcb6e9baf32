"""What each row of a piece comes to, before anything is written: the same rules as for a single vacancy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import select

from service.access.actor import Actor
from service.access.rules import PartyKind
from service.employers.imports.places import Places, Wrong, coaches
from service.employers.models import Establishment
from service.kernel.database import UnitOfWork
from service.kernel.ids import is_id
from service.kernel.imports.columns import Finding
from service.kernel.imports.models import Outcome
from service.kernel.imports.runner import CheckedRow, Headings
from service.kernel.problems import FieldError, Problem, invalid_input, unknown_reference
from service.kernel.text import Text
from service.signals import operations as signals
from service.vacancies import course, operations, views
from service.vacancies.hours import as_written
from service.vacancies.imports.rules import Course, RowStatus, Step, step_of
from service.vacancies.models import LIVE, Vacancy
from service.vacancies.rules import LIVE_VACANCY, VacancyStatus

_HOURS: Final = ("hours", "hoursMin", "hoursMax")
_PLACES: Final = ("establishment", "postcode", "municipality")
_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "/hours": _HOURS,
    "/hours/min": ("hoursMin", "hours"),
    "/hours/max": ("hoursMax", "hours"),
    "/establishmentId": _PLACES,
    "/workplace": ("postcode", "municipality"),
    "/workplace/postcode": ("postcode", "municipality"),
    "/workplace/municipality": ("municipality", "postcode"),
    "/freedBySignalId": ("freedBySignal",),
    "/jobcoachOrganisationId": ("jobcoachOrganisation",),
}
"""By pointer of a single request the columns that say it: the first that is in the file."""
_COLUMN_OF: Final = {
    "end-not-decided": "freedBySignal",
    "forbidden-transition": "status",
    "last-day-passed": "expiresOn",
}
_SETS: Final = frozenset({"driving_licences", "demands", "offers"})

_TWO_PLACES: Final = Text(
    "Geef een vestiging of een postcode en gemeente, niet allebei.",
    "Give an establishment, or a postcode and municipality, not both.",
)
_FIXED: Final = Text(
    "Uit welke melding een vacature komt, verandert niet meer. Trek deze in en meld de vacature met een andere "
    "referentie.",
    "From which signal a vacancy comes does not change. Withdraw it, and report the vacancy by another reference.",
)
_SIGNAL_TWICE: Final = Text("Deze melding stond al eerder in het bestand.", "This signal stood in the file before.")
_REMARKS: Final[Mapping[Course, tuple[str, Text]]] = {
    Course.OVER: (
        "vacancy-over",
        Text(
            "De vacature met deze referentie is vervuld of ingetrokken, en blijft zo.",
            "The vacancy with this reference was filled or withdrawn, and stays so.",
        ),
    ),
    Course.EXPIRED: (
        "vacancy-expired",
        Text("De vacature met deze referentie is verlopen.", "The vacancy with this reference has expired."),
    ),
    Course.NOTHING: (
        "vacancy-unknown",
        Text(
            "Er is geen vacature met deze referentie om te beëindigen.",
            "There is no vacancy with this reference to be ended.",
        ),
    ),
}


_NONE_YET: Final = Step(Course.SAME)


@dataclass(slots=True)
class Case:
    """A row on its way. `vacancy` is the one it is about: not written yet where it begins. `region`: where that was
    before; `renews`: it has expired, and opens by its new last day."""

    row: CheckedRow
    given: dict[str, Any] = field(default_factory=dict)
    vacancy: Vacancy | None = None
    step: Step = _NONE_YET
    news: dict[str, Any] = field(default_factory=dict)
    region: str = ""
    renews: bool = False

    @property
    def asked(self) -> RowStatus | None:
        found: RowStatus | None = self.row.data.get("status")
        return found


class Weighing:
    """Looks at the rows of a piece. What they name is found for all at once."""

    def __init__(
        self, uow: UnitOfWork, actor: Actor, employer_id: str, rows: Sequence[CheckedRow], headings: Headings
    ) -> None:
        self.uow, self.actor, self.employer_id, self.headings = uow, actor, employer_id, headings
        named = {row.data["establishment"] for row in rows if "establishment" in row.data}
        places = Places(uow, employer_id) if named else None
        self._places = {text: places.find(text) for text in named} if places else {}
        ids = [each for each in self._places.values() if isinstance(each, str)]
        # Kept, so that the session finds them without asking again.
        wanted = select(Establishment).where(uow.among(Establishment.id, ids))
        self._establishments = list(uow.session.scalars(wanted)) if ids else []
        self._coaches = coaches(uow, rows)
        numbers = {row.data["freed_by_signal"] for row in rows if "freed_by_signal" in row.data}
        self._signals = signals.signals_numbered(uow, actor, {each for each in numbers if not is_id(each)})
        self._known = self._find([row.data["reference"] for row in rows if "reference" in row.data])

    def _find(self, references: Sequence[str]) -> dict[str, Vacancy]:
        """By reference the vacancy that is live, else the last one of this client. The live ones are locked."""
        own = select(Vacancy).where(
            Vacancy.employer_id == self.employer_id, self.uow.among(Vacancy.reference, references)
        )
        fresh = {"populate_existing": True}
        live = own.where(LIVE).order_by(Vacancy.id).with_for_update()
        found = {str(row.reference): row for row in self.uow.session.scalars(live, execution_options=fresh)}
        rest = [each for each in references if each not in found]
        if rest:
            ended = select(Vacancy).where(
                Vacancy.employer_id == self.employer_id,
                self.uow.among(Vacancy.reference, rest),
                Vacancy.status.not_in(LIVE_VACANCY),
            )
            for row in self.uow.session.scalars(ended.order_by(Vacancy.id).with_for_update(), execution_options=fresh):
                if self._is_own(row):
                    found[str(row.reference)] = row
        return found

    def _is_own(self, row: Vacancy) -> bool:
        """What was reported before this was kept counts as the sender's own."""
        return row.client_id in (None, self.actor.client_id)

    def case_of(self, row: CheckedRow) -> Case:
        """What comes of the row. What is wrong is added to its findings; nothing is written."""
        case = Case(row, vacancy=self._known.get(row.data["reference"]))
        try:
            if case.vacancy is not None and not self._is_own(case.vacancy):
                self._exists(row, "reference", case.vacancy.id)
                return case
            case.given = self._given(row.data)
            self._weigh(case)
        except Problem as problem:
            self._wrong(case, problem)
        if not row.failed:
            begins = case.step.course is Course.BEGINS
            changes = case.step.course is Course.CHANGES
            row.outcome = Outcome.CREATED if begins else Outcome.CHANGED if changes else Outcome.UNCHANGED
            if case.step.course in _REMARKS:
                code, text = _REMARKS[case.step.course]
                row.warnings.append(Finding(self.headings.get("reference"), code, text))
        return case

    def _given(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The row as a single request says it."""
        given = {name: data[name] for name in (*views.PLAIN_FIELDS, "expires_on") if name in data}
        hours = {"min": data.get("hours_min", data.get("hours")), "max": data.get("hours_max", data.get("hours"))}
        hours = {name: value for name, value in hours.items() if value is not None}
        if hours:
            given["hours"] = hours
        if "jobcoach_organisation" in data:
            coach = self._coaches.find(data["jobcoach_organisation"])
            if isinstance(coach, Wrong):
                raise invalid_input([FieldError(coach.code, coach.text, pointer="/jobcoachOrganisationId")])
            given["jobcoach_organisation_id"] = coach
        workplace = {name: data[name] for name in ("postcode", "municipality") if name in data}
        if workplace:
            given["workplace"] = workplace
        if "establishment" in data:
            if workplace:
                raise invalid_input([FieldError("two-places", _TWO_PLACES, pointer="/workplace")])
            found = self._places[data["establishment"]]
            if isinstance(found, Wrong):
                raise invalid_input([FieldError(found.code, found.text, pointer="/establishmentId")])
            given["establishment_id"] = found
        return given

    def _weigh(self, case: Case) -> None:
        row, known = case.row, case.vacancy
        signal_id = self._signal_of(row) if "freed_by_signal" in row.data else None
        if known is not None:
            case.news = _news(known, case.given)
            case.region = known.region_code
        last_day = case.given.get("expires_on")
        case.step = step_of(
            case.asked,
            None if known is None else known.status,
            differs=bool(case.news),
            later=last_day is not None and last_day >= self.uow.today,
            passed=last_day is not None and last_day < self.uow.today,
        )
        if case.step.course is Course.BEGINS:
            self._begin(case, signal_id)
        elif case.step.course is Course.CHANGES and known is not None:
            if signal_id is not None and signal_id != known.freed_by_signal_id:
                raise invalid_input([FieldError("fixed", _FIXED, pointer="/freedBySignalId")])
            self._change(case, known)

    def _begin(self, case: Case, signal_id: str | None) -> None:
        if "freed_by_signal" in case.row.data:
            if signal_id is None:
                raise invalid_input([unknown_reference("/freedBySignalId")])
            case.given["freed_by_signal_id"] = signal_id
        if missing := {"min", "max"} - case.given.get("hours", {"min": 0, "max": 0}).keys():
            required = Text("Deze cel mag niet leeg zijn.", "This cell may not be empty.")
            raise invalid_input([FieldError("required", required, pointer=f"/hours/{each}") for each in missing])
        made = operations.drafted(self.uow, self.actor, case.given | {"employer_id": self.employer_id})
        target = VacancyStatus(case.asked or RowStatus.OPEN)
        if target is not VacancyStatus.DRAFT:
            course.check_move(self.uow, made, target, PartyKind.EMPLOYER)
        case.vacancy, case.step = made, Step(Course.BEGINS, to=target)

    def _change(self, case: Case, known: Vacancy) -> None:
        """Checks it and puts it into the row, which is thrown away where something is wrong."""
        renews = known.status is VacancyStatus.EXPIRED and (case.step.facts or case.step.to is VacancyStatus.OPEN)
        if renews and (existing := course.in_the_way(self.uow, [known])):
            self._exists(case.row, "freedBySignal", existing[known.id])
            return
        if case.step.to is not None:
            course.check_move(
                self.uow,
                known,
                case.step.to,
                PartyKind.EMPLOYER,
                filled_on=case.row.data.get("filled_on"),
                valid_until=case.given.get("expires_on"),
            )
        case.renews = known.status is VacancyStatus.EXPIRED and case.step.facts and case.step.to is None
        if case.step.facts:
            operations.apply_change(self.uow, known, case.news)

    def refuse_second(self, cases: Sequence[Case]) -> None:
        """Of the vacancies that are to begin, adds to their rows what stands in the way."""
        begins = [each.vacancy for each in cases if each.step.course is Course.BEGINS and each.vacancy is not None]
        existing = course.in_the_way(self.uow, begins) if begins else {}
        named: set[str] = set()
        for case in cases:
            vacancy = case.vacancy
            if vacancy is None or case.step.course is not Course.BEGINS or case.row.failed:
                continue
            if vacancy.id in existing:
                self._exists(case.row, "freedBySignal", existing[vacancy.id])
            elif vacancy.freed_by_signal_id is not None and vacancy.freed_by_signal_id in named:
                case.row.findings.append(Finding(self.headings.get("freedBySignal"), "twice", _SIGNAL_TWICE))
            elif vacancy.freed_by_signal_id is not None:
                named.add(vacancy.freed_by_signal_id)

    def _signal_of(self, row: CheckedRow) -> str | None:
        text = str(row.data["freed_by_signal"])
        return text if is_id(text) else self._signals.get(text.upper())

    def _exists(self, row: CheckedRow, column: str, vacancy_id: str) -> None:
        text = Text(
            f"Deze vacature loopt al, gemeld op een andere manier: /v1/vacancies/{vacancy_id}. Wijzig die daar.",
            f"This vacancy is live already, reported in another way: /v1/vacancies/{vacancy_id}. Change it there.",
        )
        row.findings.append(Finding(self.headings.get(column, column), "vacancy-exists", text))

    def _wrong(self, case: Case, problem: Problem) -> None:
        """What a single request would answer, by column."""
        if not problem.errors:
            column = _COLUMN_OF.get(problem.code)
            name = None if column is None else self.headings.get(column, column)
            case.row.findings.append(Finding(name, problem.code, problem.detail))
        for error in problem.errors:
            pointer = error.pointer or ""
            columns = _COLUMNS.get(pointer, (pointer.strip("/"),))
            column = next((each for each in columns if each in self.headings), columns[0])
            case.row.findings.append(Finding(self.headings.get(column, column), error.code, error.text))


def _news(row: Vacancy, given: Mapping[str, Any]) -> dict[str, Any]:
    """What a row of a file says otherwise than the vacancy does."""
    return {name: value for name, value in given.items() if not _same(row, name, value)}


def _same(row: Vacancy, name: str, value: Any) -> bool:
    if name == "hours":
        own = {"min": row.hours_min, "max": row.hours_max}
        return all(own[end] == as_written(hours) for end, hours in value.items())
    if name == "workplace":
        own_place = {"postcode": row.postcode, "municipality": row.municipality_code}
        return all(own_place[part] == text for part, text in value.items())
    own_value = getattr(row, name)
    if name in _SETS and own_value is not None:
        return set(own_value) == set(value)
    return bool(own_value == value)
