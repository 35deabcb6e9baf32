"""What the contract register makes of cells: days, months, words for contracts, as people write them."""

from __future__ import annotations

from typing import Any

import pytest

from service.employers.imports.schemas import COLUMNS, EmploymentRow
from service.employers.rules import SENTINEL_DATES
from service.kernel.imports.columns import Row, RowReader
from tests.contacts.imports_kit import bsns

[BSN] = bsns(1)


def read(**cells: str) -> tuple[dict[str, Any], list[str]]:
    """What the schema makes of cells, and the codes of what is wrong."""
    found = Row(2, {COLUMNS.named(name.replace("_", " ")) or name: text for name, text in cells.items()})
    [data] = RowReader(EmploymentRow()).read([found], {})
    return data, [finding.code for finding in found.findings]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("31-12-2026", "2026-12-31"),
        ("1-2-2026", "2026-02-01"),
        ("01.02.2026", "2026-02-01"),
        ("20261231", "2026-12-31"),
        ("2026-12-31T00:00:00", "2026-12-31"),
        ("31-12-2026 0:00", "2026-12-31"),
        ("2026-12-31 00:00:00.000", "2026-12-31"),
    ],
)
def test_days(text: str, day: str) -> None:
    data, wrong = read(einddatum=text)
    assert (data["end_date"].isoformat(), wrong) == (day, [])


@pytest.mark.parametrize("text", ["31-02-2026", "2026-12-31T09:00:00", "eind 2026", "20261301", "31-12-26"])
def test_no_days(text: str) -> None:
    assert read(einddatum=text) == ({}, ["not-a-date"])


@pytest.mark.parametrize(
    "text",
    [
        *(day.isoformat() for day in sorted(SENTINEL_DATES)),
        *("0000-00-00", "00-00-0000", "00000000", "0-0-0000", "31-12-9999", "31.12.9999", "99991231", "31-12-2099"),
        *("9999-12-31T00:00:00", "1-1-1900 00:00:00", "0001-01-01T00:00:00"),
    ],
)
def test_a_day_that_stands_for_no_date_is_refused(text: str) -> None:
    for name in ("begindatum", "einddatum"):
        assert read(**{name: text}) == ({}, ["not-a-real-date"])


@pytest.mark.parametrize("text", ["2026-08", "08-2026", "8-2026", "8/2026", "202608", "2026-08-17", "17-8-2026"])
def test_months(text: str) -> None:
    data, wrong = read(laatste_loonmaand=text)
    assert (data["last_wage_month"].isoformat(), wrong) == ("2026-08-01", [])


def test_no_months() -> None:
    for text in ("2026-13", "augustus", "2026", "13-2026"):
        assert read(laatste_loonmaand=text) == ({}, ["not-a-month"])
    assert read(laatste_loonmaand="0000-00")[1] == ["not-a-real-date"]


@pytest.mark.parametrize(
    ("kind", "words"),
    {
        "permanent": ("Vast", "onbepaalde tijd", "permanent", "Contract voor onbepaalde tijd"),
        "fixed_term": ("Tijdelijk", "BEPAALDE TIJD", "fixed_term", "fixed term", "Jaarcontract"),
        "agency": ("uitzend", "Uitzendkracht", "agency"),
        "on_call": ("Oproepkracht", "nuluren", "0-uren", "on_call", "Min-max"),
        "secondment": ("detachering", "gedetacheerd", "secondment"),
    }.items(),
)
def test_words_for_contracts(kind: str, words: tuple[str, ...]) -> None:
    assert [read(contractsoort=word)[0]["contract_type"] for word in words] == [kind] * len(words)


def test_other_cells() -> None:
    data, wrong = read(uren="36,25", jobcoach="Extern", beroepscode="9333", bsn=BSN)
    assert wrong == []
    assert (data["hours_per_week"], data["jobcoach_kind"]) == (36.25, "external")
    wrong = read(uren="81", contractsoort="stage", beroepscode="0042", bsn="123456789", functie=f"Hulp {BSN}")[1]
    assert sorted(wrong) == ["holds-bsn", "invalid-bsn", "out-of-range", "unknown-code", "unknown-occupation"]
