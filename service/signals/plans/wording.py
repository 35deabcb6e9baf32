"""What is said about plans and in service advice, and the rules behind it. Plain Dutch (B1) and English. Rule numbers
and sources are those of docs/domain.md."""

from __future__ import annotations

from typing import Final, NamedTuple

from service.kernel.text import Text
from service.signals.plans.advice import AdviceCondition
from service.signals.plans.rules import PlanError

ERROR_TEXT: Final[dict[PlanError, Text]] = {
    PlanError.SERVICES_EXCLUDE: Text(
        "Deze dienst kan niet naast de andere: van de ingekochte diensten loopt er één tegelijk.",
        "This service cannot run beside the other: of the purchased services one runs at a time.",
    ),
    PlanError.NAMED_TWICE: Text("Dit is al de hoofddienst.", "This is the main service already."),
    PlanError.TOO_LONG_AGO: Text(
        "Deze dag ligt meer dan een jaar voor de melding. Klopt het jaar?",
        "This day lies more than a year before the report. Is the year right?",
    ),
    PlanError.TOO_FAR_AHEAD: Text(
        "Deze dag ligt te ver vooruit. Een plan begint binnen drie jaar en duurt hooguit vijf. Klopt het jaar?",
        "This day lies too far ahead. A plan begins within three years and lasts five at most. Is the year right?",
    ),
    PlanError.END_BEFORE_START: Text("De einddatum ligt voor de begindatum.", "The end lies before the start."),
}

# --- Rules ------------------------------------------------------------------------------------------------------


class Rule(NamedTuple):
    """A rule of docs/domain.md in one sentence, and where it comes from."""

    text: Text
    source: str


RULES: Final[dict[int, Rule]] = {
    1: Rule(
        Text(
            "UWV praat met de werkgever als de cliënt dat goed vindt.",
            "UWV talks with the employer if the person agrees.",
        ),
        "report, notes 28 and 63",
    ),
    2: Rule(
        Text(
            "Een lopend contract is geen reden om te wachten.",
            "A running contract is no reason to wait.",
        ),
        "report, §2.3",
    ),
    3: Rule(
        Text(
            "Van de ingekochte diensten loopt er één tegelijk. Eigen hulp, het WSP en een jobcoach kunnen ernaast.",
            "Of the purchased services one runs at a time. Own help, a WSP and a jobcoach may run beside it.",
        ),
        "report, §2.3 and §7.2",
    ),
    4: Rule(
        Text(
            "Een jobcoach kan als het contract lang genoeg is, met genoeg uren en genoeg loon.",
            "A jobcoach is possible if the contract is long enough, with enough hours and enough pay.",
        ),
        "report, §2.3",
    ),
    9: Rule(
        Text(
            "Een baan die stopt, maakt een plek vrij. Vraag of het een vacature wordt.",
            "A job that ends frees a place. Ask whether it becomes a vacancy.",
        ),
        "report, §8.2",
    ),
    15: Rule(Text("Eén persoon heeft de regie.", "One person has the lead."), "report, §6.2 and §7.2"),
    16: Rule(
        Text("Niet iedereen kan meteen weer beginnen.", "Not everybody should start again at once."),
        "report, §7.2",
    ),
}


# --- Advice -----------------------------------------------------------------------------------------------------

CONDITION_TEXT: Final[dict[AdviceCondition, Text]] = {
    AdviceCondition.PERSON_CAN_HANDLE_IT: Text(
        "U denkt dat de cliënt het aankan naast het werk.", "You judge that the person can handle it beside the work."
    ),
    AdviceCondition.QUICKEST_AND_MOST_EFFECTIVE: Text(
        "U denkt dat dit de snelste en beste weg is.", "You judge that it is the quickest and most effective way."
    ),
    AdviceCondition.RUNNING_SERVICE_ENDS_FIRST: Text(
        "De dienst die nu loopt, is dan afgerond.", "The service that runs now has ended by then."
    ),
    AdviceCondition.PERSON_SETS_THE_PACE: Text("De cliënt bepaalt het tempo.", "The person sets the pace."),
    AdviceCondition.CONTRACT_OF_SIX_MONTHS: Text(
        "Het contract duurt minstens 6 maanden.", "The contract is for 6 months or more."
    ),
    AdviceCondition.TWELVE_HOURS_A_WEEK: Text(
        "De cliënt werkt minstens 12 uur per week.", "The person works 12 hours a week or more."
    ),
    AdviceCondition.WAGE_OF_35_PERCENT: Text(
        "De cliënt verdient minstens 35% van het minimumloon.", "The person earns 35% of the minimum wage or more."
    ),
    AdviceCondition.HALF_YEARLY_AFTER_THREE_YEARS: Text(
        "Een jobcoach kan drie jaar. Daarna kan het per half jaar langer.",
        "A jobcoach is possible for three years, and after that per half year.",
    ),
    AdviceCondition.NEXT_JOB_ONLY_IF_PERMITTED: Text(
        "Zoeken naar nieuw werk hoort er niet bij, tenzij u dat goed vindt voor de uren die over zijn.",
        "Finding a new job is no part of it, unless you permit it for the hours that are left.",
    ),
    AdviceCondition.PERSON_CONSENTS: Text("De cliënt vindt het goed.", "The person agrees."),
    AdviceCondition.END_IS_DECIDED: Text("Het is zeker dat het contract stopt.", "It is certain that the job ends."),
    AdviceCondition.PERSON_WISHES_IT: Text(
        "De cliënt wil het, of u besluit het samen.", "The person wishes it, or you decide it together."
    ),
}

NOTE: Final = Text(
    "Dit is uitleg bij de regels. U beslist, samen met de cliënt.",
    "This explains the rules. You decide, together with the person.",
)
