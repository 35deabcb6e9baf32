"""Many contacts at once: the same answers as one by one, in the order asked, for whom they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select

from service.access.actor import Actor
from service.access.models import AccessEntry
from service.access.rules import PartyKind
from service.contacts.lists import operations, reading
from service.contacts.lists.rules import Term, meant_by_number
from service.contacts.lists.schemas import ContactSearchView
from service.contacts.lists.sheet import COLUMNS
from service.contacts.rules import ContactKind
from service.contacts.schemas import ContactAnswerView
from service.employers import operations as employers
from service.employers.models import Employment
from service.employers.rules import PsoLevel
from service.kernel.ids import new_id
from service.kernel.problems import Problem
from service.kernel.requests import Expected
from tests.contacts.contacts_world import BSNS, World

TODAY = date(2026, 3, 2)


def search(world: World, actor: Actor | None = None, **asked: Any) -> list[dict[str, Any]]:
    found = world.do(operations.search_contacts, actor or world.bakery, asked)
    items: list[dict[str, Any]] = ContactSearchView().dump(found)["items"]
    return items


def single(world: World, employment_id: str, actor: Actor | None = None) -> Any:
    return ContactAnswerView().dump(world.ask(employment_id, actor))


def certify(world: World, last: date, first: date = date(2025, 1, 1)) -> None:
    data = {"level": PsoLevel.BASIS, "thirty_plus": False, "valid_from": first, "valid_until": last}
    world.do(employers.record_certificate, world.desk, world.bakery.party.id, data, Expected(None))


def everything(world: World) -> dict[str, str]:
    """An employment of each kind there is."""
    jansen, bakker = world.caseworker("M. Jansen", team_id=world.team_id), world.caseworker("P. Bakker")
    visser = world.caseworker("K. Visser")
    made = {
        "disclosed": world.employment(BSNS[0], employee_number="1"),
        "later": world.employment(BSNS[1], employee_number="2"),
        "undisclosed": world.employment(BSNS[2], employee_number="3"),
        "away": world.employment(BSNS[3], employee_number="4", jobcoach=True),
        "team": world.employment(BSNS[4], employee_number="5"),
        "unlinked": world.employment(None, employee_number="6"),
        "unnumbered": world.employment(None, employee_number=None),
    }
    world.assign(BSNS[0], jansen, backup_id=bakker, valid_from=date(2026, 2, 1))
    world.assign(BSNS[1], jansen, backup_id=bakker, valid_from=date(2026, 2, 9))
    world.assign(BSNS[1], visser, valid_from=date(2026, 5, 1))
    world.assign(BSNS[2], jansen, backup_id=bakker, valid_from=date(2026, 2, 1))
    world.assign(BSNS[3], visser, backup_id=bakker, valid_from=date(2026, 1, 1))
    world.assign(BSNS[4], team_id=world.team_id)
    world.absent(visser, date(2026, 3, 1), date(2026, 3, 10))
    for name in ("disclosed", "later", "away", "team"):
        world.disclose(made[name])
    world.confirm_jobcoaches(made["away"])
    return made


# --- As asked -----------------------------------------------------------------------------------------------------


def test_the_same_answers_as_one_by_one(world: World) -> None:
    made = everything(world)
    for actor in (world.bakery, world.desk, world.jobcoaches, world.uwv):
        for item, employment_id in zip(
            search(world, actor, employment_ids=list(made.values())), made.values(), strict=True
        ):
            if actor is world.jobcoaches and employment_id != made["away"]:
                with pytest.raises(Problem, match="not-found"):
                    single(world, employment_id, actor)
                assert (item["employmentId"], item["error"]["code"]) == (employment_id, "not-found")
            elif actor is world.uwv and employment_id in (made["unlinked"], made["unnumbered"]):
                assert item["error"]["code"] == "not-found"
            else:
                assert item == single(world, employment_id, actor)
    assert search(world, world.jobcoaches, employment_ids=[made["away"]])[0]["contact"]["name"] == "P. Bakker"
    kinds = [item["contact"]["kind"] for item in search(world, employment_ids=list(made.values()))]
    assert kinds == ["caseworker", "caseworker", "desk", "backup", "team", "desk", "desk"]


def test_in_the_order_asked_with_an_error_for_each_that_is_not_ours(world: World) -> None:
    made = list(everything(world).values())
    foreign = world.employment(None, actor=world.garage)
    erased = world.employment(None)
    world.do(lambda uow: uow.session.delete(uow.session.get(Employment, erased)))
    strangers = [new_id(), foreign, erased]

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.sampled_from(made + strangers), min_size=1, max_size=30))
    def asked_and_answered(asked: list[str]) -> None:
        items = search(world, employment_ids=asked)
        assert [item["employmentId"] for item in items] == asked
        errors = [item["error"] for item in items if "error" in item]
        assert len(errors) == sum(each in strangers for each in asked)
        assert all(error == errors[0] for error in errors)
        assert all(item.keys() == {"employmentId", "error"} for item in items if "error" in item)

    asked_and_answered()


def test_by_employee_number(world: World) -> None:
    made = everything(world)
    again = world.employment(None, employee_number="1", start_date=date(2024, 1, 1), end_date=date(2025, 12, 31))
    items = search(world, employee_numbers=["4", "nobody", "1", "4"])
    assert [item.get("employmentId") for item in items] == [made["away"], None, made["disclosed"], made["away"]]
    assert items[1] == {"employeeNumber": "nobody", "error": items[1]["error"]}
    world.clock.day = date(2027, 1, 5)
    assert search(world, employee_numbers=["1"])[0]["employmentId"] == made["disclosed"] != again


def test_an_employee_number_belongs_to_an_employer(world: World) -> None:
    made = everything(world)
    world.employment(BSNS[1], actor=world.garage, employee_number="4")
    both = replace(world.bakery, parties=(*world.garage.parties, *world.bakery.parties))
    for actor in (both, world.desk, world.jobcoaches):
        with pytest.raises(Problem) as refused:
            search(world, actor, employee_numbers=["4"])
        assert refused.value.errors[0].pointer == "/employerId"
        items = search(world, actor, employee_numbers=["4"], employer_id=world.bakery.party.id)
        assert items[0]["employmentId"] == made["away"]
    with pytest.raises(Problem) as refused:
        search(world, world.garage, employee_numbers=["4"], employer_id=world.bakery.party.id)
    assert refused.value.errors[0].code == "unknown-reference"
    items = search(world, world.jobcoaches, employee_numbers=["1"], employer_id=world.bakery.party.id)
    assert "error" in items[0]


days = st.dates(date(2024, 1, 1), date(2028, 12, 31))
terms = st.lists(st.builds(lambda a, b: (min(a, b), max(a, b)), days, days), max_size=5)


@given(terms, days)
def test_the_running_employment_is_meant_else_the_latest(spans: list[tuple[date, date]], today: date) -> None:
    found = meant_by_number([Term(str(at), *span) for at, span in enumerate(spans)], today)
    if found is None:
        assert not spans
        return
    running = [start for start, end in spans if start <= today <= end]
    assert found.start == max(running or [start for start, _ in spans])
    assert found.runs_on(today) == bool(running)


def test_as_many_statements_for_many_as_for_one(world: World) -> None:
    made = list(everything(world).values())
    seen: list[str] = []
    event.listen(world.database.engine, "before_cursor_execute", lambda *arguments: seen.append(arguments[2]))
    courses = []
    for asked in (made[:1], made, made * 100):
        search(world, employment_ids=asked)
        courses.append([text.split()[0] for text in seen if not text.startswith("BEGIN")])
        seen.clear()
    assert courses[0] == courses[1] == courses[2]
    assert courses[0] == ["SELECT", "SELECT", "SELECT", "INSERT", "INSERT"]


def test_undisclosed_and_unlinked_are_alike_in_a_search(world: World) -> None:
    made = everything(world)
    forgotten = world.employment(BSNS[1])
    world.do(lambda uow: setattr(uow.session.get(Employment, forgotten), "person_id", None))
    seen: list[str] = []
    event.listen(world.database.engine, "before_cursor_execute", lambda *arguments: seen.append(arguments[2]))
    found = []
    for employment_id in (made["undisclosed"], made["unlinked"], forgotten):
        (item,) = search(world, employment_ids=[employment_id])
        found.append((item | {"employmentId": "", "employeeNumber": ""}, tuple(seen)))
        seen.clear()
    assert found[0] == found[1] == found[2]


def test_a_line_in_the_access_log_for_each_entry(world: World) -> None:
    made = everything(world)
    people = dict(world.rows(select(Employment.id, Employment.person_id)))
    asked = [made["away"], made["undisclosed"], new_id(), made["away"]]
    search(world, employment_ids=asked)
    line = (AccessEntry.person_id, AccessEntry.resource, AccessEntry.client_id, AccessEntry.action)
    found = world.rows(select(*line).where(AccessEntry.action == "contact.read"))
    assert sorted(found) == sorted(
        (people[each], f"employments/{each}", "client-of-Bakkerij De Korenaar", "contact.read")
        for each in asked
        if each in people
    )


def test_who_is_assigned_anew_meanwhile_answers_for_nobody_else(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the two statements the one who stood for a group goes to somebody else."""
    first, second = world.employment(BSNS[0]), world.employment(BSNS[1])
    jansen, visser = world.caseworker("M. Jansen"), world.caseworker("K. Visser")
    for bsn, employment_id in ((BSNS[0], first), (BSNS[1], second)):
        world.assign(bsn, jansen, valid_from=date(2026, 2, 1))
        world.disclose(employment_id)
    stale = world.do(lambda uow: reading.by_id(uow, world.bakery, [first, second]))
    world.assign(BSNS[0], visser)
    monkeypatch.setattr(reading, "by_id", lambda *_: stale)
    found = search(world, employment_ids=[first, second])
    assert [item["contact"]["name"] for item in found] == ["K. Visser", "M. Jansen"]


