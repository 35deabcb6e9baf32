"""Who is the contact: never empty, and silent about what an employer does not know."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.contacts import rules
from service.contacts.rules import (
    DESK_ANSWER,
    Absence,
    CaseworkerFacts,
    CaseworkerRole,
    ContactChoice,
    ContactKind,
    DisclosureReason,
    FallbackReason,
    OfficeOrganisation,
    choose_contact,
)

TODAY = date(2026, 3, 2)  # a Monday
BACK = date(2026, 3, 20)
PRESENT = CaseworkerFacts()
AWAY = CaseworkerFacts(absence=Absence(date(2026, 2, 27), BACK))
FACTS = {"none": None, "present": PRESENT, "away": AWAY}

DAYS = st.dates(date(2025, 1, 1), date(2027, 12, 31))
SPANS = st.builds(
    lambda first, length: Absence(first, None if length is None else first + timedelta(days=length)),
    DAYS,
    st.none() | st.integers(0, 60),
)
CASEWORKERS = st.none() | st.builds(CaseworkerFacts, st.frozensets(st.integers(1, 7), min_size=1), st.none() | SPANS)


@pytest.mark.parametrize(
    ("enum", "values"),
    [
        (ContactKind, ["caseworker", "backup", "team", "desk"]),
        (FallbackReason, ["absent", "desk"]),
        (
            CaseworkerRole,
            ["arbeidsdeskundige", "adviseur_intensieve_dienstverlening", "process_coordinator", "team_support"],
        ),
        (OfficeOrganisation, ["caseload", "team"]),
        (
            DisclosureReason,
            ["start_agreement", "wage_dispensation", "jobcoach_subsidy", "trial_placement", "other_with_consent"],
        ),
    ],
)
def test_published_values(enum: type[ContactKind], values: list[str]) -> None:
    assert [each.value for each in enum] == values


def test_only_disclosure_on_the_persons_word_needs_a_recorded_consent() -> None:
    assert {DisclosureReason.OTHER_WITH_CONSENT} == rules.NEEDS_RECORDED_CONSENT


# --- The choice, every combination --------------------------------------------------------------------------------

CASEWORKER_ALONE = ContactChoice(ContactKind.CASEWORKER)
CASEWORKER_AND_BACKUP = ContactChoice(ContactKind.CASEWORKER, names_backup=True)
BACKUP_FOR_ABSENT = ContactChoice(ContactKind.BACKUP, FallbackReason.ABSENT, BACK)
BACKUP_REGULAR = ContactChoice(ContactKind.BACKUP)
TEAM_FOR_ABSENT = ContactChoice(ContactKind.TEAM, FallbackReason.ABSENT, BACK)
TEAM_REGULAR = ContactChoice(ContactKind.TEAM)

DISCLOSED = {
    ("present", "none", False): CASEWORKER_ALONE,
    ("present", "none", True): CASEWORKER_ALONE,
    ("present", "present", False): CASEWORKER_AND_BACKUP,
    ("present", "present", True): CASEWORKER_AND_BACKUP,
    ("present", "away", False): CASEWORKER_AND_BACKUP,
    ("present", "away", True): CASEWORKER_AND_BACKUP,
    ("away", "none", False): DESK_ANSWER,
    ("away", "none", True): TEAM_FOR_ABSENT,
    ("away", "present", False): BACKUP_FOR_ABSENT,
    ("away", "present", True): BACKUP_FOR_ABSENT,
    ("away", "away", False): DESK_ANSWER,
    ("away", "away", True): TEAM_FOR_ABSENT,
    ("none", "none", False): DESK_ANSWER,
    ("none", "none", True): TEAM_REGULAR,
    ("none", "present", False): BACKUP_REGULAR,
    ("none", "present", True): BACKUP_REGULAR,
    ("none", "away", False): DESK_ANSWER,
    ("none", "away", True): TEAM_REGULAR,
}


def test_the_table_is_complete() -> None:
    assert set(DISCLOSED) == set(product(FACTS, FACTS, (False, True)))


@pytest.mark.parametrize(("case", "expected"), DISCLOSED.items())
def test_choice(case: tuple[str, str, bool], expected: ContactChoice) -> None:
    caseworker, backup, team = case
    chosen = choose_contact(TODAY, disclosed=True, caseworker=FACTS[caseworker], backup=FACTS[backup], team=team)
    assert chosen == expected


@pytest.mark.parametrize("case", DISCLOSED)
def test_undisclosed_is_the_same_as_not_linked(case: tuple[str, str, bool]) -> None:
    caseworker, backup, team = case
    undisclosed = choose_contact(TODAY, disclosed=False, caseworker=FACTS[caseworker], backup=FACTS[backup], team=team)
    assert undisclosed is choose_contact(TODAY, disclosed=False) is DESK_ANSWER


def test_every_desk_answer_is_the_same_value() -> None:
    assert ContactChoice(ContactKind.DESK, FallbackReason.DESK, None, False) == DESK_ANSWER


@given(DAYS, st.booleans(), CASEWORKERS, CASEWORKERS, st.booleans())
def test_never_empty_never_an_absent_one(
    day: date, disclosed: bool, caseworker: CaseworkerFacts | None, backup: CaseworkerFacts | None, team: bool
) -> None:
    chosen = choose_contact(day, disclosed=disclosed, caseworker=caseworker, backup=backup, team=team)
    there = {ContactKind.CASEWORKER: caseworker, ContactKind.BACKUP: backup}
    if chosen.kind in there:
        facts = there[chosen.kind]
        assert disclosed
        assert facts is not None
        assert not facts.absent_on(day)
    if chosen.kind is ContactKind.DESK:
        assert chosen is DESK_ANSWER
    if chosen.kind is ContactKind.TEAM:
        assert team
    if chosen.absent_until is not None:
        assert chosen.fallback_reason is FallbackReason.ABSENT
        assert chosen.absent_until >= day
    if chosen.names_backup:
        assert chosen.kind is ContactKind.CASEWORKER
        assert backup is not None


def test_a_day_off_is_no_absence() -> None:
    not_on_monday = CaseworkerFacts(frozenset({2, 3, 4}))
    assert not rules.works_on(TODAY, not_on_monday)
    chosen = choose_contact(TODAY, disclosed=True, caseworker=not_on_monday, backup=PRESENT, team=True)
    assert chosen == CASEWORKER_AND_BACKUP


def test_an_absence_without_a_last_day() -> None:
    away = CaseworkerFacts(absence=Absence(TODAY, None))
    chosen = choose_contact(TODAY, disclosed=True, caseworker=away, backup=PRESENT)
    assert chosen == ContactChoice(ContactKind.BACKUP, FallbackReason.ABSENT, None)


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (date(2026, 2, 26), ContactKind.CASEWORKER),
        (date(2026, 2, 27), ContactKind.BACKUP),
        (BACK, ContactKind.BACKUP),
        (BACK + timedelta(days=1), ContactKind.CASEWORKER),
    ],
)
def test_the_first_and_last_day_of_an_absence_count(day: date, kind: ContactKind) -> None:
    assert choose_contact(day, disclosed=True, caseworker=AWAY, backup=PRESENT).kind is kind


# --- Presence -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "valid"),
    [({1}, True), (set(range(1, 8)), True), (set(), False), ({0}, False), ({5, 8}, False), ({-1, 1}, False)],
)
def test_valid_working_days(days: set[int], valid: bool) -> None:
    assert rules.valid_working_days(days) is valid


@pytest.mark.parametrize(
    ("facts", "works"),
    [
        (CaseworkerFacts(frozenset({1})), True),
        (CaseworkerFacts(frozenset({2})), False),
        (CaseworkerFacts(frozenset({1}), Absence(TODAY, TODAY)), False),
        (CaseworkerFacts(frozenset({1}), Absence(TODAY + timedelta(days=1), None)), True),
    ],
)
def test_works_on(facts: CaseworkerFacts, works: bool) -> None:
    assert rules.works_on(TODAY, facts) is works


def away(first: str, last: str | None) -> Absence:
    return Absence(date.fromisoformat(first), None if last is None else date.fromisoformat(last))


@pytest.mark.parametrize(
    ("absences", "expected"),
    [
        ([], None),
        ([away("2026-03-03", "2026-03-09")], None),
        ([away("2026-02-02", "2026-03-01")], None),
        ([away("2026-02-27", "2026-03-06")], away("2026-02-27", "2026-03-06")),
        ([away("2026-03-07", "2026-03-20"), away("2026-02-27", "2026-03-06")], away("2026-02-27", "2026-03-20")),
        ([away("2026-02-27", "2026-03-06"), away("2026-03-05", None)], away("2026-02-27", None)),
        ([away("2026-02-27", "2026-03-06"), away("2026-03-08", "2026-03-20")], away("2026-02-27", "2026-03-06")),
        ([away("2026-02-01", "2026-03-30"), away("2026-02-05", "2026-02-07")], away("2026-02-01", "2026-03-30")),
        ([away("2026-01-01", "2026-01-05"), away("2026-03-02", "2026-03-02")], away("2026-03-02", "2026-03-02")),
        ([Absence(date(2026, 1, 1), date.max), away("2026-03-02", "2026-03-02")], Absence(date(2026, 1, 1), date.max)),
    ],
)
def test_absence_on(absences: list[Absence], expected: Absence | None) -> None:
    assert rules.absence_on(TODAY, absences) == expected


@given(DAYS, st.lists(SPANS, max_size=6))
def test_absence_on_covers_what_its_parts_cover_and_ends_where_nobody_is_away(day: date, spans: list[Absence]) -> None:
    whole = rules.absence_on(day, spans)
    assert (whole is not None) == any(span.covers(day) for span in spans)
    if whole is not None:
        assert whole.covers(day)
        assert not any(span.covers(whole.first - timedelta(days=1)) for span in spans)
        if whole.last is not None:
            assert not any(span.covers(whole.last + timedelta(days=1)) for span in spans)


@pytest.mark.parametrize(
    ("today", "due"),
    [(date(2026, 3, 2), False), (date(2026, 3, 29), False), (date(2026, 3, 30), True), (date(2027, 1, 1), True)],
)
def test_handover_due_counts_calendar_days(today: date, due: bool) -> None:
    assert rules.handover_due(date(2026, 3, 2), today, 28) is due


@given(DAYS, DAYS, st.integers(1, 100))
def test_once_due_a_handover_stays_due(first: date, today: date, after: int) -> None:
    if rules.handover_due(first, today, after):
        assert rules.handover_due(first, today + timedelta(days=1), after)
        assert today > first
