"""A row of a file of vacancies, with the headings that we know for its columns, and the receipts of its rows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from service.employers.imports.schemas import CONTRACTS
from service.employers.rules import ContractType
from service.kernel.fields import Code, Date, Id, Integer, List, QueryBoolean, QueryInteger, String
from service.kernel.imports.columns import Columns, DayCell, NumberCell, WordCell, YesNoCell
from service.kernel.imports.models import Outcome
from service.kernel.schemas import Page, Schema, View, page_of
from service.people.schemas import WorkText
from service.reference.qualifications import DrivingLicence, LanguageLevel
from service.reference.schemas import Municipality, OccupationCode, Postcode
from service.reference.work_codes import WorkCondition, WorkDemand, work_code
from service.vacancies.imports.rules import RowStatus
from service.vacancies.rules import JobcoachArrangement, VacancyStatus

COLUMNS: Final = Columns(
    {
        "reference": ("referentie", "kenmerk", "vacaturenummer", "vacature-id", "reference"),
        "status": ("status",),
        "title": ("titel", "functie", "functietitel", "vacaturetitel", "title"),
        "description": ("omschrijving", "vacaturetekst", "description"),
        "occupationCode": ("beroep", "beroepscode", "occupationCode"),
        "tasks": ("taken", "werkzaamheden", "tasks"),
        "hours": ("uren", "uren per week", "contracturen", "hours"),
        "hoursMin": ("uren vanaf", "minimum uren", "hoursMin"),
        "hoursMax": ("uren tot", "maximum uren", "hoursMax"),
        "startDate": ("begindatum", "startdatum", "startDate"),
        "contractType": ("contractsoort", "soort contract", "contractType"),
        "positions": ("aantal", "aantal plekken", "positions"),
        "languageLevel": ("taalniveau", "languageLevel"),
        "drivingLicences": ("rijbewijs", "rijbewijzen", "drivingLicences"),
        "demands": ("eisen", "het werk vraagt", "demands"),
        "offers": ("aanbod", "de werkplek biedt", "offers"),
        "trialPlacement": ("proefplaatsing", "trialPlacement"),
        "jobcoachArrangement": ("jobcoach", "jobcoachArrangement"),
        "jobcoachOrganisation": ("jobcoachorganisatie", "jobcoachOrganisation", "jobcoachOrganisationId"),
        "establishment": ("vestiging", "vestigingsnummer", "establishment", "establishmentId"),
        "postcode": ("postcode",),
        "municipality": ("gemeente", "municipality"),
        "freedBySignal": ("melding", "ontvangstnummer", "freedBySignal", "freedBySignalId"),
        "expiresOn": ("geldig tot en met", "laatste dag", "sluitingsdatum", "expiresOn"),
        "filledOn": ("vervuld op", "filledOn"),
    },
    needed=(("reference",),),
)

EXAMPLE: Final = (
    {
        "reference": "VOORBEELD-1",
        "title": "Medewerker magazijn",
        "occupationCode": "9333",
        "tasks": "Pakketten inpakken; Dozen stapelen",
        "hoursMin": "24",
        "hoursMax": "32",
        "contractType": "tijdelijk",
        "drivingLicences": "B",
        "demands": "standing_long heavy_lifting",
        "offers": "fixed_tasks",
        "trialPlacement": "ja",
        "establishment": "Vestiging Voorbeeld",
    },
    {
        "reference": "VOORBEELD-2",
        "status": "concept",
        "title": "Schoonmaker",
        "occupationCode": "9112",
        "hours": "20",
        "contractType": "vast",
        "establishment": "Vestiging Voorbeeld",
    },
)
"""Taken over only where there is such an establishment: a row that is left in a file by mistake opens nothing."""

STATUSES: Final = {
    "concept": RowStatus.DRAFT,
    "open": RowStatus.OPEN,
    "aangehouden": RowStatus.ON_HOLD,
    "vervuld": RowStatus.FILLED,
    "ingetrokken": RowStatus.WITHDRAWN,
    "openstaand": RowStatus.OPEN,
    "gepauzeerd": RowStatus.ON_HOLD,
    "ingevuld": RowStatus.FILLED,
    "vervallen": RowStatus.WITHDRAWN,
}
ARRANGEMENTS: Final = {
    **dict.fromkeys(("vrij", "vrije keuze"), JobcoachArrangement.FREE),
    **dict.fromkeys(("vast", "vaste organisatie"), JobcoachArrangement.FIXED),
}
LEVELS: Final = {"geen": LanguageLevel.NONE, **{level.value: level for level in LanguageLevel}}
STANDING: Final = frozenset({"doorlopend", "geen", "none", "standing"})
"""Words for the start of a standing opening."""
NO_ITEMS: Final = frozenset({"geen", "none", "nothing", "niets"})
"""Words for an empty list."""


class StartCell(DayCell):
    """A day, or a word for a standing opening, which has none."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        if isinstance(value, str) and value.casefold() in STANDING:
            return None
        return super()._deserialize(value, attr, data, **kwargs)


