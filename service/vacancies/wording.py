"""What matching found, in words: the reason for each line of a match, and what would make it fit.

The sentences name what somebody needs or cannot do: they are for advisors, never for employers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from service.kernel.text import Text
from service.reference.nearness import Nearness
from service.reference.occupations import occupation
from service.reference.qualifications import LanguageLevel
from service.reference.work_codes import WorkCondition, WorkDemand, work_codes
from service.vacancies.criteria import (
    CandidateFacts,
    Criterion,
    Result,
    VacancyFacts,
    builds_up,
    hours_apart,
    missing_licences,
    nearest_wish,
)

Teller = Callable[[CandidateFacts, VacancyFacts, float | None, Result], Text]


def explanation(
    criterion: Criterion, candidate: CandidateFacts, vacancy: VacancyFacts, distance_km: float | None, result: Result
) -> Text:
    """Why this criterion, about which the vacancy asks, has this result."""
    return _TELLERS[criterion](candidate, vacancy, distance_km, result)


def remedy(criterion: Criterion, candidate: CandidateFacts, vacancy: VacancyFacts, distance_km: float | None) -> Text:
    """What would make it fit, where only this hard requirement is not met. There is none for other work."""
    return _REMEDIES[criterion](candidate, vacancy, distance_km)


NOT_ASKED: Final = {
    Criterion.DEMANDS: Text("Het werk vraagt niets bijzonders.", "The work asks nothing special."),
    Criterion.LANGUAGE: Text("De werkgever vraagt geen taalniveau.", "The employer asks no language level."),
    Criterion.LICENCES: Text("De werkgever vraagt geen rijbewijs.", "The employer asks no driving licence."),
    Criterion.START: Text("De begindatum is in overleg.", "The start date is open to agreement."),
}
"""Where the vacancy asks nothing."""

_TRIAL: Final = Text(" De werkgever wil beginnen met een proefplaatsing.", " A trial placement is possible.")
_NO_TRIAL: Final = Text("", "")
_NEARNESS_TEXT: Final = {
    Nearness.SAME: Text("Dat is hetzelfde.", "That is the same."),
    Nearness.SAME_UNIT_GROUP: Text("Dat is bijna hetzelfde.", "That is nearly the same."),
    Nearness.SAME_TITLE: Text("Mensen noemen dat vaak hetzelfde.", "People often call these the same."),
    Nearness.SAME_MINOR_GROUP: Text("Dat lijkt op elkaar.", "That is similar."),
    Nearness.NEIGHBOURING: Text("Dat ligt dicht bij elkaar.", "That is work close to it."),
    Nearness.SAME_SUB_MAJOR: Text("Dat lijkt een beetje op elkaar.", "That is somewhat similar."),
    Nearness.UNRELATED: Text("Dat is ander werk.", "That is other work."),
}
_NO_DUTCH: Final = Text("geen niveau", "no level")
_WORK_CODES: Final = {entry.code: entry for entry in work_codes()}
_CODE_PLACE: Final = {code: place for place, code in enumerate(_WORK_CODES)}


# --- The reason -------------------------------------------------------------------------------------------------


def _occupation(candidate: CandidateFacts, vacancy: VacancyFacts, _: float | None, result: Result) -> Text:
    if vacancy.occupation is None or not candidate.occupations:
        return Text("Het beroep is niet bekend.", "The occupation is not known.")
    near, wanted = nearest_wish(candidate.occupations, vacancy.occupation)
    work, own_work, how = _label(vacancy.occupation), _label(wanted), _NEARNESS_TEXT[near]
    trial = _TRIAL if vacancy.trial_placement and result is Result.PARTLY else _NO_TRIAL
    return Text(
        f"Het werk: {work.nl}. De kandidaat zoekt: {own_work.nl}. {how.nl}{trial.nl}",
        f"The work: {work.en}. The candidate looks for: {own_work.en}. {how.en}{trial.en}",
    )


def _hours(candidate: CandidateFacts, vacancy: VacancyFacts, _: float | None, __: Result) -> Text:
    low, high, own_low, own_high = vacancy.hours_min, vacancy.hours_max, candidate.hours_min, candidate.hours_max
    apart = hours_apart(candidate, vacancy)
    if low is None or high is None or own_low is None or own_high is None or apart is None:
        return Text("De uren zijn niet bekend.", "The hours are not known.")
    asked, wanted = hours_text(low, high), hours_text(own_low, own_high)
    begin = Text(
        f"De vacature vraagt {asked.nl}, de kandidaat wil {wanted.nl}:",
        f"The vacancy asks {asked.en}, the candidate wants {wanted.en}:",
    )
    if apart <= 0:
        both = hours_text(max(low, own_low), min(high, own_high))
        return Text(f"{begin.nl} {both.nl} past.", f"{begin.en} {both.en} fits.")
    between = _number(apart)
    if builds_up(candidate, vacancy):
        return Text(
            f"{begin.nl} dat scheelt {between.nl} uur. Rustig opbouwen kan.",
            f"{begin.en} {between.en} hours apart. The hours can build up gradually.",
        )
    return Text(f"{begin.nl} dat scheelt {between.nl} uur.", f"{begin.en} {between.en} hours apart.")


def _distance(candidate: CandidateFacts, _: VacancyFacts, distance_km: float | None, __: Result) -> Text:
    if distance_km is None or candidate.max_distance_km is None:
        return Text(
            "De afstand, of hoe ver de kandidaat wil reizen, is niet bekend.",
            "The distance, or how far the candidate wants to travel, is not known.",
        )
    far, wanted = _kilometres(distance_km), _number(candidate.max_distance_km)
    return Text(
        f"{far.nl} km hemelsbreed, de kandidaat wil hooguit {wanted.nl} km reizen.",
        f"{far.en} km as the crow flies, the candidate wants to travel {wanted.en} km at most.",
    )


def _demands(candidate: CandidateFacts, vacancy: VacancyFacts, _: float | None, result: Result) -> Text:
    if vacancy.demands is None:
        return Text("De werkgever zei nog niet wat het werk vraagt.", "What the work asks is not known.")
    if candidate.cannot is None:
        return Text("Wat de kandidaat niet kan, is niet bekend.", "What the candidate cannot do is not known.")
    if result is Result.MET:
        return Text("De kandidaat kan alles wat het werk vraagt.", "The candidate can do all that the work asks.")
    own, asked = _quoted(vacancy.demands & candidate.cannot), _clash(candidate, vacancy)
    return Text(f"De kandidaat: {own.nl}. Het werk: {asked.nl}.", f"The candidate: {own.en}. The work: {asked.en}.")


def _language(candidate: CandidateFacts, vacancy: VacancyFacts, _: float | None, __: Result) -> Text:
    nl, en = (
        f"Nodig is Nederlands op niveau {vacancy.language};",
        f"Dutch at level {vacancy.language} is needed;",
    )
    if candidate.language is None:
        return Text(f"{nl} het niveau van de kandidaat is niet bekend.", f"{en} the candidate's level is not known.")
    level = _level(candidate)
    return Text(f"{nl} de kandidaat heeft {level.nl}.", f"{en} the candidate has {level.en}.")


def _licences(candidate: CandidateFacts, vacancy: VacancyFacts, _: float | None, result: Result) -> Text:
    needed = _listed(vacancy.licences)
    nl, en = f"Nodig is rijbewijs {needed};", f"Driving licence {needed} is needed;"
    if candidate.licences is None:
        return Text(f"{nl} van de kandidaat is dat niet bekend.", f"{en} the candidate's is unknown.")
    if result is Result.MET:
        return Text(f"{nl} dat heeft de kandidaat.", f"{en} the candidate has it.")
    missing = _listed(missing_licences(candidate.licences, vacancy.licences))
    return Text(f"{nl} de kandidaat mist {missing}.", f"{en} the candidate lacks {missing}.")


def _needs(candidate: CandidateFacts, vacancy: VacancyFacts, _: float | None, __: Result) -> Text:
    needs, offers = candidate.needs, vacancy.offers
    if needs is None:
        return Text("Wat de kandidaat nodig heeft, is niet bekend.", "What the candidate needs is not known.")
    if not needs:
        return Text("De kandidaat heeft niets extra nodig.", "The candidate needs nothing special.")
    if offers is None:
        all_of_it = _quoted(needs)
        return Text(
            f"De werkgever zei nog niet of dit kan: {all_of_it.nl}.", f"Still to ask the employer: {all_of_it.en}."
        )
    missing = needs - offers
    present = len(needs) - len(missing)
    nl = f"De werkgever biedt {present} van de {len(needs)} dingen die nodig zijn."
    en = f"The employer offers {present} of the {len(needs)} things that are needed."
    if not missing:
        return Text(nl, en)
    still = _quoted(missing)
    return Text(f"{nl} Nog te regelen: {still.nl}.", f"{en} Still to arrange: {still.en}.")


def _start(candidate: CandidateFacts, vacancy: VacancyFacts, _: float | None, __: Result) -> Text:
    start, ends, free = vacancy.start_date, candidate.contract_ends, candidate.available_from
    if start is None:
        return NOT_ASKED[Criterion.START]
    nl, en = f"Het werk begint op {_day(start).nl};", f"The work starts on {_day(start).en};"
    if ends is not None and ends >= start:
        last = _day(ends)
        return Text(
            f"{nl} het contract loopt tot en met {last.nl}. Dat is af te spreken.",
            f"{en} the contract runs up to and including {last.en}. That is to be agreed on.",
        )
    if free is None:
        return Text(f"{nl} vanaf wanneer de kandidaat kan, is niet bekend.", f"{en} when is unknown.")
    return Text(f"{nl} de kandidaat kan vanaf {_day(free).nl}.", f"{en} the candidate can from {_day(free).en}.")


_TELLERS: Final[Mapping[Criterion, Teller]] = MappingProxyType(
    {
        Criterion.OCCUPATION: _occupation,
        Criterion.HOURS: _hours,
        Criterion.DISTANCE: _distance,
        Criterion.DEMANDS: _demands,
        Criterion.LANGUAGE: _language,
        Criterion.LICENCES: _licences,
        Criterion.NEEDS: _needs,
        Criterion.START: _start,
    }
)


# --- What would make it fit -------------------------------------------------------------------------------------


def _other_hours(candidate: CandidateFacts, vacancy: VacancyFacts, _: float | None) -> Text:
    own_high, low = candidate.hours_max or 0.0, vacancy.hours_min or 0.0
    would_fit = _number(own_high if own_high < low else candidate.hours_min or 0.0)
    return Text(f"Past als de uren {would_fit.nl} kunnen zijn.", f"Fits if the hours can be {would_fit.en}.")


def _travel_farther(candidate: CandidateFacts, _: VacancyFacts, distance_km: float | None) -> Text:
    far, wanted = _kilometres(distance_km or 0.0), _number(candidate.max_distance_km or 0.0)
    return Text(
        f"Past als de kandidaat {far.nl} km wil reizen; dat is nu hooguit {wanted.nl} km.",
        f"Fits if the candidate wants to travel {far.en} km; at present it is {wanted.en} km at most.",
    )


def _ask_less(candidate: CandidateFacts, vacancy: VacancyFacts, _: float | None) -> Text:
    asked = _clash(candidate, vacancy)
    return Text(f"Past als dit niet hoeft: {asked.nl}.", f"Fits if this is not needed: {asked.en}.")


def _less_dutch(candidate: CandidateFacts, _: VacancyFacts, __: float | None) -> Text:
    level = _level(candidate)
    return Text(f"Past als voor Nederlands {level.nl} genoeg is.", f"Fits if {level.en} is enough for Dutch.")


def _no_licence(candidate: CandidateFacts, vacancy: VacancyFacts, _: float | None) -> Text:
    missing = _listed(missing_licences(candidate.licences or frozenset(), vacancy.licences))
    return Text(
        f"Past als rijbewijs {missing} niet nodig is, of als de kandidaat het haalt.",
        f"Fits if driving licence {missing} is not needed, or if the candidate gets it.",
    )


_REMEDIES: Final[Mapping[Criterion, Callable[[CandidateFacts, VacancyFacts, float | None], Text]]] = MappingProxyType(
    {
        Criterion.HOURS: _other_hours,
        Criterion.DISTANCE: _travel_farther,
        Criterion.DEMANDS: _ask_less,
        Criterion.LANGUAGE: _less_dutch,
        Criterion.LICENCES: _no_licence,
    }
)


# --- Parts of sentences -----------------------------------------------------------------------------------------

# The same codes, hours and days come back for candidate after candidate.
_kept = lru_cache(maxsize=4096)


def _label(code: str) -> Text:
    found = occupation(code)
    return found.label if found else Text(code, code)


def _level(candidate: CandidateFacts) -> Text:
    own = candidate.language
    return _NO_DUTCH if own is None or own is LanguageLevel.NONE else Text(own, own)


def _clash(candidate: CandidateFacts, vacancy: VacancyFacts) -> Text:
    return _quoted((vacancy.demands or frozenset()) & (candidate.cannot or frozenset()), as_offer=True)


@_kept
def _quoted(codes: frozenset[WorkCondition] | frozenset[WorkDemand], *, as_offer: bool = False) -> Text:
    entries = [_WORK_CODES[code] for code in sorted(codes, key=_CODE_PLACE.__getitem__)]
    labels = [entry.offer_label if as_offer else entry.label for entry in entries]
    return Text(", ".join(f"'{label.nl}'" for label in labels), ", ".join(f"'{label.en}'" for label in labels))


def _listed(codes: Iterable[str]) -> str:
    return ", ".join(sorted(codes))


@_kept
def _number(value: float) -> Text:
    plain = f"{value:.2f}".rstrip("0").rstrip(".")
    return Text(plain.replace(".", ","), plain)


def _kilometres(distance_km: float) -> Text:
    return _number(round(distance_km, 1))


@_kept
def hours_text(least: float, most: float) -> Text:
    """Hours a week: '24 tot 32 uur', or '24 uur'."""
    low, high = _number(least), _number(most)
    if least == most:
        return Text(f"{low.nl} uur", f"{low.en} hours")
    return Text(f"{low.nl} tot {high.nl} uur", f"{low.en} to {high.en} hours")


@_kept
def _day(day: date) -> Text:
    return Text(f"{day.day}-{day.month}-{day.year}", day.isoformat())
