"""The tasks of a start agreement in plain words."""

from __future__ import annotations

from typing import Final

from service.contacts.agreements.rules import AgreementError, AgreementTask
from service.kernel.text import Text

TASK_TEXT: Final = {
    AgreementTask.FIRST_CONTACT_AT_WORK: Text("Eerste aanspreekpunt op het werk", "First person to turn to at work"),
    AgreementTask.DAILY_GUIDANCE: Text("Begeleiding op de werkplek", "Guidance at the workplace"),
    AgreementTask.JOBCOACHING: Text("Jobcoaching", "Jobcoaching"),
    AgreementTask.WORKPLACE_ADJUSTMENTS: Text(
        "Regelt aanpassingen van de werkplek", "Arranges adjustments of the workplace"
    ),
    AgreementTask.SCHEDULE_AND_HOURS: Text("Spreekt rooster en uren af", "Agrees on schedule and hours"),
    AgreementTask.REPORTS_CHANGES: Text("Geeft wijzigingen door", "Reports changes"),
    AgreementTask.CONTACT_WITH_UWV: Text("Houdt contact met UWV", "Keeps in touch with UWV"),
    AgreementTask.PLANS_EVALUATIONS: Text("Plant de evaluaties", "Plans the evaluations"),
    AgreementTask.WARNS_EARLY: Text(
        "Meldt het op tijd als het werk dreigt te stoppen", "Warns in time when the work may end"
    ),
    AgreementTask.DEVELOPMENT: Text("Helpt bij leren en groeien", "Helps to learn and to grow"),
}

ERROR_TEXT: Final = {
    AgreementError.IN_THE_FUTURE: Text("Deze dag ligt in de toekomst.", "This day lies in the future."),
    AgreementError.NOT_A_PARTICIPANT: Text(
        "Deze rol doet niet mee. Zet die bij 'participants', of haal dit weg.",
        "This role does not take part. Add it to 'participants', or remove this.",
    ),
    AgreementError.EMPLOYEE_MISSING: Text(
        "Met de werkgever maakt u alleen afspraken waar de werknemer bij is.",
        "Agreements with the employer are made only with the employee present.",
    ),
    AgreementError.TASK_TWICE: Text("Deze taak heeft al iemand.", "Somebody has this task already."),
    AgreementError.BEFORE_AGREEMENT: Text(
        "Deze dag ligt voor de dag van de afspraken.", "This day lies before the day of the agreement."
    ),
}
