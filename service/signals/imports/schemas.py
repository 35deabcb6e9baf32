"""A row of a file of contract ends, with the headings that we know for its columns, and the receipts of its rows."""

from __future__ import annotations

from typing import Final

from service.kernel.fields import Code, Date, Id, Integer, QueryBoolean, String
from service.kernel.imports.columns import Columns, DayCell, WordCell, YesNoCell
from service.kernel.imports.models import Outcome
from service.kernel.schemas import Page, Schema, View, page_of
from service.signals.rules import Consent, EndReason, SignalPhase, VacancyExpected
from service.signals.wording import END_REASON_TEXT, PHASE_TEXT

COLUMNS: Final = Columns(
    {
        "employment": ("dienstverband", "employment", "employmentId"),
        "reference": ("referentie", "kenmerk dienstverband", "reference"),
        "employeeNumber": ("personeelsnummer", "employeeNumber"),
        "phase": ("fase", "phase"),
        "expectedEndDate": ("einddatum", "verwachte einddatum", "expectedEndDate"),
        "endReason": ("reden", "reden einde", "endReason"),
        "employeeInformed": ("werknemer weet het", "werknemer geïnformeerd", "employeeInformed"),
        "vacancyExpected": ("vacature", "vacature verwacht", "vacancyExpected"),
        "consentToContactEmployer": ("toestemming", "consentToContactEmployer"),
        "signalReference": ("kenmerk melding", "signalReference"),
    },
    needed=(("employment", "reference", "employeeNumber"), ("phase",), ("employeeInformed",)),
)

EXAMPLE: Final = (
    {
        "reference": "VOORBEELD-1",
        "phase": "twijfel",
        "expectedEndDate": "31-12-2027",
        "endReason": "Geen vast contract mogelijk",
        "employeeInformed": "ja",
        "vacancyExpected": "onbekend",
    },
    {"reference": "VOORBEELD-2", "phase": "besloten", "expectedEndDate": "30-11-2027", "employeeInformed": "ja"},
)
"""Taken over only where there are such employments: a row that is left in a file by mistake fails."""

PHASES: Final = {
    "loopt af": SignalPhase.ENDING_SOON,
    "twijfel": SignalPhase.DOUBT,
    "besloten": SignalPhase.DECIDED,
    "beëindigd": SignalPhase.ENDED,
    "beeindigd": SignalPhase.ENDED,
    **{word: phase for phase, text in PHASE_TEXT.items() for word in text},
}
REASONS: Final = {word: reason for reason, text in END_REASON_TEXT.items() for word in text}
VACANCY: Final = {
    **dict.fromkeys(("ja", "j"), VacancyExpected.YES),
    **dict.fromkeys(("nee", "n"), VacancyExpected.NO),
    **dict.fromkeys(("onbekend", "weet niet", "weet ik niet"), VacancyExpected.UNKNOWN),
}
CONSENT: Final = {
    **dict.fromkeys(("ja", "j", "yes", "gegeven", "toestemming"), Consent.GRANTED),
    **dict.fromkeys(("nee", "n", "no", "geweigerd", "geen toestemming"), Consent.REFUSED),
    **dict.fromkeys(("onbekend", "niet gevraagd"), Consent.UNKNOWN),
}


class SignalRow(Schema):
    """What may stand in a cell. An empty one says nothing: of a report that is there already it changes nothing."""

    employment = Id()
    reference = String(maximum=100)
    employee_number = String(maximum=50)
    phase = WordCell(SignalPhase, PHASES, required=True)
    expected_end_date = DayCell()
    end_reason = WordCell(EndReason, REASONS)
    employee_informed = YesNoCell(required=True)
    vacancy_expected = WordCell(VacancyExpected, VACANCY)
    consent_to_contact_employer = WordCell(Consent, CONSENT)
    signal_reference = String(maximum=100)


class SignalImportQuery(Schema):
    """No mode: a file of contract ends never holds all there is, and what it does not name is left alone."""

    dry_run = QueryBoolean(
        load_default=False, metadata={"description": "true: everything is checked and counted, nothing is written."}
    )
    employer_id = Id(
        metadata={
            "description": "At which employer. Needed by who acts for several employers, and by a jobcoach "
            "organisation that names people by reference or employee number."
        }
    )


class ImportReceiptView(View):
    """The receipt of a row. The whole of it, contact and deadlines included, stands in the signal."""

    number = Integer(
        minimum=1, maximum=10_000_000, required=True, metadata={"description": "The row, as a spreadsheet counts"}
    )
    outcome = Code(
        Outcome,
        required=True,
        metadata={"description": "`created`: reported by this row; `changed`, `unchanged`: reported before"},
    )
    signal_id = Id(required=True)
    employment_id = Id(required=True)
    receipt_number = String(required=True, metadata={"example": "SP-7K3M9-Q2X4H"})
    acknowledge_by = Date(required=True)


class ImportReceiptQuery(Page):
    outcome = Code(Outcome)


ImportReceiptPage = page_of(ImportReceiptView, "ImportReceiptPage")
