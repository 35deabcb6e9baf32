"""Exports as pure functions: whatever a vacancy or a profile holds, what comes out is what the standard asks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.app import document
from service.employers.rules import ContractType
from service.kernel.schemas import View
from service.reference.qualifications import DrivingLicence, LanguageLevel
from service.reference.work_codes import WorkCondition, WorkDemand
from service.vacancies.exports.attributes import Attribute, profile_attributes, vacancy_attributes
from service.vacancies.exports.fitting import shortened, whole_hours
from service.vacancies.exports.job_posting import employment_types, end_of, job_posting
from service.vacancies.exports.schemas import JobPostingView, VumVacatureView, VumWerkzoekendeView
from service.vacancies.exports.vum import vacature, werkzoekende
from service.vacancies.rules import JobcoachArrangement
from tests.vacancies import schema_org

ID = "0190b6e8-7a2b-7c3d-8e4f-112233445566"
quick = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])

# developers.google.com/search/docs/appearance/structured-data/job-posting: what is needed, and the values of one.
GOOGLE_NEEDS = {"datePosted", "description", "hiringOrganization", "jobLocation", "title"}
GOOGLE_TYPES = {"FULL_TIME", "PART_TIME", "CONTRACTOR", "TEMPORARY", "INTERN", "VOLUNTEER", "PER_DIEM", "OTHER"}

VACANCY: dict[str, Any] = {
    "id": ID,
    "employer_id": ID,
    "employer_name": "Bakkerij Brood",
    "reference": "HR-2027-014",
    "title": "Medewerker magazijn",
    "description": "Orders klaarzetten.\n\nWe werken in twee hallen.",
    "occupation_code": "9333",
    "tasks": ["Dozen vullen", "Etiketten plakken"],
    "hours": {"min": Decimal("24"), "max": Decimal("32")},
    "start_date": date(2027, 3, 1),
    "contract_type": ContractType.FIXED_TERM,
    "positions": 3,
    "filled_positions": 1,
    "language_level": LanguageLevel.B1,
    "driving_licences": ["B"],
    "demands": [WorkDemand.WEEKEND_WORK, WorkDemand.HEAVY_LIFTING],
    "offers": [WorkCondition.QUIET_WORKPLACE],
    "trial_placement": True,
    "jobcoach_arrangement": JobcoachArrangement.FIXED,
    "workplace": {
        "name": "Filiaal",
        "postcode": "9711AB",
        "municipality": "Groningen",
        "municipality_code": "GM0014",
    },
    "freed_by_signal_id": "0190b6e8-7a2b-7c3d-8e4f-665544332211",
    "opened_on": date(2027, 1, 4),
    "expires_on": date(2027, 4, 4),
}
PROFILE: dict[str, Any] = {
    "id": ID,
    "occupations": ["9333"],
    "hours": {"min": Decimal("16.5"), "max": Decimal("32")},
    "postcode4": "9711",
    "max_distance_km": Decimal("20"),
    "available_from": date(2027, 3, 1),
    "needs": [WorkCondition.QUIET_WORKPLACE, WorkCondition.BUDDY, WorkCondition.DAYTIME_HOURS],
    "cannot": [WorkDemand.SHIFT_WORK, WorkDemand.NIGHT_WORK, WorkDemand.WEEKEND_WORK],
    "language_level": LanguageLevel.A2,
    "driving_licences": ["B", "AM"],
    "lead": {"party_id": ID, "party": "WSP Groningen", "role": "wsp_advisor"},
}

# --- Whatever there may be


def text_of(longest: int) -> st.SearchStrategy[str]:
    """Text of any length, signs of HTML and long words included."""
    part = st.sampled_from(["werk ", "magazijnmedewerker", "<b>&\"'</script>", "é😀 ", " ", "\n"]) | st.text(max_size=9)
    repeated = st.tuples(part, st.integers(1, longest // 4)).map(lambda pair: pair[0] * pair[1])
    return st.lists(repeated, min_size=1, max_size=3).map("".join).filter(str.strip).map(lambda text: text[:longest])


dates = st.dates(date(2000, 1, 1), date(2199, 12, 31))
hours = (
    st.tuples(st.decimals(0, 80, places=2), st.decimals(0, 80, places=2))
    .map(sorted)
    .map(lambda pair: {"min": pair[0], "max": pair[1]})
)


def subset_of(codes: Any) -> st.SearchStrategy[Any]:
    return st.lists(st.sampled_from(list(codes)), unique=True, max_size=6)


vacancies = st.fixed_dictionaries(
    {
        "employer_name": text_of(800),
        "reference": st.none() | text_of(100),
        "title": text_of(300),
        "description": st.none() | text_of(4000),
        "occupation_code": st.sampled_from(
            ["9333", "4321", "http://data.europa.eu/esco/occupation/0b1d8dcb-d941-4d79-99bf-fc10c1806c43"]
        ),
        "tasks": st.lists(text_of(200), max_size=20),
        "hours": hours,
        "start_date": st.none() | dates,
        "contract_type": st.sampled_from(ContractType),
        "positions": st.integers(1, 500),
        "language_level": st.none() | st.sampled_from(LanguageLevel),
        "driving_licences": subset_of(DrivingLicence),
        "demands": st.none() | subset_of(WorkDemand),
        "offers": st.none() | subset_of(WorkCondition),
        "trial_placement": st.booleans(),
        "jobcoach_arrangement": st.sampled_from(JobcoachArrangement),
        "expires_on": dates,
    }
).map(lambda drawn: VACANCY | drawn | {"filled_positions": 0})
no_postcode = {"workplace": VACANCY["workplace"] | {"postcode": None}}
profiles = st.fixed_dictionaries(
    {
        "hours": st.none() | hours,
        "available_from": st.none() | dates,
        "needs": st.none() | subset_of(WorkCondition),
        "cannot": st.none() | subset_of(WorkDemand),
        "language_level": st.none() | st.sampled_from(LanguageLevel),
        "driving_licences": st.none() | subset_of(DrivingLicence),
        "lead": st.fixed_dictionaries({"party": text_of(200)}),
    }
).map(lambda drawn: PROFILE | drawn)


# --- Reading what comes out


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Each value with its place, as the tables of attributes write it."""
    if isinstance(value, dict):
        assert value, f"{path} is empty"
        for name, part in value.items():
            yield from leaves(part, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        assert value, f"{path} is empty"
        for part in value:
            yield from leaves(part, f"{path}[]")
    else:
        yield path, value


def places_of(view: View, path: str = "") -> Iterator[str]:
    """Where the view can put something."""
    for field in view.fields.values():
        name = f"{path}.{field.data_key}" if path else str(field.data_key)
        inner = getattr(field, "inner", field)
        name += "[]" if inner is not field else ""
        nested = getattr(inner, "schema", None)
        yield from places_of(nested, name) if nested is not None else [name]


def is_of(kind: str, value: Any) -> bool:
    """Whether a value has the type as the standard writes it."""
    if kind == "YYYY-MM-DD":
        return isinstance(value, str) and str(date.fromisoformat(value)) == value
    signs, longest = re.fullmatch(r"(AN|N|A)(?:\.\.)?(\d+)", kind).groups()  # type: ignore[union-attr]
    allowed = {"N": r"\d", "A": r"[a-z]", "AN": r"(?s:.)"}[signs]
    least = longest if kind == "A3" else 1
    return re.fullmatch(f"{allowed}{{{least},{longest}}}", str(value), re.ASCII) is not None


def assert_conforms(made: dict[str, Any], attributes: tuple[Attribute, ...]) -> set[str]:
    by_path = {each.path: each for each in attributes if each.path}
    found = dict(leaves(made))
    for path, value in leaves(made):
        kind = by_path[path].sent_as
        assert is_of(kind, value), f"{path}: {value!r} is no {kind}"
        # In the contract numbers are numbers, but for this one, whose values begin with 0.
        assert (type(value) is int) is (kind.startswith("N") and not path.endswith("codeTypeOvereenkomst"))
    # Where the contract has an object, it asks this of it.
    assert "adres" not in made or "adres.postcode" in found
    assert "mobiliteit" not in made
    return set(found)


class Elements(HTMLParser):
    """The elements and the text of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert attrs == []
        self.names.add(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


# --- VUM


def test_the_tables_have_all_attributes_of_the_standard() -> None:
    assert (len(vacancy_attributes()), len(profile_attributes())) == (48, 57)
    for each in (*vacancy_attributes(), *profile_attributes()):
        assert each.ours
        assert each.profile in ("search", "detail")
        assert each.type == "YYYY-MM-DD" or each.longest > 0


@pytest.mark.parametrize(
    ("attributes", "view", "whole"),
    [
        (vacancy_attributes(), VumVacatureView(), vacature(VACANCY)),
        (profile_attributes(), VumWerkzoekendeView(), werkzoekende(PROFILE, detail=True)),
    ],
    ids=["vacancy", "profile"],
)
def test_what_the_table_maps_is_what_the_document_and_the_code_have(
    attributes: tuple[Attribute, ...], view: View, whole: dict[str, Any]
) -> None:
    mapped = [each.path for each in attributes if each.path]
    assert len(mapped) == len(set(mapped))
    assert set(places_of(view)) == set(mapped)
    assert assert_conforms(view.dump(whole), attributes) == set(mapped)


@given(vacancies, st.booleans())
@quick
def test_every_vacancy_conforms(vacancy: dict[str, Any], placed: bool) -> None:
    made = vacature(vacancy if placed else vacancy | no_postcode)
    shown = VumVacatureView().dump(made)
    assert_conforms(shown, vacancy_attributes())
    assert ("adres" in shown) is placed


@given(profiles, st.booleans())
@quick
def test_every_profile_conforms_and_the_detail_is_asked_for(profile: dict[str, Any], detail: bool) -> None:
    shown = VumWerkzoekendeView().dump(werkzoekende(profile, detail=detail))
    found = assert_conforms(shown, profile_attributes())
    parts = {each.path: each.profile for each in profile_attributes()}
    assert detail or {parts[path] for path in found} == {"search"}
    assert "indicatieLdrRegistratie" not in str(shown)
    # The needs and limits themselves are no business of VUM.
    assert not {code.value for code in (*WorkCondition, *WorkDemand)} & {str(value) for _, value in leaves(shown)}


@given(hours)
@quick
def test_no_hours_are_promised_that_are_not_there(asked: dict[str, Decimal]) -> None:
    least, most = whole_hours(asked["min"], asked["max"])
    assert 0 <= least <= most <= asked["max"]
    between = [hour for hour in range(81) if asked["min"] <= hour <= asked["max"]]
    assert list(range(least, most + 1)) == (between or [int(asked["max"])])


@given(text_of(300), st.integers(1, 120))
@quick
def test_a_text_is_cut_at_a_word(text: str, longest: int) -> None:
    short = shortened(text, longest)
    assert 0 < len(short) <= longest
    assert text.strip().startswith(short)
    following = text.strip()[len(short) :]
    assert not following or following[0].isspace() or not any(map(str.isspace, short))


def test_what_a_text_of_two_thousand_signs_loses() -> None:
    assert shortened("Medewerker magazijn nachtdienst", 21) == "Medewerker magazijn"
    assert shortened("Medewerker magazijn nachtdienst", 19) == "Medewerker magazijn"
    assert shortened("Magazijnmedewerker", 8) == "Magazijn"


@pytest.mark.parametrize(
    ("changed", "contract"),
    [
        (ContractType.PERMANENT, {"codeTypeArbeidscontract": "O", "codeTypeOvereenkomst": "01"}),
        (ContractType.FIXED_TERM, {"codeTypeArbeidscontract": "B", "codeTypeOvereenkomst": "01"}),
        (ContractType.AGENCY, {"codeTypeOvereenkomst": "01"}),
    ],
)
def test_a_contract_that_can_be_either_is_left_open(changed: ContractType, contract: dict[str, str]) -> None:
    assert VumVacatureView().dump(vacature(VACANCY | {"contract_type": changed}))["contractvorm"] == [contract]


def test_nothing_is_read_into_what_is_not_known() -> None:
    facts = ("hours", "available_from", "needs", "cannot", "language_level", "driving_licences")
    bare = dict.fromkeys(facts)
    made = VumWerkzoekendeView().dump(werkzoekende(PROFILE | bare, detail=True))
    assert made == {
        "idWerkzoekende": ID,
        "indicatieBeschikbaarheidContactgegevens": 1,
        "contactpersoon": [{"naamContactpersoonAfdeling": "WSP Groningen"}],
    }
    some = werkzoekende(PROFILE | {"cannot": [WorkDemand.NIGHT_WORK], "needs": []}, detail=True)
    assert "indicatie_onregelmatig_werk_of_ploegendienst" not in some["flexibiliteit"]
    assert some["eis_aan_werk"] == {"indicatie_aanpassing_werkomgeving": 2, "indicatie_begeleiding": 2}


@pytest.mark.parametrize(
    ("demands", "offers", "irregular", "office"),
    [
        (None, None, None, None),
        ([], None, 2, None),
        ([WorkDemand.HEAVY_LIFTING], [WorkCondition.DAYTIME_HOURS], 2, 1),
        ([WorkDemand.WEEKEND_WORK], [WorkCondition.DAYTIME_HOURS], 1, 2),
    ],
)
def test_when_the_work_is_done(demands: Any, offers: Any, irregular: int | None, office: int | None) -> None:
    made = vacature(VACANCY | {"demands": demands, "offers": offers})
    assert made.get("flexibiliteit", {}).get("indicatie_onregelmatig_werk_of_ploegendienst") == irregular
    assert made["werktijden"].get("indicatie_kantoortijden") == office


def test_a_number_is_never_cut() -> None:
    assert vacature(VACANCY)["nummer_vacature"] == "HR-2027-014"
    assert "nummer_vacature" not in vacature(VACANCY | {"reference": "HR-2027-0014"})


# --- schema.org


@given(vacancies, st.booleans())
@quick
def test_every_posting_speaks_schema_org(vacancy: dict[str, Any], placed: bool) -> None:
    shown = JobPostingView().dump(job_posting(vacancy if placed else vacancy | no_postcode))
    schema_org.check(shown)
    assert shown.keys() >= GOOGLE_NEEDS
    assert shown["jobLocation"]["address"]["addressCountry"] == "NL"
    assert set(shown["employmentType"]) <= GOOGLE_TYPES
    html = Elements(shown["description"])
    assert html.names <= {"p", "ul", "li"}
    assert shown["description"] != shown["title"]
    for typed in (*vacancy["tasks"], *(vacancy["description"] or "").splitlines()):
        assert typed.strip() in html.text
    assert VACANCY["freed_by_signal_id"] not in str(shown)


@pytest.mark.parametrize("sign", ["'", "\n'", "x"])
def test_the_longest_posting_fits_its_document(sign: str) -> None:
    longest = {"description": (sign * 4000)[:4000], "tasks": ["'" * 200] * 20, "driving_licences": [*DrivingLicence]}
    shown = JobPostingView().dump(job_posting(VACANCY | longest | {"title": "'" * 120, "employer_name": "'" * 200}))
    properties = document()["components"]["schemas"]["JobPostingView"]["properties"]
    for name in ("description", "responsibilities", "qualifications", "title"):
        assert len(shown[name]) <= properties[name]["maxLength"]


def test_a_check_that_can_fail() -> None:
    shown = JobPostingView().dump(job_posting(VACANCY))
    for wrong in ({"salary": "veel"}, {"datePosted": "gisteren"}, {"jobLocation": shown["hiringOrganization"]}):
        with pytest.raises((AssertionError, ValueError)):
            schema_org.check(shown | wrong)


def test_a_posting_tells_the_work_and_not_for_whom_or_why() -> None:
    shown = JobPostingView().dump(job_posting(VACANCY))
    assert shown["identifier"] == {"@type": "PropertyValue", "name": "Servicepunt", "value": ID}
    assert shown["hiringOrganization"] == {"@type": "Organization", "name": "Bakkerij Brood"}
    assert shown["jobLocation"]["address"] == {
        "@type": "PostalAddress",
        "addressLocality": "Groningen",
        "addressRegion": "Groningen",
        "postalCode": "9711AB",
        "addressCountry": "NL",
    }
    assert (shown["datePosted"], shown["validThrough"]) == ("2027-01-04", "2027-04-04T21:59:59.000Z")
    assert (shown["totalJobOpenings"], shown["directApply"]) == (2, False)
    assert shown["qualifications"] == "Nederlands op niveau B1, rijbewijs B"
    assert shown["workHours"] == "24 tot 32 uur per week"
    assert shown["description"] == (
        "<p>Orders klaarzetten.</p><p>We werken in twee hallen.</p>"
        "<p>Bakkerij Brood in Groningen: Medewerker magazijn, 24 tot 32 uur per week, tijdelijk contract.</p>"
        "<p>Nodig: Nederlands op niveau B1, rijbewijs B.</p><p>Begin: 1-3-2027.</p>"
        "<p>Taken:</p><ul><li>Dozen vullen</li><li>Etiketten plakken</li></ul>"
    )
    silent = {"demands": None, "offers": None, "trial_placement": False, "freed_by_signal_id": None, "reference": None}
    same = VACANCY | silent | {"jobcoach_arrangement": JobcoachArrangement.FREE}
    assert JobPostingView().dump(job_posting(same)) == shown


def test_the_occupation_in_both_lists() -> None:
    esco = "http://data.europa.eu/esco/occupation/0b1d8dcb-d941-4d79-99bf-fc10c1806c43"
    posting = job_posting(VACANCY | {"occupation_code": esco})
    codes = [(each["in_code_set"], each["code_value"]) for each in posting["occupational_category"]]
    assert codes == [
        ("http://data.europa.eu/esco/concept-scheme/occupations", esco),
        ("https://www.ilo.org/public/english/bureau/stat/isco/isco08/", "0110"),
    ]


@pytest.mark.parametrize(
    ("contract", "least", "most", "found"),
    [
        (ContractType.PERMANENT, 36, 40, ["FULL_TIME"]),
        (ContractType.PERMANENT, 24, 36, ["FULL_TIME", "PART_TIME"]),
        (ContractType.FIXED_TERM, 24, 34.5, ["PART_TIME", "TEMPORARY"]),
        (ContractType.ON_CALL, 0, 12, ["PART_TIME", "OTHER"]),
    ],
)
def test_kinds_of_employment(contract: ContractType, least: float, most: float, found: list[str]) -> None:
    assert employment_types(contract, least, most) == found


def test_the_last_day_counts_in_summer_and_winter() -> None:
    assert end_of(date(2027, 1, 31)) == datetime(2027, 1, 31, 22, 59, 59, tzinfo=UTC)
    assert end_of(date(2027, 7, 31)) == datetime(2027, 7, 31, 21, 59, 59, tzinfo=UTC)
