"""What the service says about a contract-end signal: the warnings in a receipt, and labels.

Plain Dutch (B1) and English, short sentences, and never a reproach to the one who reports. Rule numbers are those of
docs/domain.md.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple

from service.employers.rules import RuleWarning, months_later
from service.kernel.text import Text
from service.signals.deadlines import NextStepCode
from service.signals.rules import (
    EmployerOutcome,
    EmployerStatus,
    EndReason,
    EscalationLevel,
    SignalPhase,
)

# --- Warnings in a receipt --------------------------------------------------------------------------------------

FAR_AWAY_MONTHS: Final = 36


class ReceiptWarning(StrEnum):
    """Codes of what the reporter may want to look at; the report itself is accepted."""

    END_IN_PAST = "end_in_past"
    END_FAR_AWAY = "end_far_away"
    END_BEFORE_START = "end_before_start"
    END_EQUALS_START = "end_equals_start"
    END_NOT_REACHED = "end_not_reached"
    END_MISSING = "end_missing"
    END_DIFFERS_FROM_REGISTER = "end_differs_from_register"
    EMPLOYEE_NOT_INFORMED = "employee_not_informed"


class _Report(NamedTuple):
    phase: SignalPhase
    end: date | None
    employee_informed: bool
    start: date | None
    registered_end: date | None
    received: date


_RECEIPT_CHECKS: Final[tuple[tuple[ReceiptWarning, Callable[[_Report], bool], Text], ...]] = (
    (
        ReceiptWarning.END_IN_PAST,
        lambda r: r.end is not None and r.end < r.received and r.phase is not SignalPhase.ENDED,
        Text(
            "De einddatum is al voorbij. Klopt de datum? U kunt hem aanpassen.",
            "The end date has already passed. Is the date right? You can change it.",
        ),
    ),
    (
        ReceiptWarning.END_FAR_AWAY,
        lambda r: r.end is not None and r.end > months_later(r.received, FAR_AWAY_MONTHS),
        Text(
            "De einddatum ligt meer dan drie jaar vooruit. Klopt de datum? U kunt hem aanpassen.",
            "The end date is more than three years ahead. Is the date right? You can change it.",
        ),
    ),
    (
        ReceiptWarning.END_BEFORE_START,
        lambda r: r.end is not None and r.start is not None and r.end < r.start,
        Text(
            "De einddatum ligt voor de begindatum van het contract. Welke datum klopt?",
            "The end date lies before the start date of the contract. Which date is right?",
        ),
    ),
    (
        ReceiptWarning.END_EQUALS_START,
        lambda r: r.end is not None and r.end == r.start,
        Text(
            "De einddatum is gelijk aan de begindatum van het contract. Klopt dat?",
            "The end date is the same as the start date of the contract. Is that right?",
        ),
    ),
    (
        ReceiptWarning.END_NOT_REACHED,
        lambda r: r.phase is SignalPhase.ENDED and r.end is not None and r.end >= r.received,
        Text(
            "U meldt dat het contract is beëindigd. De einddatum is nog niet voorbij. Wat klopt?",
            "You report that the contract has ended. The end date has not passed yet. Which is right?",
        ),
    ),
    (
        ReceiptWarning.END_MISSING,
        lambda r: r.phase in (SignalPhase.DECIDED, SignalPhase.ENDED) and r.end is None,
        Text(
            "Er is nog geen einddatum. Met een einddatum kunnen wij beter plannen.",
            "There is no end date yet. With an end date we can plan better.",
        ),
    ),
    (
        ReceiptWarning.END_DIFFERS_FROM_REGISTER,
        lambda r: r.end is not None and r.registered_end is not None and r.end != r.registered_end,
        Text(
            "In uw contractenlijst staat een andere einddatum. Welke datum klopt?",
            "Your contract register has another end date. Which date is right?",
        ),
    ),
    (
        ReceiptWarning.EMPLOYEE_NOT_INFORMED,
        lambda r: not r.employee_informed,
        Text(
            "De werknemer weet nog niet van deze melding. Laat u het ons weten als u het heeft besproken?",
            "The employee does not know about this report yet. Will you let us know once you have talked about it?",
        ),
    ),
)


def receipt_warnings(
    *,
    received: date,
    phase: SignalPhase,
    end: date | None,
    employee_informed: bool,
    start: date | None = None,
    registered_end: date | None = None,
) -> list[RuleWarning]:
    """What the reporter may want to look at, in a fixed order; an empty list where nothing is odd.

    `start` and `registered_end` are those of the employment. A past end is odd only while the phase does not say
    that the contract has ended; more than three years away is odd in any phase.
    """
    report = _Report(phase, end, employee_informed, start, registered_end, received)
    return [RuleWarning(code, text) for code, odd, text in _RECEIPT_CHECKS if odd(report)]


# --- Labels -----------------------------------------------------------------------------------------------------

PHASE_TEXT: Final[dict[SignalPhase, Text]] = {
    SignalPhase.ENDING_SOON: Text("De einddatum komt dichterbij", "The end date is coming closer"),
    SignalPhase.DOUBT: Text("Er is twijfel of het contract doorgaat", "It is in doubt whether the contract goes on"),
    SignalPhase.DECIDED: Text("Het contract stopt", "The contract will end"),
    SignalPhase.ENDED: Text("Het contract is gestopt", "The contract has ended"),
}

EMPLOYER_STATUS_TEXT: Final[dict[EmployerStatus, Text]] = {
    EmployerStatus.RECEIVED: Text("Ontvangen", "Received"),
    EmployerStatus.SEEN: Text("Gezien", "Seen"),
    EmployerStatus.ACKNOWLEDGED: Text("Opgepakt", "Picked up"),
    EmployerStatus.PLANNED: Text("Er is een plan", "There is a plan"),
    EmployerStatus.CLOSED: Text("Afgerond", "Closed"),
    EmployerStatus.WITHDRAWN: Text("Ingetrokken", "Withdrawn"),
}

EMPLOYER_OUTCOME_TEXT: Final[dict[EmployerOutcome, Text]] = {
    EmployerOutcome.EXTENDED: Text("Het contract gaat door", "The contract goes on"),
    EmployerOutcome.INTERNAL_MOVE: Text("Ander werk bij dezelfde werkgever", "Other work at the same employer"),
    EmployerOutcome.NEW_WORK: Text("Nieuw werk", "New work"),
    EmployerOutcome.NOT_KNOWN: Text("Niet bekend", "Not known"),
}

NEXT_STEP_TEXT: Final[dict[NextStepCode, Text]] = {
    NextStepCode.ACKNOWLEDGE: Text(
        "UWV of het Servicepunt moet de melding nog oppakken", "The report is still to be picked up"
    ),
    NextStepCode.MAKE_PLAN: Text("Er komt een plan", "A plan is made"),
    NextStepCode.TELL_DECISION: Text("Laat weten of het contract doorgaat", "Tell whether the contract goes on"),
    NextStepCode.CARRY_OUT_PLAN: Text("Het plan wordt uitgevoerd", "The plan is carried out"),
    NextStepCode.START_INTERVIEW: Text("Er volgt een startgesprek", "A start interview follows"),
    NextStepCode.CALL_EMPLOYER: Text(
        "De werkgever heeft niet geantwoord. Bellen mag als de werknemer dat goedvindt",
        "The employer has not answered. You may call if the employee consents",
    ),
}

# 'Now with …', without blame.
ESCALATION_TEXT: Final[dict[EscalationLevel, Text]] = {
    EscalationLevel.CASEWORKER: Text("Nu bij de contactpersoon", "Now with the contact"),
    EscalationLevel.BACKUP: Text("Nu bij de achtervang", "Now with the backup"),
    EscalationLevel.TEAM: Text("Nu bij het team", "Now with the team"),
    EscalationLevel.DESK: Text("Nu bij het Servicepunt", "Now with the desk"),
}

END_REASON_TEXT: Final[dict[EndReason, Text]] = {
    EndReason.FIXED_TERM_NOT_RENEWED: Text("Tijdelijk contract wordt niet verlengd", "Fixed term is not renewed"),
    EndReason.NO_PERMANENT_CONTRACT: Text("Geen vast contract mogelijk", "No permanent contract possible"),
    EndReason.REORGANISATION: Text("Reorganisatie", "Reorganisation"),
    EndReason.BANKRUPTCY: Text("Faillissement", "Bankruptcy"),
    EndReason.ESTABLISHMENT_CLOSES: Text("De vestiging sluit", "The establishment closes"),
    EndReason.LESS_WORK: Text("Er is minder werk", "There is less work"),
    EndReason.PROJECT_FINISHED: Text("Het project is klaar", "The project is finished"),
    EndReason.REPLACEMENT_FINISHED: Text("De vervanging is voorbij", "The replacement of a colleague is over"),
    EndReason.AGENCY_ASSIGNMENT_FINISHED: Text("De uitzendopdracht is voorbij", "The agency assignment is over"),
    EndReason.PROBATION_PERIOD: Text("Einde in de proeftijd", "End in the probation period"),
    EndReason.EMPLOYEE_WANTS_OTHER_WORK: Text("Werknemer wil ander werk", "Employee wants other work"),
    EndReason.EMPLOYEE_WANTS_TO_GROW: Text("Werknemer wil zich ontwikkelen", "Employee wants to grow"),
    EndReason.EMPLOYEE_FOUND_NEW_WORK: Text("Werknemer heeft nieuw werk", "Employee has found new work"),
    EndReason.EMPLOYEE_STARTS_EDUCATION: Text("Werknemer gaat een opleiding doen", "Employee starts education"),
    EndReason.EMPLOYEE_MOVES_HOUSE: Text("Werknemer gaat verhuizen", "Employee moves house"),
    EndReason.EMPLOYEE_CIRCUMSTANCES: Text("Eigen keuze of situatie van de werknemer", "Employee's own circumstances"),
    EndReason.EMPLOYEE_RETIRES: Text("Werknemer gaat met pensioen", "Employee retires"),
    EndReason.HOURS_DO_NOT_FIT: Text("De uren passen niet", "The hours do not fit"),
    EndReason.TASKS_DO_NOT_FIT: Text("De taken passen niet", "The tasks do not fit"),
    EndReason.TRAVEL_DOES_NOT_FIT: Text("De reis naar het werk past niet", "The journey to work does not fit"),
    EndReason.MATCH_NO_LONGER_FITS: Text("Werk en werknemer passen niet meer bij elkaar", "The match no longer fits"),
    EndReason.MUTUAL_AGREEMENT: Text("In overleg besloten", "Agreed together"),
    EndReason.EXTENDED_ELSEWHERE: Text(
        "Contract gaat door op een andere plek bij de werkgever", "Contract goes on elsewhere at the employer"
    ),
    EndReason.UNKNOWN: Text("Niet bekend", "Not known"),
}
