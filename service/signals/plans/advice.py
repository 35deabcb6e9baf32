"""Service advice: what to consider for somebody whose contract ends, the rule behind it, and its conditions.

It explains, and the professional decides: nothing follows from it. Rule numbers are those of docs/domain.md. All
functions are pure.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from service.employers.rules import months_later
from service.kernel.text import Text
from service.signals.rules import Consent, Readiness, Service, services_exclude_each_other

# --- Services ---------------------------------------------------------------------------------------------------


class AdviceCondition(StrEnum):
    """What must hold for what is advised; the professional judges."""

    PERSON_CAN_HANDLE_IT = "person_can_handle_it"
    QUICKEST_AND_MOST_EFFECTIVE = "quickest_and_most_effective"
    RUNNING_SERVICE_ENDS_FIRST = "running_service_ends_first"
    PERSON_SETS_THE_PACE = "person_sets_the_pace"
    CONTRACT_OF_SIX_MONTHS = "contract_of_six_months"
    TWELVE_HOURS_A_WEEK = "twelve_hours_a_week"
    WAGE_OF_35_PERCENT = "wage_of_35_percent"
    HALF_YEARLY_AFTER_THREE_YEARS = "half_yearly_after_three_years"
    NEXT_JOB_ONLY_IF_PERMITTED = "next_job_only_if_permitted"
    PERSON_CONSENTS = "person_consents"
    END_IS_DECIDED = "end_is_decided"
    PERSON_WISHES_IT = "person_wishes_it"


class Advice(NamedTuple):
    """A service to consider; `rule` is the number of the rule in docs/domain.md. It advises, it decides nothing."""

    service: Service
    rule: int
    text: Text
    conditions: tuple[AdviceCondition, ...]


_NAAR_WERK_DURING_CONTRACT: Final = Advice(
    Service.NAAR_WERK,
    2,
    Text(
        "Naar werk kan al starten terwijl het contract nog loopt.",
        "Naar werk can start while the contract is still running.",
    ),
    (AdviceCondition.PERSON_CAN_HANDLE_IT, AdviceCondition.QUICKEST_AND_MOST_EFFECTIVE),
)
_NAAR_WERK: Final = Advice(
    Service.NAAR_WERK,
    3,
    Text("Naar werk past bij iemand die klaar is voor werk.", "Naar werk suits somebody who is ready for work."),
    (),
)
_WERKFIT_MAKEN: Final = Advice(
    Service.WERKFIT_MAKEN,
    3,
    Text(
        "Werkfit maken past bij iemand die nog niet klaar is voor werk.",
        "Werkfit maken suits somebody who is not ready for work yet.",
    ),
    (),
)
_MODULAR: Final = Advice(
    Service.MODULAR,
    3,
    Text(
        "Een losse dienst past als een heel traject nu te veel is. Sommige mensen hebben eerst tijd nodig.",
        "A modular service suits where a whole trajectory is too much now. Some people need time first.",
    ),
    (AdviceCondition.PERSON_SETS_THE_PACE,),
)
_OWN_SERVICE: Final = Advice(
    Service.OWN_SERVICE,
    3,
    Text(
        "Eigen dienstverlening kan altijd, ook naast een andere dienst.",
        "Own service is always possible, also beside another service.",
    ),
    (),
)

# Readiness and whether the contract still runs -> what to consider beside own service.
_ADVICE: Final[dict[tuple[Readiness | None, bool], tuple[Advice, ...]]] = {
    (Readiness.READY, True): (_NAAR_WERK_DURING_CONTRACT,),
    (Readiness.READY, False): (_NAAR_WERK,),
    (Readiness.NOT_YET, True): (_WERKFIT_MAKEN,),
    (Readiness.NOT_YET, False): (_WERKFIT_MAKEN,),
    (Readiness.NOT_READY, True): (_MODULAR,),
    (Readiness.NOT_READY, False): (_MODULAR,),
    (None, True): (),
    (None, False): (),
}


def contract_runs(end: date | None, today: date) -> bool:
    return end is None or end >= today


def advise(
    readiness: Readiness | None, *, end: date | None, today: date, running: Service | None = None
) -> list[Advice]:
    """Services to consider, best first (rules 2 and 3 of docs/domain.md); `readiness` None: not judged yet.

    A running contract (no end date, or not past) is no ground to wait. A service that runs already is not advised
    again; a purchased one beside another purchased one comes with the condition that the running one ends first.
    """
    found = (*_ADVICE[readiness, contract_runs(end, today)], _OWN_SERVICE)
    return [
        each._replace(conditions=(*each.conditions, AdviceCondition.RUNNING_SERVICE_ENDS_FIRST))
        if running is not None and services_exclude_each_other(each.service, running)
        else each
        for each in found
        if each.service is not running
    ]


# --- What else to think of --------------------------------------------------------------------------------------

CONTRACT_MONTHS: Final = 6
JOBCOACH_HOURS: Final = 12


class AdviceSubject(StrEnum):
    """What a piece of advice is about."""

    SERVICE = "service"
    RUNNING_CONTRACT = "running_contract"
    TIME_FIRST = "time_first"
    SIDE_BY_SIDE = "side_by_side"
    JOBCOACH_BESIDE = "jobcoach_beside"
    EMPLOYER_CONSENT = "employer_consent"
    FREED_VACANCY = "freed_vacancy"
    LEAD = "lead"


class Known(NamedTuple):
    """What is known of a case when advice is asked. `end` is the expected end, `contract_end` what the register has;
    `planned`: there is a plan, which names who leads."""

    today: date
    end: date | None
    readiness: Readiness | None = None
    running: Service | None = None
    contract_start: date | None = None
    contract_end: date | None = None
    hours: Decimal | None = None
    consent: Consent = Consent.UNKNOWN
    decided: bool = False
    vacancy_linked: bool = False
    planned: bool = False


def _long_enough(known: Known) -> bool | None:
    if known.contract_start is None:
        return None
    last = known.contract_end
    return last is None or last >= months_later(known.contract_start, CONTRACT_MONTHS) - timedelta(days=1)


_MET: Final[dict[AdviceCondition, Callable[[Known], bool | None]]] = {
    AdviceCondition.CONTRACT_OF_SIX_MONTHS: _long_enough,
    AdviceCondition.TWELVE_HOURS_A_WEEK: lambda known: None if known.hours is None else known.hours >= JOBCOACH_HOURS,
    AdviceCondition.PERSON_CONSENTS: lambda known: (
        None if known.consent is Consent.UNKNOWN else known.consent is Consent.GRANTED
    ),
    AdviceCondition.END_IS_DECIDED: lambda known: known.decided,
    AdviceCondition.RUNNING_SERVICE_ENDS_FIRST: lambda known: False,
}


def condition_met(condition: AdviceCondition, known: Known) -> bool | None:
    """Whether a condition holds, as far as the facts tell; None: the professional judges, or it is not known."""
    met = _MET.get(condition)
    return None if met is None else met(known)


class Item(NamedTuple):
    """A piece of advice. Where `subject` is a service, `service` says which."""

    subject: AdviceSubject
    service: Service | None
    rule: int
    text: Text
    conditions: tuple[AdviceCondition, ...] = ()


_JOBCOACH_CONDITIONS: Final = (
    AdviceCondition.CONTRACT_OF_SIX_MONTHS,
    AdviceCondition.TWELVE_HOURS_A_WEEK,
    AdviceCondition.WAGE_OF_35_PERCENT,
    AdviceCondition.HALF_YEARLY_AFTER_THREE_YEARS,
    AdviceCondition.NEXT_JOB_ONLY_IF_PERMITTED,
)

# When it is worth saying -> what to say.
_ELSE: Final[tuple[tuple[Callable[[Known], bool], Item], ...]] = (
    (
        lambda known: contract_runs(known.end, known.today),
        Item(
            AdviceSubject.RUNNING_CONTRACT,
            None,
            2,
            Text(
                "U hoeft niet te wachten tot het contract stopt. Naar werk kan eerder beginnen.",
                "You need not wait until the contract ends. Naar werk can begin before.",
            ),
            (AdviceCondition.PERSON_CAN_HANDLE_IT, AdviceCondition.QUICKEST_AND_MOST_EFFECTIVE),
        ),
    ),
    (
        lambda known: known.readiness is not Readiness.READY,
        Item(
            AdviceSubject.TIME_FIRST,
            None,
            16,
            Text(
                "Heeft de cliënt eerst tijd nodig? Leg een pauze vast. De termijnen staan dan stil.",
                "Does the person need time first? Record a pause. The deadlines stand still then.",
            ),
            (AdviceCondition.PERSON_WISHES_IT,),
        ),
    ),
    (
        lambda known: True,
        Item(
            AdviceSubject.SIDE_BY_SIDE,
            None,
            3,
            Text(
                "Ingekochte diensten lopen niet naast elkaar. Eigen hulp en het WSP kunnen er wel naast.",
                "Purchased services do not run side by side. Own help and a WSP can run beside one.",
            ),
        ),
    ),
    (
        lambda known: True,
        Item(
            AdviceSubject.JOBCOACH_BESIDE,
            None,
            4,
            Text("De jobcoach kan ernaast doorgaan.", "The jobcoach may continue beside it."),
            _JOBCOACH_CONDITIONS,
        ),
    ),
    (
        lambda known: known.consent is not Consent.GRANTED,
        Item(
            AdviceSubject.EMPLOYER_CONSENT,
            None,
            1,
            Text(
                "Vraag de cliënt of u met de werkgever mag praten. Voor een externe jobcoach hoeft dat niet.",
                "Ask the person whether you may talk with the employer. For an external jobcoach you need not.",
            ),
            (AdviceCondition.PERSON_CONSENTS,),
        ),
    ),
    (
        lambda known: not known.vacancy_linked,
        Item(
            AdviceSubject.FREED_VACANCY,
            None,
            9,
            Text(
                "Vraag of er een vacature vrijkomt. Het WSP zoekt dan mee naar iemand voor die plek.",
                "Ask whether a vacancy comes free. The WSP then helps to look for somebody.",
            ),
            (AdviceCondition.END_IS_DECIDED, AdviceCondition.PERSON_CONSENTS),
        ),
    ),
    (
        lambda known: not known.planned,
        Item(
            AdviceSubject.LEAD,
            None,
            15,
            Text("Spreek af wie de regie heeft, en leg dat vast.", "Agree on who leads, and record it."),
        ),
    ),
)


def advice(known: Known) -> list[Item]:
    """What to consider, services first, then what else to think of. A rule is not told twice about the same."""
    services = advise(known.readiness, end=known.end, today=known.today, running=known.running)
    found = [Item(AdviceSubject.SERVICE, *each) for each in services]
    told = {each.rule for each in found}
    for worth, item in _ELSE:
        told_already = item.subject is AdviceSubject.RUNNING_CONTRACT and item.rule in told
        if worth(known) and not told_already:
            found.append(item)
    return found
