"""The published codes about work.

The codes come in pairs that meet. What a candidate `needs`, a vacancy `offers`: both name a WorkCondition. What a
candidate `cannot` do, a vacancy `demands`: both name a WorkDemand. A code says something about work, never about an
illness, a benefit or a person's past. The list is our own.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from service.kernel.text import Text


class WorkCodeKind(StrEnum):
    """Which fields of candidate and vacancy a code may stand in."""

    NEED_OFFER = "need_offer"
    LIMIT_DEMAND = "limit_demand"


class WorkCondition(StrEnum):
    FIXED_TASKS = "fixed_tasks"
    ONE_TASK_AT_A_TIME = "one_task_at_a_time"
    OWN_PACE = "own_pace"
    WRITTEN_INSTRUCTIONS = "written_instructions"
    LEARNING_BY_DOING = "learning_by_doing"
    PERMANENT_SUPERVISOR = "permanent_supervisor"
    BUDDY = "buddy"
    DAILY_CHECK_IN = "daily_check_in"
    SMALL_TEAM = "small_team"
    QUIET_WORKPLACE = "quiet_workplace"
    LOW_STIMULUS = "low_stimulus"
    OWN_WORKPLACE = "own_workplace"
    STEP_FREE_ACCESS = "step_free_access"
    ADJUSTABLE_WORKPLACE = "adjustable_workplace"
    SEATED_WORK = "seated_work"
    REACHABLE_BY_PUBLIC_TRANSPORT = "reachable_by_public_transport"
    FIXED_SCHEDULE = "fixed_schedule"
    FLEXIBLE_START_TIME = "flexible_start_time"
    DAYTIME_HOURS = "daytime_hours"
    SHORT_DAYS = "short_days"
    EXTRA_BREAKS = "extra_breaks"
    GRADUAL_BUILD_UP = "gradual_build_up"


class WorkDemand(StrEnum):
    SHIFT_WORK = "shift_work"
    NIGHT_WORK = "night_work"
    WEEKEND_WORK = "weekend_work"
    HEAVY_LIFTING = "heavy_lifting"
    STANDING_LONG = "standing_long"
    WALKING_LONG = "walking_long"
    BENDING_AND_KNEELING = "bending_and_kneeling"
    WORKING_AT_HEIGHT = "working_at_height"
    OUTDOOR_WORK = "outdoor_work"
    NOISY_SURROUNDINGS = "noisy_surroundings"
    CUSTOMER_CONTACT = "customer_contact"
    PHONE_CALLS = "phone_calls"
    DRIVING = "driving"
    TIME_PRESSURE = "time_pressure"
    SCREEN_WORK_LONG = "screen_work_long"
    WORKING_ALONE = "working_alone"


@dataclass(frozen=True, slots=True)
class WorkCode:
    """One code: `label` as the candidate's side says it, `offer_label` as the vacancy's side says it."""

    code: WorkCondition | WorkDemand
    label: Text
    offer_label: Text

    @property
    def kind(self) -> WorkCodeKind:
        return WorkCodeKind.NEED_OFFER if isinstance(self.code, WorkCondition) else WorkCodeKind.LIMIT_DEMAND


def work_codes() -> tuple[WorkCode, ...]:
    """All codes, in the order in which people choose from them."""
    return _WORK_CODES


def work_code(code: str) -> WorkCode | None:
    """The entry of this code ('fixed_tasks'), or None."""
    return _work_codes_by_code().get(code)


_C = WorkCondition
_D = WorkDemand
_WORK_CODES = (
    WorkCode(
        _C.FIXED_TASKS,
        Text("Vaste taken nodig", "Needs fixed tasks"),
        Text("De taken zijn elke week hetzelfde", "The tasks are the same every week"),
    ),
    WorkCode(
        _C.ONE_TASK_AT_A_TIME,
        Text("Eén taak tegelijk nodig", "Needs one task at a time"),
        Text("U doet één taak tegelijk", "You do one task at a time"),
    ),
    WorkCode(
        _C.OWN_PACE,
        Text("Eigen tempo nodig", "Needs to work at their own pace"),
        Text("Je werkt in je eigen tempo", "You work at your own pace"),
    ),
    WorkCode(
        _C.WRITTEN_INSTRUCTIONS,
        Text("Uitleg op papier nodig", "Needs written instructions"),
        Text("De uitleg staat op papier of op een scherm", "Instructions are written down or on a screen"),
    ),
    WorkCode(
        _C.LEARNING_BY_DOING,
        Text("Uitleg door voordoen nodig", "Needs to be shown how to do the work"),
        Text("Iemand doet het werk voor en jij doet het na", "Somebody shows the work and you do it after them"),
    ),
    WorkCode(
        _C.PERMANENT_SUPERVISOR,
        Text("Vaste begeleider op het werk nodig", "Needs a permanent supervisor at work"),
        Text("Je hebt een vaste begeleider op het werk", "You have a permanent supervisor at work"),
    ),
    WorkCode(
        _C.BUDDY,
        Text("Vaste collega om mee te werken nodig", "Needs one colleague to work with"),
        Text("Je werkt samen met een vaste collega", "You work together with one permanent colleague"),
    ),
    WorkCode(
        _C.DAILY_CHECK_IN,
        Text("Elke dag een kort gesprek nodig", "Needs a short talk every day"),
        Text("Je begint elke dag met een kort gesprek", "Each day begins with a short talk"),
    ),
    WorkCode(
        _C.SMALL_TEAM,
        Text("Klein team nodig", "Needs a small team"),
        Text("Je werkt in een klein team", "You work in a small team"),
    ),
    WorkCode(
        _C.QUIET_WORKPLACE,
        Text("Stille werkplek nodig", "Needs a quiet workplace"),
        Text("De werkplek is stil", "The workplace is quiet"),
    ),
    WorkCode(
        _C.LOW_STIMULUS,
        Text("Plek met weinig drukte om je heen nodig", "Needs a place with little going on around them"),
        Text("Er is weinig drukte om je heen", "There is little going on around you"),
    ),
    WorkCode(
        _C.OWN_WORKPLACE,
        Text("Eigen vaste werkplek nodig", "Needs a workplace of their own"),
        Text("Je hebt een eigen vaste werkplek", "You have a workplace of your own"),
    ),
    WorkCode(
        _C.STEP_FREE_ACCESS,
        Text("Werkplek zonder trappen of drempels nodig", "Needs step-free access"),
        Text("Je komt er zonder trappen of drempels", "You can get there without stairs or thresholds"),
    ),
    WorkCode(
        _C.ADJUSTABLE_WORKPLACE,
        Text("Aanpassing van de werkplek nodig", "Needs an adapted workplace"),
        Text("Wij passen de werkplek voor je aan", "We adapt the workplace for you"),
    ),
    WorkCode(
        _C.SEATED_WORK,
        Text("Werk nodig dat zittend kan", "Needs work that can be done sitting down"),
        Text("Je kunt het werk zittend doen", "The work can be done sitting down"),
    ),
    WorkCode(
        _C.REACHABLE_BY_PUBLIC_TRANSPORT,
        Text("Werk nodig dat met bus, tram of trein te bereiken is", "Needs work reachable by public transport"),
        Text("Je kunt er komen met bus, tram of trein", "You can get there by public transport"),
    ),
    WorkCode(
        _C.FIXED_SCHEDULE,
        Text("Vaste dagen en tijden nodig", "Needs fixed days and times"),
        Text("Je werkt op vaste dagen en tijden", "You work on fixed days and at fixed times"),
    ),
    WorkCode(
        _C.FLEXIBLE_START_TIME,
        Text("Zelf de begintijd kiezen nodig", "Needs to choose the starting time"),
        Text("Je kiest zelf hoe laat je begint", "You choose what time you start"),
    ),
    WorkCode(
        _C.DAYTIME_HOURS,
        Text("Werk overdag nodig", "Needs work in the daytime"),
        Text("Je werkt alleen overdag", "You work in the daytime only"),
    ),
    WorkCode(
        _C.SHORT_DAYS,
        Text("Korte werkdagen nodig", "Needs short working days"),
        Text("Je kunt korte dagen werken", "You can work short days"),
    ),
    WorkCode(
        _C.EXTRA_BREAKS,
        Text("Extra pauzes nodig", "Needs extra breaks"),
        Text("Je kunt extra pauzes nemen", "You can take extra breaks"),
    ),
    WorkCode(
        _C.GRADUAL_BUILD_UP,
        Text("Rustig opbouwen van uren nodig", "Needs hours to build up gradually"),
        Text("Je begint met weinig uren en bouwt die op", "You start with few hours and build them up"),
    ),
    WorkCode(
        _D.SHIFT_WORK,
        Text("Kan niet in ploegen werken", "Cannot work in shifts"),
        Text("Je werkt in ploegen", "You work in shifts"),
    ),
    WorkCode(
        _D.NIGHT_WORK,
        Text("Kan niet in de nacht werken", "Cannot work at night"),
        Text("Je werkt in de nacht", "You work at night"),
    ),
    WorkCode(
        _D.WEEKEND_WORK,
        Text("Kan niet in het weekend werken", "Cannot work at weekends"),
        Text("Je werkt in het weekend", "You work at weekends"),
    ),
    WorkCode(
        _D.HEAVY_LIFTING,
        Text("Kan niet zwaar tillen", "Cannot do heavy lifting"),
        Text("Je tilt zware dingen", "You lift heavy things"),
    ),
    WorkCode(
        _D.STANDING_LONG,
        Text("Kan niet lang staan", "Cannot stand for long"),
        Text("Je staat een groot deel van de dag", "You stand for much of the day"),
    ),
    WorkCode(
        _D.WALKING_LONG,
        Text("Kan niet veel lopen", "Cannot walk a lot"),
        Text("Je loopt een groot deel van de dag", "You walk for much of the day"),
    ),
    WorkCode(
        _D.BENDING_AND_KNEELING,
        Text("Kan niet vaak bukken of knielen", "Cannot bend or kneel often"),
        Text("Je moet vaak bukken of knielen", "You often bend or kneel"),
    ),
    WorkCode(
        _D.WORKING_AT_HEIGHT,
        Text("Kan niet op hoogte werken", "Cannot work at height"),
        Text("Je werkt op een ladder, steiger of dak", "You work on a ladder, scaffold or roof"),
    ),
    WorkCode(
        _D.OUTDOOR_WORK,
        Text("Kan niet buiten werken", "Cannot work outdoors"),
        Text("Je werkt buiten, in elk weer", "You work outdoors in all weathers"),
    ),
    WorkCode(
        _D.NOISY_SURROUNDINGS,
        Text("Kan niet in lawaai werken", "Cannot work amid noise"),
        Text("Er is veel lawaai op het werk", "There is a lot of noise at work"),
    ),
    WorkCode(
        _D.CUSTOMER_CONTACT,
        Text("Kan niet met klanten werken", "Cannot work with customers"),
        Text("Je praat veel met klanten", "You talk with customers a lot"),
    ),
    WorkCode(
        _D.PHONE_CALLS,
        Text("Kan niet bellen voor het werk", "Cannot make or take phone calls for work"),
        Text("Je belt veel voor je werk", "You are on the phone a lot"),
    ),
    WorkCode(
        _D.DRIVING,
        Text("Kan niet rijden voor het werk", "Cannot drive for work"),
        Text("Je rijdt in een auto, bus of vrachtwagen", "You drive a car, van or lorry"),
    ),
    WorkCode(
        _D.TIME_PRESSURE,
        Text("Kan niet werken onder tijdsdruk", "Cannot work under time pressure"),
        Text("Het werk moet vaak snel af zijn", "Work often has to be finished fast"),
    ),
    WorkCode(
        _D.SCREEN_WORK_LONG,
        Text("Kan niet lang achter een scherm werken", "Cannot work at a screen for long"),
        Text("Je werkt een groot deel van de dag achter een scherm", "You work at a screen for much of the day"),
    ),
    WorkCode(
        _D.WORKING_ALONE,
        Text("Kan niet alleen werken", "Cannot work alone"),
        Text("Je werkt vaak alleen", "You often work alone"),
    ),
)


@cache
def _work_codes_by_code() -> dict[str, WorkCode]:
    return {entry.code.value: entry for entry in _WORK_CODES}
