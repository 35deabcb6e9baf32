"""Who answers an employer, and what each side says: the rules alone."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.contacts.fixed.rules import (
    NAMED_BY,
    Side,
    UwvChoice,
    UwvContactKind,
    choose_at_uwv,
    foreign,
    missing,
    office_for,
)
from service.contacts.rules import Absence, CaseworkerFacts, told_too_late

TODAY = date(2026, 3, 2)
LATER = date(2026, 3, 9)
HERE = CaseworkerFacts()
AWAY = CaseworkerFacts(absence=Absence(date(2026, 3, 1), LATER))
PART_TIME = CaseworkerFacts(working_days={2})


@pytest.mark.parametrize(
    ("caseworker", "backup", "office", "wanted"),
    [
        (HERE, None, True, UwvChoice(UwvContactKind.CASEWORKER)),
        (PART_TIME, HERE, True, UwvChoice(UwvContactKind.CASEWORKER)),
        (AWAY, HERE, True, UwvChoice(UwvContactKind.BACKUP, LATER)),
        (AWAY, AWAY, True, UwvChoice(UwvContactKind.OFFICE, LATER)),
        (AWAY, None, True, UwvChoice(UwvContactKind.OFFICE, LATER)),
        (AWAY, None, False, UwvChoice(UwvContactKind.DESK, LATER)),
        (None, None, True, UwvChoice(UwvContactKind.OFFICE)),
        (None, HERE, True, UwvChoice(UwvContactKind.OFFICE)),
        (None, None, False, UwvChoice(UwvContactKind.DESK)),
    ],
)
def test_caseworker_else_backup_else_office_else_desk(
    caseworker: CaseworkerFacts | None, backup: CaseworkerFacts | None, office: bool, wanted: UwvChoice
) -> None:
    assert choose_at_uwv(TODAY, caseworker=caseworker, backup=backup, office=office) == wanted


@pytest.mark.parametrize(
    ("own", "in_region", "wanted"),
    [("b", ["a", "b"], "b"), ("c", ["a", "b"], "a"), (None, ["a"], "a"), ("c", [], None), (None, [], None)],
)
def test_which_office_answers(own: str | None, in_region: list[str], wanted: str | None) -> None:
    assert office_for(own, in_region) == wanted


@given(st.sampled_from(Side), st.sets(st.sampled_from(["caseworker_id", "name", "phone", "email", "region_code"])))
def test_each_side_says_its_own_and_nothing_else(side: Side, said: set[str]) -> None:
    own = set(NAMED_BY[side])
    other = {name for names in NAMED_BY.values() for name in names} - own
    assert set(missing(side, said)) == own - said
    assert set(foreign(side, said)) == other & said


@pytest.mark.parametrize(
    ("first", "planned", "late"),
    [
        (date(2026, 3, 1), True, True),
        (date(2026, 3, 1), False, False),
        (TODAY, True, False),
        (TODAY, False, False),
        (LATER, True, False),
        (LATER, False, False),
    ],
)
def test_only_a_sudden_absence_began_before_it_was_told(first: date, planned: bool, late: bool) -> None:
    assert told_too_late(first, planned, TODAY) is late
