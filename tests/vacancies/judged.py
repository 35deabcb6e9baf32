"""The judged cases of docs/contributors/judged-cases.md, read as facts that the matching rules can be asked about."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple, TypeVar

from service.reference import occupations
from service.reference.qualifications import DrivingLicence, LanguageLevel
from service.reference.work_codes import WorkCondition, WorkDemand
from service.vacancies.candidates.free import free_from
from service.vacancies.criteria import CandidateFacts, Criterion, VacancyFacts
from service.vacancies.matching import Verdict

PAGE = Path(__file__).resolve().parents[2] / "docs/contributors/judged-cases.md"
NOT_YET = "**Does not hold yet:**"
_ASKED = ("vacancy", "candidate")
_VERDICTS = {"fits": Verdict.FITS, "adjust": Verdict.FITS_WITH_ADJUSTMENTS}
_TRIAL = "trial_placement"
_LONG_FREE = date(2026, 12, 1)

T = TypeVar("T", WorkCondition, WorkDemand, DrivingLicence)


class Judgement(NamedTuple):
    """What an advisor says of one row: its `place` in the answer, or what alone stands in the way, or neither."""

    place: int | None
    verdict: Verdict | None
    near: Criterion | None


class Case(NamedTuple):
    """One table: the vacancy or candidate asked about, the others by their letter, and what is said of each."""

    title: str
    why: str
    not_yet: str | None
    asked: CandidateFacts | VacancyFacts
    others: Mapping[str, CandidateFacts | VacancyFacts]
    judged: Mapping[str, Judgement]


def cases() -> list[Case]:
    _, *parts = re.split(r"^### ", PAGE.read_text("utf-8"), flags=re.MULTILINE)
    return [_case(part) for part in parts]


def _case(text: str) -> Case:
    title, *lines = text.splitlines()
    words = [line for line in lines if line and not line.startswith(("|", "#"))]
    head, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    assert {len(row) for row in rows} == {len(head)}, title
    first, *rest = [dict(zip(head, row, strict=True)) for row in rows]
    assert first[""] in _ASKED, title
    is_vacancy = first[""] == "vacancy"
    others = {row[""]: _candidate(row) if is_vacancy else _vacancy(row) for row in rest}
    assert len(others) == len(rest), title
    not_yet = [line.removeprefix(NOT_YET).strip() for line in words if line.startswith(NOT_YET)]
    return Case(
        title=title,
        why=words[0],
        not_yet=not_yet[0] if not_yet else None,
        asked=_vacancy(first) if is_vacancy else _candidate(first),
        others=others,
        judged={row[""]: _judgement(row["judged"]) for row in rest},
    )


def _judgement(cell: str) -> Judgement:
    if cell == "out":
        return Judgement(None, None, None)
    first, _, second = cell.partition(" ")
    if first == "near":
        return Judgement(None, None, Criterion(second))
    return Judgement(int(first), _VERDICTS[second] if second else None, None)


def _candidate(row: Mapping[str, str]) -> CandidateFacts:
    low, high = _hours(row["hours"])
    postcode4, _, farthest = row["place"].partition(", ")
    job_ends, free = _free(row["day"])
    return CandidateFacts(
        id=row[""],
        occupations=tuple(map(_work, row["work"].split(", "))),
        hours_min=low,
        hours_max=high,
        postcode4=postcode4,
        max_distance_km=float(farthest.removesuffix(" km")),
        available_from=free_from(free, job_ends),
        contract_ends=job_ends,
        needs=_codes(WorkCondition, row.get("needs, offers", "")),
        cannot=_codes(WorkDemand, row.get("cannot, demands", "")),
        language=_language(row.get("Dutch", "") or "B1"),
        licences=_codes(DrivingLicence, row.get("licences", "")),
    )


def _vacancy(row: Mapping[str, str]) -> VacancyFacts:
    low, high = _hours(row["hours"])
    licences = _codes(DrivingLicence, row.get("licences", ""))
    assert licences is not None
    offers = row.get("needs, offers", "")
    trial = f", {_TRIAL}" in offers
    return VacancyFacts(
        id=row[""],
        occupation=_work(row["work"]),
        hours_min=low,
        hours_max=high,
        postcode4=None if row["place"] == "?" else row["place"],
        start_date=None if row["day"] == "open" else date.fromisoformat(row["day"]),
        demands=_codes(WorkDemand, row.get("cannot, demands", "")),
        offers=_codes(WorkCondition, offers.replace(f", {_TRIAL}", "")),
        language=_language(row.get("Dutch", "")),
        licences=licences,
        trial_placement=trial,
    )


def _work(name: str) -> str:
    """The occupation that somebody finds first who looks for this title."""
    code, _, _ = name.partition(" ")
    return code if code.isdecimal() else occupations.search(name, 1)[0].uri_or_code


def _hours(cell: str) -> tuple[float | None, float | None]:
    if cell == "?":
        return None, None
    low, _, high = cell.partition("-")
    return float(low), float(high or low)


def _free(cell: str) -> tuple[date | None, date | None]:
    """The last day of a job that runs, and the day from which somebody says to be free."""
    if cell == "?":
        return None, None
    if cell.startswith("job until "):
        return date.fromisoformat(cell.removeprefix("job until ")), None
    return None, date.fromisoformat(cell) if cell else _LONG_FREE


def _language(cell: str) -> LanguageLevel | None:
    return None if cell in ("", "?") else LanguageLevel(cell)


def _codes(kind: type[T], cell: str) -> frozenset[T] | None:
    return None if cell == "?" else frozenset(map(kind, cell.split(", "))) if cell else frozenset()


def counted(found: list[Case]) -> str:
    """The sentence in which the page counts its cases."""
    rows = sum(len(case.others) for case in found)
    return f"**{len(found)} cases with {rows} rows; {sum(case.not_yet is None for case in found)} hold.**"
