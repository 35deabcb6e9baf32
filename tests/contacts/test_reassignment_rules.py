"""Who goes to whom, how often somebody changed contact, and until when a former contact may read."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.contacts.clients.rules import Reader, ReaderRole, may_read
from service.contacts.reassignments.rules import (
    CLOCK,
    REASSIGNMENT,
    WHOEVER,
    Client,
    ReassignmentStatus,
    Target,
    candidates_for,
    changed_recently,
    divide,
    quotas,
    status_on,
)
from service.contacts.rules import Staff, changes_in_year, days_of_change

AREAS = [None, "9711", "9712", "9713"]
STAFF = ["a", "b", "c", "d", "e"]
TARGETS = st.lists(
    st.builds(
        Target,
        st.sampled_from(STAFF),
        st.integers(1, 5),
        st.frozensets(st.sampled_from(["9711", "9712"]), max_size=2),
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda target: target.id,
)
CLIENTS = st.lists(
    st.builds(
        Client,
        st.integers(1, 10_000).map(str),
        st.sampled_from(AREAS),
        st.sampled_from([None, *STAFF]),
        st.sampled_from([None, *STAFF]),
    ),
    max_size=60,
    unique_by=lambda client: client.id,
)
BEGIN = date(2026, 1, 1)
DAYS = st.integers(0, 120).map(lambda days: BEGIN + timedelta(days=days))
ANYBODY = st.builds(
    Staff, st.sampled_from([None, "a", "b"]), st.sampled_from([None, "t"]), st.sampled_from([None, "a", "c"])
)
HISTORY = st.dictionaries(DAYS, ANYBODY, max_size=6).map(lambda found: list(found.items()))


# --- The division -----------------------------------------------------------------------------------------------


@given(number=st.integers(0, 10_000), shares=st.lists(st.integers(1, 1000), min_size=1, max_size=20))
def test_parts_add_up_and_are_less_than_one_off(number: int, shares: list[int]) -> None:
    found = quotas(number, shares)
    assert sum(found) == number
    assert all(abs(part - number * share / sum(shares)) < 1 for part, share in zip(found, shares, strict=True))


@given(clients=CLIENTS, targets=TARGETS)
def test_nobody_is_lost_and_each_part_is_fair(clients: list[Client], targets: list[Target]) -> None:
    divided = divide(clients, targets)
    assert divided.keys() == {client.id for client in clients}
    groups: dict[Any, list[Client]] = {}
    for client in clients:
        groups.setdefault(candidates_for(client.postcode4, targets), []).append(client)
    for possible, group in groups.items():
        counts = Counter(divided[client.id] for client in group)
        assert [counts[at] for at in possible] == quotas(len(group), [targets[at].share for at in possible])
        assert set(counts) <= set(possible)


@given(clients=CLIENTS, targets=TARGETS)
def test_an_area_goes_to_whoever_takes_it(clients: list[Client], targets: list[Target]) -> None:
    taken = {area for target in targets for area in target.postcodes4}
    for client in clients:
        target = targets[divide(clients, targets)[client.id]]
        if client.postcode4 in taken:
            assert client.postcode4 in target.postcodes4
        elif any(not each.postcodes4 for each in targets):
            assert not target.postcodes4


@given(clients=CLIENTS, targets=TARGETS, seed=st.integers())
def test_the_order_of_the_people_does_not_matter(clients: list[Client], targets: list[Target], seed: int) -> None:
    other = list(clients)
    random.Random(seed).shuffle(other)
    assert divide(other, targets) == divide(clients, targets)


@given(clients=CLIENTS, targets=TARGETS)
def test_dividing_again_changes_nobody(clients: list[Client], targets: list[Target]) -> None:
    divided = divide(clients, targets)
    after = [client._replace(regular_id=targets[divided[client.id]].id) for client in clients]
    assert divide(after, targets) == divided


@given(clients=CLIENTS, targets=TARGETS)
def test_who_leaves_a_target_makes_room_for_those_who_stay(clients: list[Client], targets: list[Target]) -> None:
    """Somebody is not with the present contact, or else the backup, only where others like it fill that part."""
    divided = divide(clients, targets)
    for client in clients:
        possible = candidates_for(client.postcode4, targets)
        with_same = [each for each in clients if candidates_for(each.postcode4, targets) == possible]
        for at in possible:
            if client.regular_id == targets[at].id and divided[client.id] != at:
                there = [each for each in with_same if divided[each.id] == at]
                assert all(each.regular_id == targets[at].id for each in there)
            known = {client.regular_id, client.backup_id}
            if targets[at].id in known and targets[divided[client.id]].id not in known:
                there = [each for each in with_same if divided[each.id] == at]
                assert all(targets[at].id in (each.regular_id, each.backup_id) for each in there)


def test_neighbours_stay_together() -> None:
    clients = [Client(f"{at:02}", ("9712", "9711")[at % 2]) for at in range(8)]
    divided = divide(clients, [Target("a"), Target("b")])
    assert {client.postcode4 for client in clients if divided[client.id] == 0} == {"9711"}


# --- Counting changes -------------------------------------------------------------------------------------------

A, B, NOBODY = Staff("a", None, "c"), Staff("b", None, None), Staff(None, None, None)
FIRST, SECOND, THIRD = date(2025, 3, 1), date(2026, 3, 1), date(2026, 5, 1)
HISTORIES: list[tuple[str, list[tuple[date, Staff]], list[date]]] = [
    ("the first", [(FIRST, A)], []),
    ("another", [(FIRST, A), (SECOND, B)], [SECOND]),
    ("another backup", [(FIRST, A), (SECOND, A._replace(backup_id="d"))], []),
    ("an end", [(FIRST, A), (SECOND, NOBODY)], []),
    ("the same after an end", [(FIRST, A), (SECOND, NOBODY), (THIRD, A)], []),
    ("a team after an end", [(FIRST, A), (SECOND, NOBODY), (THIRD, Staff(None, "t", None))], [THIRD]),
]


@pytest.mark.parametrize(("history", "days"), [row[1:] for row in HISTORIES], ids=[row[0] for row in HISTORIES])
def test_what_counts_as_a_change(history: list[tuple[date, Staff]], days: list[date]) -> None:
    assert days_of_change(reversed(history)) == days


@given(history=HISTORY, day=DAYS)
def test_changes_are_counted_per_year(history: list[tuple[date, Staff]], day: date) -> None:
    days = days_of_change(history)
    assert set(days) <= {start for start, staff in history if staff.regular_id is not None}
    assert len(days) <= max(0, len(history) - 1)
    assert changes_in_year(history, day) == sum(each <= day for each in days)  # all days lie in one year
    assert changes_in_year(history, day.replace(year=2027)) == 0
    # More of the same changes nothing.
    if history:
        last = max(history, key=lambda each: each[0])
        again = [*history, (last[0] + timedelta(days=1), last[1]._replace(backup_id="z"))]
        assert days_of_change(again) == days


def test_recently_ends_after_the_days() -> None:
    history = [(date(2025, 1, 1), Staff("a", None, None)), (date(2025, 4, 1), Staff("b", None, None))]
    assert changed_recently(history, date(2026, 3, 31), 365)
    assert not changed_recently(history, date(2026, 4, 1), 365)
    assert not changed_recently(history[:1], date(2025, 1, 2), 365)


# --- The course -------------------------------------------------------------------------------------------------


def test_the_course_of_a_reassignment() -> None:
    planned, done = ReassignmentStatus.PLANNED, ReassignmentStatus.DONE
    assert REASSIGNMENT.allowed(planned, WHOEVER) == (ReassignmentStatus.CANCELLED,)
    assert REASSIGNMENT.allowed(planned, CLOCK) == (done,)
    assert REASSIGNMENT.is_final(done)
    assert REASSIGNMENT.is_final(ReassignmentStatus.CANCELLED)
    assert status_on(planned, date(2026, 4, 1), date(2026, 3, 31)) is planned
    assert status_on(planned, date(2026, 4, 1), date(2026, 4, 1)) is done
    assert status_on(ReassignmentStatus.CANCELLED, date(2026, 4, 1), date(2026, 5, 1)) is ReassignmentStatus.CANCELLED


# --- Who may read -----------------------------------------------------------------------------------------------

READERS = [Reader("a"), Reader("b", "t"), Reader("c"), Reader("d", "t"), Reader("e", None, True, {"a": BEGIN})]


@given(history=HISTORY, day=DAYS, reader=st.sampled_from(READERS), former_days=st.integers(0, 30))
def test_who_may_read_is_present_or_was_a_little_before(
    history: list[tuple[date, Staff]], day: date, reader: Reader, former_days: int
) -> None:
    begun = sorted(each for each in history if each[0] <= day)

    def in_force(when: date) -> Staff:
        starts = [staff for start, staff in begun if start <= when]
        return starts[-1] if starts else Staff(None, None, None)

    now = in_force(day)
    behind = reader.id == now.backup_id or now.caseworker_id in reader.stands_in
    of_team = reader.team_id is not None and reader.team_id == now.team_id
    mine = {reader.id, reader.team_id} - {None}
    was = any(in_force(day - timedelta(days=back)).regular_id in mine for back in range(1, former_days + 2))
    found = may_read(day, reader, history, former_days)
    if now.caseworker_id == reader.id:
        expected: ReaderRole | None = ReaderRole.RESPONSIBLE
    elif behind or of_team:
        expected = ReaderRole.BACKUP if behind else ReaderRole.TEAM
    else:
        expected = ReaderRole.FORMER if was else None
    assert (found and found.role) == expected
    if found is not None:
        assert found.since <= day
        assert (found.role is ReaderRole.FORMER) == (found.read_until is not None) == (found.until is not None)
        if found.until is not None and found.read_until is not None:
            assert day <= found.read_until == found.until + timedelta(days=former_days + 1)
            assert in_force(found.until).regular_id in mine


@given(history=HISTORY, reader=st.sampled_from(READERS))
def test_a_former_contact_reads_until_a_day_and_never_after(history: list[tuple[date, Staff]], reader: Reader) -> None:
    """From the day after the last start only time passes: what is closed once stays closed."""
    last = max((start for start, _ in history), default=BEGIN)
    found = [may_read(last + timedelta(days=after), reader, history, 14) for after in range(40)]
    if found[0] is not None and found[0].role is not ReaderRole.FORMER:
        assert {each and each.role for each in found} == {found[0].role}
    else:
        open_days = [after for after, each in enumerate(found) if each is not None]
        assert open_days == list(range(len(open_days)))
        assert len(open_days) <= 15


def test_the_last_day_of_reading() -> None:
    history = [(date(2026, 1, 1), Staff("a", None, None)), (date(2026, 3, 1), Staff("b", None, None))]
    found = may_read(date(2026, 3, 15), Reader("a"), history, 14)
    assert found is not None
    assert (found.until, found.read_until) == (date(2026, 2, 28), date(2026, 3, 15))
    assert may_read(date(2026, 3, 16), Reader("a"), history, 14) is None


@given(history=HISTORY, day=DAYS, reader=st.sampled_from(READERS))
def test_who_has_left_reads_nobody(history: list[tuple[date, Staff]], day: date, reader: Reader) -> None:
    assert may_read(day, reader._replace(active=False), history, 14) is None