# --- All of them --------------------------------------------------------------------------------------------------


def pages(world: World, actor: Actor | None = None, limit: int = 3, **query: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        asked = {"limit": limit, **cursor, **query}
        page = world.do(operations.list_contacts, actor or world.bakery, asked)
        items += page["items"]
        if page["next"] is None:
            return items
        assert len(page["items"]) == limit
        cursor = {"cursor": page["next"]}


def sheet_of(world: World, actor: Actor | None = None, **query: Any) -> list[list[str]]:
    text, after = "", None
    while True:
        piece, after = world.do(operations.piece_of_sheet, actor or world.bakery, query, after)
        text += piece.decode()
        if after is None:
            return [line.split(";") for line in text.split("\r\n")[:-1]]


def test_the_whole_list_has_each_that_has_not_ended_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made = everything(world)
    certify(world, date(2026, 12, 31))
    ended = world.employment(None, start_date=date(2025, 1, 1), end_date=TODAY - timedelta(days=1))
    last_day = world.employment(None, start_date=date(2025, 1, 1), end_date=TODAY)
    to_come = world.employment(None, start_date=date(2026, 9, 1), end_date=None)
    world.employment(None, actor=world.garage)
    wanted = sorted([*made.values(), last_day, to_come])
    assert ended not in wanted
    for limit in (1, 3, 9, 200):
        assert [item["employment_id"] for item in pages(world, limit=limit)] == wanted
    assert [ContactAnswerView().dump(item) for item in pages(world)] == [single(world, each) for each in wanted]
    for size in (2, 9, 1000):
        monkeypatch.setattr(operations, "PIECE", size)
        head, *rows = sheet_of(world)
        assert head == list(COLUMNS)
        assert [row[0] for row in rows] == wanted
        assert {len(row) for row in rows} == {len(COLUMNS)}


def test_the_sheet_says_what_the_answers_say(world: World) -> None:
    made = everything(world)
    certify(world, date(2026, 12, 31))
    head, *lines = sheet_of(world)
    rows = {line[0]: dict(zip(head, line, strict=True)) for line in lines}
    for employment_id in made.values():
        answer, row = single(world, employment_id), rows[employment_id]
        contact = answer["contact"]
        assert row["employeeNumber"] == (answer["employeeNumber"] or "")
        assert row["contactKind"] == contact["kind"]
        assert row["contactName"] == contact["name"]
        assert row["contactPhone"] == "'" + contact["phone"]
        assert row["contactReachableOn"] == contact["reachableOn"]
        assert row["contactWorkingDays"] == " ".join(map(str, contact["workingDays"]))
        assert row["since"] == (answer["since"] or "")
        assert row["backupName"] == ((answer["backup"] or {}).get("name") or "")
        assert row["fallbackReason"] == (answer["fallbackReason"] or "")
        assert row["upcomingFrom"] == ((answer["upcoming"] or {}).get("from") or "")


def test_each_look_at_the_list_is_logged(world: World) -> None:
    made = everything(world)
    certify(world, date(2026, 12, 31))
    pages(world)
    sheet_of(world)
    found = world.rows(select(AccessEntry.resource).where(AccessEntry.action == "contact.read"))
    assert sorted(row[0] for row in found) == sorted(f"employments/{each}" for each in made.values() for _ in range(2))


def test_a_jobcoach_organisation_lists_its_own_people_without_certificate(world: World) -> None:
    made = everything(world)
    assert [item["employment_id"] for item in pages(world, world.jobcoaches)] == [made["away"]]
    assert [row[0] for row in sheet_of(world, world.jobcoaches)[1:]] == [made["away"]]
    assert pages(world, world.jobcoaches, employer_id=world.garage.party.id) == []


def test_uwv_and_the_desk_list_one_employer(world: World) -> None:
    made = everything(world)
    for actor in (world.uwv, world.desk):
        with pytest.raises(Problem) as refused:
            pages(world, actor)
        assert refused.value.errors[0].parameter == "employerId"
    assert len(pages(world, world.desk, employer_id=world.bakery.party.id)) == len(made)
    seen = [item["employment_id"] for item in pages(world, world.uwv, employer_id=world.bakery.party.id)]
    assert seen == sorted(made[name] for name in ("disclosed", "later", "undisclosed", "away", "team"))


# --- The certificate ----------------------------------------------------------------------------------------------


def refusal(world: World, ask: Callable[..., Any] = pages, **query: Any) -> Problem:
    with pytest.raises(Problem) as refused:
        ask(world, **query)
    assert refused.value.status == 403
    return refused.value


def test_a_certificate_that_ended_yesterday_closes_the_list_today(world: World) -> None:
    employment_id = world.employment(None)
    certify(world, last=TODAY)
    for ask in (pages, sheet_of):
        world.clock.day = TODAY
        assert ask(world)
        world.clock.day = TODAY + timedelta(days=1)
        problem = refusal(world, ask)
        assert problem.code == "certificate-expired"
        assert (problem.extra["validUntil"], problem.extra["renewAt"]) == (
            "2026-03-02",
            "https://www.pso-nederland.nl",
        )
        assert "2 maart 2026" in problem.detail.nl
        assert "2026-03-02" in problem.detail.en
    assert world.ask(employment_id)["contact"]["kind"] is ContactKind.DESK
    assert search(world, employment_ids=[employment_id])[0]["contact"]["kind"] == "desk"


def test_a_certificate_counts_from_its_first_day_for_two_years_at_most(world: World) -> None:
    certify(world, first=date(2026, 3, 10), last=date(2030, 1, 1))
    for day, code in (
        (date(2026, 3, 9), "certificate-required"),
        (date(2026, 3, 10), None),
        (date(2028, 3, 10), None),
        (date(2028, 3, 11), "certificate-expired"),
    ):
        world.clock.day = day
        if code is None:
            assert pages(world) == []
        else:
            assert refusal(world).code == code
    assert refusal(world).extra["validUntil"] == "2028-03-10"


def test_without_certificate_the_list_is_closed_unless_it_is_open_to_all(world: World) -> None:
    employment_id = world.employment(None)
    assert refusal(world).code == "certificate-required"
    world.database.settings = replace(world.database.settings, contact_list_open=True)
    assert [item["employment_id"] for item in pages(world)] == [employment_id]


def test_who_acts_for_several_employers_says_for_which(world: World) -> None:
    certify(world, last=date(2026, 12, 31))
    employment_id = world.employment(None)
    world.employment(None, actor=world.garage)
    both = replace(world.bakery, parties=(*world.garage.parties, *world.bakery.parties))
    with pytest.raises(Problem) as refused:
        pages(world, both)
    assert refused.value.errors[0].parameter == "employerId"
    assert [item["employment_id"] for item in pages(world, both, employer_id=world.bakery.party.id)] == [employment_id]
    assert refusal(world, actor=both, employer_id=world.garage.party.id).code == "certificate-required"
    with pytest.raises(Problem) as refused:
        pages(world, world.bakery, employer_id=world.garage.party.id)
    assert refused.value.errors[0].code == "unknown-reference"


@pytest.mark.parametrize("kind", [PartyKind.WSP, PartyKind.MOBILITY_POOL, PartyKind.OPERATOR])
def test_nobody_else_may(world: World, kind: PartyKind) -> None:
    actor = world.party(kind, "iemand")
    for operation, query in (
        (operations.search_contacts, {"employment_ids": [new_id()]}),
        (operations.list_contacts, {"limit": 5}),
    ):
        with pytest.raises(Problem) as refused:
            world.do(operation, actor, query)
        assert refused.value.status == 403
