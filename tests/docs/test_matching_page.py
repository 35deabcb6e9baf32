"""The guide to matching says what the rules do: its table is read and held against them."""

from __future__ import annotations

import re
from pathlib import Path

from service.reference.nearness import Nearness
from service.vacancies import criteria
from service.vacancies.candidates.schemas import MatchesQuery
from service.vacancies.criteria import HARD, OCCUPATION_SHARE, WEIGHTS, Criterion, Result
from service.vacancies.matching import RULES_VERSION

PAGE = (Path(__file__).resolve().parents[2] / "docs/integrators/matching.md").read_text("utf-8")
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("| `")]
CRITERIA = {row[0].strip("`"): row for row in ROWS if len(row) == 6}


def percent(share: float) -> str:
    return f"{round(share * 100)}%"


def test_weights_and_which_are_hard() -> None:
    assert list(CRITERIA) == list(WEIGHTS)
    for criterion, row in CRITERIA.items():
        assert int(row[1]) == WEIGHTS[Criterion(criterion)]
        assert (row[2] == "yes") is (criterion in HARD)


def test_the_four_results() -> None:
    assert [row[0].strip("`") for row in ROWS if len(row) == 3] == list(Result)


def test_shares_and_bounds() -> None:
    occupation = " ".join(CRITERIA["occupation"][3:5])
    shares = [percent(OCCUPATION_SHARE[near][1]) for near in list(Nearness)[1:-1]]
    assert re.findall(r"\d+%", occupation) == shares
    hours = CRITERIA["hours"][4]
    assert f"{percent(criteria.DISCUSS_SHARE)} up to {criteria.HOURS_TO_DISCUSS} hours" in hours
    assert f"up to {criteria.HOURS_TO_BUILD_UP} where the candidate builds up" in hours
    assert f"{percent(criteria.FARTHEST_SHARE)} at the longest" in CRITERIA["distance"][3]
    assert f"up to {criteria.DISTANCE_TO_DISCUSS} times" in CRITERIA["distance"][4]
    assert f"up to {criteria.LATE_DAYS_TO_DISCUSS} days later" in CRITERIA["start"][4]
    assert f"{percent(criteria.LONG_OVERLAP_SHARE)} where a contract runs on" in CRITERIA["start"][4]
    near = PAGE.split("How far a near miss goes:")[1]
    assert near.startswith(
        f" up to {criteria.NEAR_HOURS} hours apart, up to {criteria.NEAR_DISTANCE} times the distance wanted, "
        f"up to {criteria.NEAR_DEMANDS} demands that cannot be met, "
        f"up to {criteria.NEAR_LANGUAGE_LEVELS} levels of Dutch"
    )


def test_version_and_query() -> None:
    assert f"now `{RULES_VERSION}`" in PAGE
    usual = MatchesQuery().load({})
    assert f"`limit` ({usual['limit']})" in PAGE
    assert f"`nearMisses` ({usual['near_misses']})" in PAGE
