"""A vacancy and a profile in the words of VUM, the exchange between organisations that help people to work.

What we have no fact for is left out, never guessed: `attributes.py` says of each attribute what it comes from. Texts
are cut at a word and hours rounded to where nobody is promised too much. The tables of values are our own choice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from typing import Any, Final

from service.employers.rules import ContractType
from service.reference.qualifications import LanguageLevel
from service.reference.work_codes import WorkCondition, WorkDemand, work_code
from service.vacancies.exports.attributes import longest
from service.vacancies.exports.fitting import shortened, whole_hours
from service.vacancies.rules import JobcoachArrangement

YES: Final = 1
NO: Final = 2


class ArbeidscontractType(StrEnum):
    BEPAALDE_TIJD = "B"
    ONBEPAALDE_TIJD = "O"


class OvereenkomstType(StrEnum):
    REGULIERE_VACATURE = "01"


CONTRACTS: Final[Mapping[ContractType, ArbeidscontractType | None]] = {
    ContractType.PERMANENT: ArbeidscontractType.ONBEPAALDE_TIJD,
    ContractType.FIXED_TERM: ArbeidscontractType.BEPAALDE_TIJD,
    ContractType.AGENCY: None,
    ContractType.ON_CALL: None,
    ContractType.SECONDMENT: None,
}
"""None: either can be."""

DUTCH: Final = "nld"
LANGUAGE_LEVELS: Final[Mapping[LanguageLevel, int]] = {
    LanguageLevel.NONE: 1,
    LanguageLevel.A1: 2,
    LanguageLevel.A2: 2,
    LanguageLevel.B1: 3,
    LanguageLevel.B2: 3,
    LanguageLevel.C1: 4,
    LanguageLevel.C2: 4,
}
"""1 no command, 2 fair, 3 good, 4 excellent."""

IRREGULAR: Final = frozenset({WorkDemand.SHIFT_WORK, WorkDemand.NIGHT_WORK, WorkDemand.WEEKEND_WORK})
ABOUT_THE_WORKPLACE: Final = frozenset(
    {
        WorkCondition.QUIET_WORKPLACE,
        WorkCondition.LOW_STIMULUS,
        WorkCondition.OWN_WORKPLACE,
        WorkCondition.STEP_FREE_ACCESS,
        WorkCondition.ADJUSTABLE_WORKPLACE,
        WorkCondition.SEATED_WORK,
    }
)
ABOUT_GUIDANCE: Final = frozenset(
    {WorkCondition.PERMANENT_SUPERVISOR, WorkCondition.BUDDY, WorkCondition.DAILY_CHECK_IN}
)


def vacature(vacancy: Mapping[str, Any]) -> dict[str, Any]:
    """The vacancy for VUM, given the view of it that the reader has."""
    contract = CONTRACTS[vacancy["contract_type"]]
    level = vacancy["language_level"]
    reference = vacancy["reference"]
    return _known(
        id_vacature=vacancy["id"],
        naam_vacature=_text(vacancy["title"], "naamVacature"),
        nummer_vacature=reference if reference and len(reference) <= longest("nummerVacature") else None,
        omschrijving_vacature=_text(_about(vacancy), "omschrijvingVacature"),
        sluitingsdatum_vacature=vacancy["expires_on"],
        adres=_known(postcode=vacancy["workplace"]["postcode"]),
        arbeids_voorwaarden=_known(
            datum_aanvang_werkzaamheden=vacancy["start_date"],
            omschrijving_arbeidsvoorwaarden=_text(
                _conditions(vacancy), "arbeidsVoorwaarden.omschrijvingArbeidsvoorwaarden"
            ),
        ),
        contractvorm=[
            _known(code_type_arbeidscontract=contract, code_type_overeenkomst=OvereenkomstType.REGULIERE_VACATURE)
        ],
        flexibiliteit=_known(indicatie_onregelmatig_werk_of_ploegendienst=_irregular(vacancy["demands"])),
        rijbewijs=_licences(vacancy["driving_licences"]),
        taalbeheersing=_dutch(None if level is LanguageLevel.NONE else level),
        werkgever=_known(
            handelsnaam_organisatie=_text(vacancy["employer_name"], "werkgever.handelsnaamOrganisatie"),
        ),
        werktijden=_hours(vacancy["hours"])
        | _known(indicatie_kantoortijden=_office_hours(vacancy["demands"], vacancy["offers"])),
    )


def werkzoekende(profile: Mapping[str, Any], *, detail: bool) -> dict[str, Any]:
    """The profile for VUM, given the view of it that the reader has; `detail` adds what stands in the detail part."""
    needs, cannot = profile["needs"], profile["cannot"]
    office_hours = WorkCondition.DAYTIME_HOURS in (needs or ())
    found = _known(
        id_werkzoekende=profile["id"],
        indicatie_beschikbaarheid_contactgegevens=YES,
        arbeidsmarktkwalificatie=_known(
            rijbewijs=_licences(profile["driving_licences"]), taalbeheersing=_dutch(profile["language_level"])
        ),
        flexibiliteit=_known(
            datum_aanvang_beschikbaar_voor_werk=profile["available_from"],
            indicatie_onregelmatig_werk_of_ploegendienst=NO if set(cannot or ()) >= IRREGULAR else None,
        ),
        werktijden=_hours(profile["hours"]) | _known(indicatie_kantoortijden=YES if office_hours else None),
    )
    return found | _detail(profile) if detail else found


def _detail(profile: Mapping[str, Any]) -> dict[str, Any]:
    needs = profile["needs"]
    lead = _text(profile["lead"]["party"], "contactpersoon[].naamContactpersoonAfdeling")
    return _known(
        contactpersoon=[_known(naam_contactpersoon_afdeling=lead)],
        eis_aan_werk=_known(
            indicatie_aanpassing_werkomgeving=_any_of(needs, ABOUT_THE_WORKPLACE),
            indicatie_begeleiding=_any_of(needs, ABOUT_GUIDANCE),
        ),
    )


def _known(**parts: Any) -> dict[str, Any]:
    """Those that hold something."""
    return {name: part for name, part in parts.items() if part is not None and part not in ({}, [], "", [{}])}


def _text(text: str | None, path: str) -> str:
    return shortened(text or "", longest(path))


def _about(vacancy: Mapping[str, Any]) -> str:
    tasks = [f"- {task}" for task in vacancy["tasks"]]
    return "\n".join([*filter(None, [vacancy["description"]]), *(["Taken:", *tasks] if tasks else [])])


def _conditions(vacancy: Mapping[str, Any]) -> str:
    offered = [found.offer_label.nl for found in map(work_code, vacancy["offers"] or ()) if found]
    if vacancy["trial_placement"]:
        offered.append("Beginnen met een proefplaatsing kan")
    if vacancy["jobcoach_arrangement"] is JobcoachArrangement.FIXED:
        offered.append("De werkgever werkt met één vaste jobcoachorganisatie")
    return "".join(f"{each}. " for each in offered)


def _hours(hours: Mapping[str, Any] | None) -> dict[str, Any]:
    if hours is None:
        return {}
    least, most = whole_hours(hours["min"], hours["max"])
    return _known(aantal_werkuren_per_week_minimaal=least, aantal_werkuren_per_week_maximaal=most)


def _irregular(demands: Collection[str] | None) -> int | None:
    return _any_of(demands, IRREGULAR)


def _office_hours(demands: Collection[str] | None, offers: Collection[str] | None) -> int | None:
    if not IRREGULAR.isdisjoint(demands or ()):
        return NO
    return YES if WorkCondition.DAYTIME_HOURS in (offers or ()) else None


def _any_of(codes: Collection[str] | None, group: frozenset[Any]) -> int | None:
    """Whether one of the group is among the codes; None while these are not known."""
    if codes is None:
        return None
    return NO if group.isdisjoint(codes) else YES


def _licences(licences: Iterable[str] | None) -> list[dict[str, Any]]:
    return [{"code_soort_rijbewijs": each} for each in sorted(licences or ())]


def _dutch(level: LanguageLevel | None) -> list[dict[str, Any]]:
    """Speaking and understanding: of reading and writing nothing is known."""
    if level is None:
        return []
    known = LANGUAGE_LEVELS[level]
    return [
        {
            "code_taal": DUTCH,
            "code_niveau_taalbeheersing_luisteren": known,
            "code_niveau_taalbeheersing_mondeling": known,
        }
    ]
