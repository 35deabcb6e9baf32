"""A row of the caseload, with the headings that we know for its columns."""

from __future__ import annotations

from typing import Final

from service.contacts.rules import ConsentMeans, DisclosureReason
from service.contacts.schemas import ClientNumber
from service.employers.schemas import KvkNumber
from service.kernel.fields import Pattern, QueryBoolean, String
from service.kernel.imports.columns import Columns, DayCell, EmailCell, WordCell, YesNoCell
from service.kernel.imports.jobs import ImportQuery
from service.kernel.schemas import Schema
from service.people.schemas import Bsn

COLUMNS: Final = Columns(
    {
        "bsn": ("bsn", "burgerservicenummer"),
        "clientNumber": ("clientnummer", "cliëntnummer", "clientNumber"),
        "name": ("naam", "name"),
        "email": ("email", "e-mailadres"),
        "postcode4": ("postcode4", "pc4"),
        "caseworker": ("ad", "arbeidsdeskundige", "caseworker"),
        "team": ("team",),
        "office": ("kantoor", "office"),
        "backup": ("achtervang", "backup"),
        "validFrom": ("vanaf", "ingangsdatum", "validFrom"),
        "employer": ("werkgever", "kvk", "kvknummer", "employer", "kvkNumber"),
        "disclosed": ("bekend", "bekend bij werkgever", "disclosed"),
        "reason": ("reden", "reason"),
        "consentOn": ("toestemming op", "consentOn"),
        "consentMeans": ("toestemming via", "consentMeans"),
    },
    needed=(("bsn", "clientNumber"), ("caseworker", "team")),
)

_REASONS: Final = {
    "startafspraken": DisclosureReason.START_AGREEMENT,
    "loondispensatie": DisclosureReason.WAGE_DISPENSATION,
    "jobcoachsubsidie": DisclosureReason.JOBCOACH_SUBSIDY,
    "proefplaatsing": DisclosureReason.TRIAL_PLACEMENT,
    "anders, met toestemming": DisclosureReason.OTHER_WITH_CONSENT,
}
_MEANS: Final = {
    "gesprek": ConsentMeans.CONVERSATION,
    "telefoon": ConsentMeans.PHONE,
    "brief": ConsentMeans.LETTER,
    "e-mail": ConsentMeans.EMAIL,
}


class AssignmentRow(Schema):
    """What may stand in a cell. What cells say together is looked at where the row is handled."""

    bsn = Bsn()
    client_number = ClientNumber()
    name = String(maximum=120)
    email = EmailCell()
    postcode4 = Pattern(r"[1-9]\d{3}", "9711", minimum=4, maximum=4)
    caseworker = String(maximum=254)
    team = String(maximum=200)
    office = String(maximum=200)
    backup = String(maximum=254)
    valid_from = DayCell()
    employer = KvkNumber()
    disclosed = YesNoCell()
    reason = WordCell(DisclosureReason, _REASONS)
    consent_on = DayCell()
    consent_means = WordCell(ConsentMeans, _MEANS)


class AssignmentImportQuery(ImportQuery):
    end_missing = QueryBoolean(
        load_default=False,
        metadata={
            "description": "With mode=full, where no row failed: nobody is responsible any more for clients whom the "
            "file does not name. Without it they are only reported."
        },
    )