class WholeNumberCell(QueryInteger):
    """A whole number."""


class TextsCell(List):
    """Texts, each ended by a semicolon or a line of its own."""

    def __init__(self, maximum_each: int, maximum: int) -> None:
        super().__init__(WorkText(maximum=maximum_each), maximum=maximum)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> list[Any]:
        return super()._deserialize(_parts(value), attr, data, **kwargs)


class CodesCell(List):
    """Codes of a closed list with spaces, commas or semicolons in between; words for a code go between semicolons."""

    def __init__(self, enum: type[StrEnum], words: Mapping[str, StrEnum]) -> None:
        super().__init__(Code(enum), unique=True)
        self._words = {member.value.casefold(): member.value for member in enum}
        self._words |= {word.casefold(): member.value for word, member in words.items()}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> list[Any]:
        codes: list[str] = []
        for part in _parts(value):
            known = self._words.get(part.casefold())
            each = [part] if known is not None else re.split(r"[\s,]+", part)
            codes += [self._words.get(one.casefold(), one) for one in each if one]
        if len(codes) == 1 and codes[0].casefold() in NO_ITEMS:
            codes = []
        return super()._deserialize(codes, attr, data, **kwargs)


def _parts(value: Any) -> list[str]:
    return [part.strip() for part in re.split(r"[;\n]", str(value)) if part.strip()]


def _labels(enum: type[StrEnum]) -> dict[str, StrEnum]:
    """The sentences in which a vacancy says a code about work."""
    found: dict[str, StrEnum] = {}
    for member in enum:
        known = work_code(member.value)
        found |= dict.fromkeys(known.offer_label, member) if known else {}
    return found


class VacancyRow(Schema):
    """What may stand in a cell. An empty one says nothing: of a vacancy that is there already it changes nothing."""

    reference = WorkText(maximum=100, required=True)
    status = WordCell(RowStatus, STATUSES)
    title = WorkText(maximum=120)
    description = WorkText(maximum=4000, lines=True)
    occupation_code = OccupationCode()
    tasks = TextsCell(200, 20)
    hours = NumberCell(minimum=0, maximum=80)
    hours_min = NumberCell(minimum=0, maximum=80)
    hours_max = NumberCell(minimum=0, maximum=80)
    start_date = StartCell()
    contract_type = WordCell(ContractType, CONTRACTS)
    positions = WholeNumberCell(minimum=1, maximum=500)
    language_level = WordCell(LanguageLevel, LEVELS)
    driving_licences = CodesCell(DrivingLicence, {})
    demands = CodesCell(WorkDemand, _labels(WorkDemand))
    offers = CodesCell(WorkCondition, _labels(WorkCondition))
    trial_placement = YesNoCell()
    jobcoach_arrangement = WordCell(JobcoachArrangement, ARRANGEMENTS)
    jobcoach_organisation = String(maximum=200)
    establishment = String(maximum=200)
    postcode = Postcode()
    municipality = Municipality()
    freed_by_signal = String(maximum=50)
    expires_on = DayCell()
    filled_on = DayCell()


class VacancyImportQuery(Schema):
    """No mode: what a file does not name is left alone."""

    dry_run = QueryBoolean(
        load_default=False, metadata={"description": "true: everything is checked and counted, nothing is written."}
    )
    employer_id = Id(metadata={"description": "Whose vacancies; needed only by who acts for several employers"})


class VacancyReceiptView(View):
    """What came of a row, with the vacancy as it is now."""

    number = Integer(
        minimum=1, maximum=10_000_000, required=True, metadata={"description": "The row, as a spreadsheet counts"}
    )
    outcome = Code(
        Outcome,
        required=True,
        metadata={"description": "`created`: reported by this row; `changed`, `unchanged`: reported before"},
    )
    vacancy_id = Id(required=True)
    reference = String(required=True, allow_none=True)
    status = Code(VacancyStatus, required=True)
    expires_on = Date(required=True, allow_none=True, metadata={"description": "The last valid day"})


class VacancyReceiptQuery(Page):
    outcome = Code(Outcome)


VacancyReceiptPage = page_of(VacancyReceiptView, "VacancyReceiptPage")
