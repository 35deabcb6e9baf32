"""The formalities around the end of a contract: one table, and nothing that follows from it. Pure.

An employer's items are the same for every employee: none tells of a benefit, nor that UWV knows somebody. What is
said of the law is general knowledge (docs/domain.md, formalities); each item that hangs on it leads to an official
site.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from service.access.rules import PartyKind
from service.employers.rules import ContractType, months_later
from service.kernel.text import Text

NOTICE_MONTHS: Final = 6
ONE_DAY: Final = timedelta(days=1)
ONE_WEEK: Final = timedelta(days=7)

UWV: Final = "https://www.uwv.nl"
RIJKSOVERHEID: Final = "https://www.rijksoverheid.nl"
BELASTINGDIENST: Final = "https://www.belastingdienst.nl"


class For(StrEnum):
    """Whose item it is."""

    EMPLOYER = "employer"
    JOBCOACH = "jobcoach"
    UWV_SIDE = "uwv_side"


READER: Final[dict[PartyKind, For]] = {
    PartyKind.EMPLOYER: For.EMPLOYER,
    PartyKind.JOBCOACH_ORGANISATION: For.JOBCOACH,
    PartyKind.UWV: For.UWV_SIDE,
    PartyKind.DESK: For.UWV_SIDE,
}


class ChecklistCode(StrEnum):
    """One thing to see to."""

    TALK_WITH_EMPLOYEE = "talk_with_employee"
    STATUTORY_NOTICE = "statutory_notice"
    TRANSITION_PAYMENT = "transition_payment"
    HANDOVER_PROFILE = "handover_profile"
    FREED_VACANCY = "freed_vacancy"
    FORMS_AGREED = "forms_agreed"
    CHANGE_FORM_HELP = "change_form_help"
    WW_CLAIM_HELP = "ww_claim_help"
    PAYROLL_TAX_CREDIT_HELP = "payroll_tax_credit_help"
    HOURS_FOR_NEXT_JOB = "hours_for_next_job"
    EMPLOYER_CONSENT = "employer_consent"
    WHO_HELPS_WITH_FORMS = "who_helps_with_forms"
    CHANGE_FORM = "change_form"
    WW_CLAIM = "ww_claim"
    PAYROLL_TAX_CREDIT = "payroll_tax_credit"
    TRIAL_PLACEMENT = "trial_placement"
    NO_RISK_POLICY = "no_risk_policy"
    START_INTERVIEW = "start_interview"


class Facts(NamedTuple):
    """What the days are counted from. `end` is the expected last day as the reader may know it, `contract_…` what the
    register has."""

    end: date | None
    contract_start: date
    contract_end: date | None
    contract_type: ContractType
    interview_by: date | None = None


class When(NamedTuple):
    """From and until which day; None: no such day."""

    since: date | None = None
    until: date | None = None


class Item(NamedTuple):
    """`applies` leaves out what cannot concern this contract."""

    code: ChecklistCode
    whose: For
    text: Text
    link: str | None = None
    when: Callable[[Facts], When] = lambda facts: When()
    applies: Callable[[Facts], bool] = lambda facts: True


def month_before(day: date) -> date:
    """The same day of the month before; the last day of that month where it is shorter."""
    year, month = (day.year, day.month - 1) if day.month > 1 else (day.year - 1, 12)
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def notice_due(facts: Facts) -> bool:
    """A fixed term of six months or more, with a calendar end date. The exceptions to it are for the employer."""
    end = facts.contract_end
    if facts.contract_type is not ContractType.FIXED_TERM or end is None:
        return False
    return end >= months_later(facts.contract_start, NOTICE_MONTHS) - ONE_DAY


def _at_end(facts: Facts) -> When:
    return When(since=facts.end)


def _ww(facts: Facts) -> When:
    """From a week before to a week after the last day."""
    return When() if facts.end is None else When(facts.end - ONE_WEEK, facts.end + min(ONE_WEEK, date.max - facts.end))


ITEMS: Final[tuple[Item, ...]] = (
    Item(
        ChecklistCode.TALK_WITH_EMPLOYEE,
        For.EMPLOYER,
        Text(
            "Bespreek met de werknemer dat het contract stopt.",
            "Talk with the employee about the end of the contract.",
        ),
    ),
    Item(
        ChecklistCode.STATUTORY_NOTICE,
        For.EMPLOYER,
        Text(
            "Laat de werknemer schriftelijk weten of het contract doorgaat. Kijk op de site of er een uitzondering is.",
            "Tell the employee in writing whether the contract goes on. See the site for exceptions.",
        ),
        RIJKSOVERHEID,
        lambda facts: When() if facts.contract_end is None else When(until=month_before(facts.contract_end)),
        notice_due,
    ),
    Item(
        ChecklistCode.TRANSITION_PAYMENT,
        For.EMPLOYER,
        Text(
            "Kijk op de site of er een transitievergoeding hoort bij dit einde.",
            "See the site whether a transition payment goes with this end.",
        ),
        RIJKSOVERHEID,
    ),
    Item(
        ChecklistCode.HANDOVER_PROFILE,
        For.EMPLOYER,
        Text(
            "Schrijf op welk werk goed ging en wat daarbij hielp. Dat kan met het overdrachtsprofiel.",
            "Write down which work went well and what helped. The handover profile is made for it.",
        ),
    ),
    Item(
        ChecklistCode.FREED_VACANCY,
        For.EMPLOYER,
        Text(
            "Komt er een plek vrij? Maak er een vacature van. Het Werkgeversservicepunt zoekt mee.",
            "Does a place come free? Make it a vacancy. The employer service point helps to look.",
        ),
    ),
    Item(
        ChecklistCode.FORMS_AGREED,
        For.JOBCOACH,
        Text(
            "Spreek af wie helpt met formulieren: u of de contactpersoon bij UWV.",
            "Agree on who helps with forms: you or the contact at UWV.",
        ),
    ),
    Item(
        ChecklistCode.CHANGE_FORM_HELP,
        For.JOBCOACH,
        Text(
            "Help met het wijzigingsformulier. De cliënt stuurt het zelf naar UWV.",
            "Help with the change form. The person sends it to UWV.",
        ),
        UWV,
        _at_end,
    ),
    Item(
        ChecklistCode.WW_CLAIM_HELP,
        For.JOBCOACH,
        Text(
            "Kijk samen op de site of de cliënt WW kan aanvragen. Dat kan maar even rond de laatste werkdag.",
            "See the site together whether the person can claim WW. There are only some days for it.",
        ),
        UWV,
        _ww,
    ),
    Item(
        ChecklistCode.PAYROLL_TAX_CREDIT_HELP,
        For.JOBCOACH,
        Text(
            "Kijk samen wie de loonheffingskorting moet toepassen als het loon stopt.",
            "See together who applies the payroll tax credit when the wages stop.",
        ),
        BELASTINGDIENST,
        _at_end,
    ),
    Item(
        ChecklistCode.HOURS_FOR_NEXT_JOB,
        For.JOBCOACH,
        Text(
            "Wilt u met uw uren ook zoeken naar nieuw werk? Vraag het eerst aan de arbeidsdeskundige.",
            "Do you want to use hours to look for new work? Ask the arbeidsdeskundige first.",
        ),
    ),
    Item(
        ChecklistCode.EMPLOYER_CONSENT,
        For.UWV_SIDE,
        Text(
            "Vraag de cliënt of u met de werkgever mag praten.",
            "Ask the person whether you may talk with the employer.",
        ),
    ),
    Item(
        ChecklistCode.WHO_HELPS_WITH_FORMS,
        For.UWV_SIDE,
        Text(
            "Spreek af wie helpt met formulieren: de jobcoach of u.",
            "Agree on who helps with forms: the jobcoach or you.",
        ),
    ),
    Item(
        ChecklistCode.CHANGE_FORM,
        For.UWV_SIDE,
        Text(
            "Vraag de cliënt naar het wijzigingsformulier. De cliënt stuurt het zelf in.",
            "Ask the person about the change form. The person sends it in.",
        ),
        UWV,
        _at_end,
    ),
    Item(
        ChecklistCode.WW_CLAIM,
        For.UWV_SIDE,
        Text(
            "Kijk samen of de cliënt WW kan aanvragen, en wie daarbij helpt.",
            "See together whether the person can claim WW, and who helps with it.",
        ),
        UWV,
        _ww,
    ),
    Item(
        ChecklistCode.PAYROLL_TAX_CREDIT,
        For.UWV_SIDE,
        Text(
            "Kijk samen of de loonheffingskorting goed staat als het loon stopt.",
            "See together whether the payroll tax credit is right when the wages stop.",
        ),
        BELASTINGDIENST,
        _at_end,
    ),
    Item(
        ChecklistCode.TRIAL_PLACEMENT,
        For.UWV_SIDE,
        Text(
            "Denk bij nieuw werk aan een proefplaatsing van 2 tot 6 maanden.",
            "Think of a trial placement of 2 to 6 months with new work.",
        ),
        UWV,
    ),
    Item(
        ChecklistCode.NO_RISK_POLICY,
        For.UWV_SIDE,
        Text(
            "Kijk op de site of de no-riskpolis geldt bij nieuw werk.",
            "See the site whether the no-risk policy holds with new work.",
        ),
        UWV,
    ),
    Item(
        ChecklistCode.START_INTERVIEW,
        For.UWV_SIDE,
        Text(
            "Is er na het einde geen nieuw werk? Voer dan het startgesprek.",
            "Is there no new work after the end? Then hold the start interview.",
        ),
        None,
        lambda facts: When(facts.end, facts.interview_by),
    ),
)


def items_for(reader: For, facts: Facts) -> list[Item]:
    """What a reader has to see to, in the order of the table."""
    return [each for each in ITEMS if each.whose is reader and each.applies(facts)]
