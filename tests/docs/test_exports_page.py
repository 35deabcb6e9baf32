"""The guide to exports says what the code does: its tables are those of the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from service.kernel.endpoints import Endpoint
from service.vacancies.exports.attributes import Attribute, profile_attributes, vacancy_attributes
from service.vacancies.exports.fitting import whole_hours
from service.vacancies.exports.job_posting import EMPLOYMENT_TYPES, FULL_TIME_FROM, MEDIA_TYPE
from service.vacancies.exports.routes import routes
from service.vacancies.exports.schemas import JobPostingView

PAGE = (Path(__file__).resolve().parents[2] / "docs/integrators/exports.md").read_text("utf-8")


def table(attributes: tuple[Attribute, ...]) -> str:
    """The attributes as the page lists them."""
    mapped = sum(bool(each.path) for each in attributes)
    lines = [
        f"{mapped} of {len(attributes)} attributes have something of ours in them.",
        "",
        "| entity | attribute | type | part | place in the JSON | from ours, or why not |",
        "|---|---|---|---|---|---|",
    ]
    for each in attributes:
        kind = f"{each.type}, here {each.wire_type}" if each.wire_type else each.type
        place = f"`{each.path}`" if each.path else "–"
        lines.append(f"| {each.entity} | {each.attribute} | {kind} | {each.profile} | {place} | {each.ours} |")
    return "\n".join(lines)


@pytest.mark.parametrize("attributes", [vacancy_attributes(), profile_attributes()], ids=["vacancy", "profile"])
def test_the_tables_are_those_of_the_code(attributes: tuple[Attribute, ...]) -> None:
    assert table(attributes) in PAGE


def test_the_properties_of_a_posting() -> None:
    listed = re.findall(r"^\| `([a-zA-Z]+)` \| ", PAGE, re.MULTILINE)
    assert sorted(listed) == sorted(key for key in map(data_key, JobPostingView().fields.values()) if key[0] != "@")
    row = next(line for line in PAGE.splitlines() if line.startswith("| `employmentType`"))
    assert f"from {FULL_TIME_FROM} hours" in row
    for contract, kind in EMPLOYMENT_TYPES.items():
        assert (f"`{contract.value}`" in row) is (kind is not None)


def data_key(field: object) -> str:
    return str(getattr(field, "data_key", ""))


def test_the_requests_exist() -> None:
    by_path: dict[str, Endpoint] = {f"GET /v1{each.path}": each for each in routes.endpoints}
    assert set(re.findall(r"^\| `(GET [^`]+)`", PAGE, re.MULTILINE)) == set(by_path)
    assert by_path["GET /v1/vacancies/{id}/job-posting"].media_type == MEDIA_TYPE
    assert MEDIA_TYPE in PAGE


def test_the_hours_of_the_example() -> None:
    found = re.findall(r"([\d.]+) to ([\d.]+) is (\d+)(?: to (\d+))?", PAGE)
    assert len(found) == 2
    for least, most, low, high in found:
        assert whole_hours(float(least), float(most)) == (int(low), int(high or low))
