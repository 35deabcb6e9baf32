"""Identifiers, certificates and plausibility of employments."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.employers import rules
from service.employers.rules import ContractType, EmploymentWarning, JobcoachKind, PsoLevel

TODAY = date(2026, 3, 2)
DAYS = st.dates(date(2015, 1, 1), date(2060, 12, 31))


# --- Enums: what other systems rely on ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("enum", "values"),
    [
        (ContractType, ["permanent", "fixed_term", "agency", "on_call", "secondment"]),
        (JobcoachKind, ["none", "external", "internal"]),
        (PsoLevel, ["aspirant", "basis", "step_1", "step_2", "step_3"]),
    ],
)
def test_published_values(enum: type[ContractType], values: list[str]) -> None:
    assert [each.value for each in enum] == values


# --- Calendar -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 15), 0, date(2026, 1, 15)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2026, 8, 31), 3, date(2026, 11, 30)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 3, 2), 36, date(2029, 3, 2)),
        (date(9999, 11, 30), 1, date(9999, 12, 30)),
        (date(9999, 12, 31), 1, date.max),
    ],
)
def test_months_later(day: date, months: int, expected: date) -> None:
    assert rules.months_later(day, months) == expected


@settings(deadline=None)
@given(DAYS, DAYS, st.integers(0, 60))
def test_months_later_keeps_the_order_and_the_month(one: date, other: date, months: int) -> None:
    early, late = sorted((one, other))
    assert rules.months_later(early, months) <= rules.months_later(late, months)
    there = rules.months_later(one, months)
    assert (there.year * 12 + there.month) - (one.year * 12 + one.month) == months
    assert there.day <= one.day


@pytest.mark.parametrize("text", ["0001-01-01", "1900-01-01", "1970-01-01", "2099-12-31", "9999-12-31"])
def test_sentinels_are_known(text: str) -> None:
    assert rules.is_sentinel_date(date.fromisoformat(text))


@given(DAYS)
def test_an_ordinary_day_is_no_sentinel(day: date) -> None:
    assert not rules.is_sentinel_date(day)


# --- The end by wages ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("last_wage_month", "today", "expected"),
    [
        (None, TODAY, None),
        (date(2026, 3, 1), date(2026, 3, 2), None),
        (date(2026, 1, 1), date(2026, 4, 30), None),
        (date(2026, 1, 1), date(2026, 5, 1), date(2026, 1, 31)),
        (date(2026, 1, 31), date(2026, 5, 1), date(2026, 1, 31)),
        (date(2025, 11, 1), date(2026, 2, 28), None),
        (date(2025, 11, 1), date(2026, 3, 1), date(2025, 11, 30)),
        (date(2028, 2, 1), date(2028, 5, 31), None),
        (date(2028, 2, 1), date(2028, 6, 1), date(2028, 2, 29)),
        (date(2027, 2, 1), date(2027, 6, 1), date(2027, 2, 28)),
        (date(2020, 12, 1), TODAY, date(2020, 12, 31)),
        (date(2027, 1, 1), TODAY, None),
        (date(9999, 12, 1), TODAY, None),
    ],
)
def test_the_end_by_wages(last_wage_month: date | None, today: date, expected: date | None) -> None:
    assert rules.end_by_wages(last_wage_month, today) == expected


@settings(deadline=None)
@given(DAYS, DAYS)
def test_three_whole_months_lie_between_the_end_by_wages_and_today(wages: date, today: date) -> None:
    silent = (today.year - wages.year) * 12 + today.month - wages.month - 1  # whole months after that with wages
    found = rules.end_by_wages(wages, today)
    assert (found is not None) == (silent >= 3)
    if found is not None:
        assert (found.year, found.month) == (wages.year, wages.month)
        assert (found + timedelta(days=1)).day == 1
        assert found == rules.end_by_wages(wages, today + timedelta(days=1))


def test_a_registered_end_goes_before_the_one_by_wages() -> None:
    assert rules.effective_end(date(2026, 9, 30), date(2025, 1, 1), TODAY) == date(2026, 9, 30)
    assert rules.effective_end(None, date(2025, 1, 1), TODAY) == date(2025, 1, 31)
    assert rules.effective_end(None, None, TODAY) is None


# --- Identifiers --------------------------------------------------------------------------------------------------

UNLIKE_DIGITS = ["", " ", "abcdefgh", "12345678\n", " 12345678", "1234 5678", "1234-5678", "+1234567", "12.34567"]


@pytest.mark.parametrize("value", ["69599084", "68750110", "90004760", "00000001"])
def test_kvk_number(value: str) -> None:
    assert rules.is_kvk_number(value)


@pytest.mark.parametrize(
    "value",
    [
        *UNLIKE_DIGITS,
        "1234567",
        "123456789",
        "00000000",
        "\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18",
        "\u0663\u0664\u0665\u0666\u0667\u0668\u0669\u0660",
    ],
)
def test_no_kvk_number(value: str) -> None:
    assert not rules.is_kvk_number(value)


def test_establishment_number() -> None:
    assert rules.is_establishment_number("000037178598")


@pytest.mark.parametrize(
    "value",
    [
        *UNLIKE_DIGITS,
        "00003717859",
        "0000371785988",
        "000000000000",
        "000037178598\n",
        "\u0660\u0660\u0660\u0660\u0663\u0667\u0661\u0667\u0668\u0665\u0669\u0668",
    ],
)
def test_no_establishment_number(value: str) -> None:
    assert not rules.is_establishment_number(value)


@pytest.mark.parametrize("value", ["822477348L01", "823288444L02", "123456782L10"])
def test_payroll_tax_number(value: str) -> None:
    assert rules.is_payroll_tax_number(value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "822477348",
        "822477348L1",
        "822477348L001",
        "822477348l01",
        "822477348B01",
        "822477349L01",
        "000000000L01",
        "82247734L01",
        " 822477348L01",
        "822477348L01\n",
        "822477348 L01",
        "822477348L\u0660\u0661",
    ],
)
def test_no_payroll_tax_number(value: str) -> None:
    assert not rules.is_payroll_tax_number(value)


@given(st.text(max_size=14))
def test_any_text_gets_an_answer(value: str) -> None:
    checks = (rules.is_kvk_number, rules.is_establishment_number, rules.is_payroll_tax_number)
    for check in checks:
        if check(value):
            assert value.isascii()
            assert value.isalnum()


# --- PSO ----------------------------------------------------------------------------------------------------------

FROM, UNTIL = date(2025, 4, 1), date(2027, 3, 31)


@pytest.mark.parametrize("level", list(PsoLevel))
@pytest.mark.parametrize(
    ("today", "valid"),
    [
        (date(2025, 3, 31), False),
        (date(2025, 4, 1), True),
        (date(2026, 6, 1), True),
        (date(2027, 3, 31), True),
        (date(2027, 4, 1), False),
    ],
)
def test_pso_counts_from_its_first_to_its_last_day(level: PsoLevel, today: date, valid: bool) -> None:
    assert rules.pso_valid(level, FROM, UNTIL, today) is valid


def test_no_level_is_no_certificate() -> None:
    assert not rules.pso_valid(None, FROM, UNTIL, date(2026, 1, 1))


@pytest.mark.parametrize(("today", "valid"), [(date(2027, 4, 1), True), (date(2027, 4, 2), False)])
def test_pso_never_counts_longer_than_two_years(today: date, valid: bool) -> None:
    assert rules.pso_valid(PsoLevel.STEP_3, FROM, date(2035, 1, 1), today) is valid


@given(DAYS, DAYS, DAYS)
def test_pso_within_its_dates_only(valid_from: date, valid_until: date, today: date) -> None:
    if rules.pso_valid(PsoLevel.BASIS, valid_from, valid_until, today):
        assert valid_from <= today <= valid_until


# --- Employments --------------------------------------------------------------------------------------------------


def warnings(**changes: Any) -> list[str]:
    facts: dict[str, Any] = {
        "start": date(2025, 9, 1),
        "end": date(2026, 8, 31),
        "hours_per_week": Decimal("32.5"),
        "contract_type": ContractType.FIXED_TERM,
        "today": TODAY,
    }
    return [each.code for each in rules.employment_warnings(**(facts | changes))]


def test_an_ordinary_employment_gets_no_warning() -> None:
    assert warnings() == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"end": TODAY}, []),
        ({"end": TODAY - timedelta(days=1)}, ["end_in_past"]),
        ({"start": date(2026, 8, 31)}, ["start_equals_end"]),
        ({"hours_per_week": 48}, []),
        ({"hours_per_week": Decimal("48.01")}, ["hours_above_48"]),
        ({"hours_per_week": 48.5}, ["hours_above_48"]),
        ({"hours_per_week": None}, []),
        ({"hours_per_week": 0, "contract_type": ContractType.ON_CALL}, []),
        ({"end": None}, ["fixed_term_without_end"]),
        ({"end": None, "contract_type": ContractType.PERMANENT}, []),
        ({"contract_type": ContractType.PERMANENT}, []),
        ({"start": date(2026, 1, 5), "end": date(2026, 1, 5)}, ["end_in_past", "start_equals_end"]),
        ({"chain_since": date(2023, 9, 1)}, []),
        ({"chain_since": date(2023, 8, 31)}, ["chain_beyond_3_years"]),
        ({"chain_since": date(2020, 1, 1), "contract_type": ContractType.AGENCY}, []),
        ({"chain_since": date(2020, 1, 1), "end": None}, ["fixed_term_without_end"]),
        ({"start": date(2021, 9, 1)}, []),
        ({"end": date(9999, 12, 31), "chain_since": date(2025, 1, 1)}, ["chain_beyond_3_years"]),
    ],
)
def test_warnings(changes: dict[str, Any], expected: list[str]) -> None:
    assert warnings(**changes) == expected


def test_every_warning_can_occur_and_says_something_in_both_languages() -> None:
    odd = [
        *rules.employment_warnings(
            start=date(2026, 1, 5),
            end=date(2026, 1, 5),
            hours_per_week=60,
            contract_type=ContractType.FIXED_TERM,
            today=TODAY,
            chain_since=date(2020, 1, 1),
        ),
        *rules.employment_warnings(
            start=date(2026, 1, 5),
            end=None,
            hours_per_week=None,
            contract_type=ContractType.FIXED_TERM,
            today=TODAY,
        ),
    ]
    assert {each.code for each in odd} == set(EmploymentWarning)
    assert all(each.text.nl and each.text.en and each.text.nl != each.text.en for each in odd)


@pytest.mark.parametrize(
    ("end", "wrong"),
    [(None, False), (date(2025, 9, 1), False), (date(2025, 9, 2), False), (date(2025, 8, 31), True)],
)
def test_an_end_before_the_start_is_an_error(end: date | None, wrong: bool) -> None:
    assert rules.end_before_start(date(2025, 9, 1), end) is wrong


def term(first: str, last: str) -> tuple[date, date]:
    return date.fromisoformat(first), date.fromisoformat(last)


@pytest.mark.parametrize(
    ("earlier", "since"),
    [
        ([], None),
        ([term("2025-01-01", "2025-12-31")], date(2025, 1, 1)),
        # Six months between two contracts still make a chain, a day more does not.
        ([term("2024-07-01", "2025-06-30")], date(2024, 7, 1)),
        ([term("2024-07-01", "2025-06-29")], None),
        ([term("2023-01-01", "2023-12-31"), term("2024-02-01", "2025-10-31")], date(2023, 1, 1)),
        ([term("2024-02-01", "2025-10-31"), term("2023-01-01", "2023-12-31")], date(2023, 1, 1)),
        ([term("2021-01-01", "2021-12-31"), term("2024-02-01", "2025-10-31")], date(2024, 2, 1)),
        # A short contract inside a long one does not hide the long one.
        ([term("2020-01-01", "2025-12-31"), term("2021-01-01", "2021-02-01")], date(2020, 1, 1)),
        # What starts later is no predecessor.
        ([term("2026-06-01", "2026-12-31")], None),
        ([(date(2025, 1, 1), date.max)], date(2025, 1, 1)),
    ],
)
def test_chain(earlier: list[tuple[date, date]], since: date | None) -> None:
    assert rules.chain_since(date(2026, 1, 1), earlier) == since


@given(DAYS, st.lists(st.tuples(DAYS, st.integers(0, 2000)), max_size=6), st.randoms())
def test_chain_does_not_depend_on_the_order(start: date, raw: list[tuple[date, int]], shuffler: Any) -> None:
    earlier = [(first, first + timedelta(days=days)) for first, days in raw]
    shuffled = list(earlier)
    shuffler.shuffle(shuffled)
    since = rules.chain_since(start, earlier)
    assert since == rules.chain_since(start, shuffled)
    assert since is None or (since < start and since in {first for first, _ in earlier})
