"""Parties, clients, grants, who am I, and the access log."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from service.access import operations
from service.access.actor import log_access, system
from service.access.models import Client
from service.access.room import ROOM
from service.access.rules import PartyKind, Purpose
from service.kernel.ids import new_id
from service.kernel.problems import Problem
from tests.access.access_helpers import CLIENT_KEY, PERMISSIONS, SECRET, House, build_house

TODAY = date(2026, 3, 2)
DAY = timedelta(days=1)
PEOPLE = [new_id() for _ in range(3)]


def me(house: House, client: str = "bureau", *scopes: str) -> Any:
    answer = house.app.test_client().get("/v1/me", headers=house.bearer(client, *scopes))
    assert answer.status_code == 200, answer.data
    return answer.json


def test_me(house: House) -> None:
    with house.database.transaction() as uow:
        operations.grant(uow, "bureau", house.parties["employer"])
    party = {"id": house.parties["bureau"], "kind": "employer", "name": "Bureau", "regionCode": None}
    granted = {"id": house.parties["employer"], "kind": "employer", "name": "Employer", "regionCode": None}
    assert me(house, "bureau", "signals:report") == {
        "client": {"id": "bureau", "name": "HR of bureau"},
        "party": party,
        "grants": [{"party": granted, "validFrom": "2026-03-02", "validUntil": None}],
        "scopes": ["me:read", "signals:report"],
    }
    assert me(house, "wsp")["party"]["regionCode"] == "AM01"


@pytest.mark.parametrize(
    ("start", "end", "acts"),
    [
        (TODAY, None, True),
        (TODAY - DAY, None, True),
        (TODAY + DAY, None, False),
        (TODAY, TODAY, True),
        (TODAY - DAY, TODAY + DAY, True),
        (TODAY - 2 * DAY, TODAY - DAY, False),
        (TODAY + DAY, TODAY + 2 * DAY, False),
    ],
)
def test_a_grant_counts_from_its_first_day_through_its_last(
    house: House, start: date, end: date | None, acts: bool
) -> None:
    with house.database.transaction() as uow:
        operations.grant(uow, "bureau", house.parties["employer"], valid_from=start, valid_until=end)
    actor = house.authenticate(house.database, house.bearer("bureau")["Authorization"])
    assert actor.acts_for(house.parties["employer"]) is acts
    assert actor.party.id == house.parties["bureau"]
    assert [grant["party"]["name"] for grant in me(house)["grants"]] == ["Employer"] * acts


def test_a_grant_ends_with_its_day_in_amsterdam(house: House) -> None:
    with house.database.transaction() as uow:
        operations.grant(uow, "bureau", house.parties["employer"], valid_until=TODAY)
    house.clock.now = house.clock.now.replace(hour=22, minute=59, second=59)
    header = house.bearer("bureau")["Authorization"]
    assert house.authenticate(house.database, header).acts_for(house.parties["employer"])
    house.clock.forward(seconds=house.settings.token_cache_seconds)
    assert not house.authenticate(house.database, header).acts_for(house.parties["employer"])


def test_a_second_grant_takes_the_place_of_the_first(house: House) -> None:
    with house.database.transaction() as uow:
        operations.grant(uow, "bureau", house.parties["employer"])
        operations.grant(uow, "bureau", house.parties["employer"], valid_until=TODAY + DAY)
        operations.grant(uow, "bureau", house.parties["bureau"])
        operations.grant(uow, "bureau", house.parties["other employer"])
    grants = me(house)["grants"]
    assert [(grant["party"]["name"], grant["validUntil"]) for grant in grants] == [
        ("Employer", "2026-03-03"),
        ("Other Employer", None),
    ]
    actor = house.authenticate(house.database, house.bearer("bureau")["Authorization"])
    assert actor.party_ids(PartyKind.EMPLOYER) == [house.parties[n] for n in ("bureau", "employer", "other employer")]


def test_grants_that_are_refused(one_house: House) -> None:
    cases: list[tuple[str, str, dict[str, Any], int]] = [
        ("nobody", one_house.parties["employer"], {}, 404),
        ("bureau", new_id(), {}, 400),
        ("bureau", one_house.parties["uwv"], {}, 400),
        ("bureau", one_house.parties["employer"], {"valid_until": TODAY - DAY}, 400),
    ]
    for client, party, days, status in cases:
        with pytest.raises(Problem) as caught, one_house.database.transaction() as uow:
            operations.grant(uow, client, party, **days)
        assert caught.value.status == status


def test_scopes_are_all_permissions_of_the_kind() -> None:
    assert operations.scopes_of(PartyKind.EMPLOYER, PERMISSIONS) == {"me:read", "contacts:read", "signals:report"}
    assert operations.scopes_of(PartyKind.OPERATOR, PERMISSIONS) == {"me:read", "access-log:read"}
    assert operations.scopes_of(PartyKind.SYSTEM, PERMISSIONS) == frozenset()


JWKS = {"keys": [CLIENT_KEY.as_dict(private=False)]}


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"jwks": JWKS, "secret": SECRET},
        {"jwks": {"keys": []}},
        {"jwks": {"keys": [CLIENT_KEY.as_dict(private=True)]}},
        {"secret": ""},
        {"secret": "x" * 201},
        {"jwks": JWKS, "client_id": "a b"},
        {"jwks": JWKS, "client_id": "x" * 101},
        {"jwks": JWKS, "party_id": new_id()},
    ],
)
def test_clients_that_are_refused(one_house: House, arguments: dict[str, Any]) -> None:
    arguments = {"party_id": one_house.parties["employer"], "name": "N"} | arguments
    with pytest.raises(Problem) as caught, one_house.database.transaction() as uow:
        operations.create_client(uow, **arguments)
    assert caught.value.status == 400
    assert str(CLIENT_KEY.as_dict(private=True)["d"]) not in str(caught.value.errors)


def test_no_new_secret_where_the_setting_forbids_it(tmp_path: Path, database_url: str) -> None:
    house = build_house(tmp_path, database_url, client_secrets=False)
    with pytest.raises(Problem), house.database.transaction() as uow:
        operations.create_client(uow, house.parties["employer"], "N", secret=operations.new_secret())
    house.database.close()


def test_demo_clients_are_known_as_such(house: House) -> None:
    with house.database.transaction() as uow:
        assert not operations.has_demo_clients(uow)
        demo = operations.create_client(uow, house.parties["employer"], "D", jwks=JWKS, is_demo=True)
        assert operations.has_demo_clients(uow)
        operations.revoke_client(uow, demo)
        assert not operations.has_demo_clients(uow)


def test_revoking_twice_keeps_the_first_moment_and_a_stranger_is_unknown(house: House) -> None:
    first = house.clock()
    with house.database.transaction() as uow:
        operations.revoke_client(uow, "bureau")
    house.clock.forward(hours=1)
    with house.database.transaction() as uow:
        operations.revoke_client(uow, "bureau")
        row = uow.session.get(Client, "bureau")
        assert row is not None
        assert row.revoked_at == first
        with pytest.raises(Problem):
            operations.revoke_client(uow, "nobody")


@pytest.mark.parametrize(("kind", "region"), [(PartyKind.WSP, None), (PartyKind.WSP, "XX"), (PartyKind.UWV, "AM01")])
def test_only_a_wsp_has_a_region_and_one_that_exists(one_house: House, kind: PartyKind, region: str | None) -> None:
    with pytest.raises(Problem), one_house.database.transaction() as uow:
        operations.create_party(uow, kind, "N", region_code=region)


def look(house: House, person_ids: list[str], action: str = "contact.read") -> None:
    with house.database.transaction() as uow:
        log_access(uow, system("test"), Purpose.CONTACT, action, person_ids, "employments/x")


def read_log(house: House, **query: Any) -> Any:
    return house.app.test_client().get("/v1/access-log", query_string=query, headers=house.bearer("operator"))


def test_the_log_newest_first_over_all_pages(house: House) -> None:
    for _ in range(5):
        look(house, PEOPLE)
        house.clock.forward(seconds=1)
    seen: list[tuple[str, str]] = []
    cursor: dict[str, str] = {}
    for _ in range(20):
        page = read_log(house, limit=4, **cursor)
        assert page.status_code == 200, page.data
        seen += [(item["at"], item["id"]) for item in page.json["items"]]
        if page.json["next"] is None:
            break
        cursor = {"cursor": page.json["next"]}
        house.clock.forward(seconds=1)
    assert len(seen) == len(set(seen)) == 15
    assert seen == sorted(seen, reverse=True)


def test_the_log_goes_by_the_moment_even_where_a_clock_was_set_back(house: House) -> None:
    for hour in (11, 9, 10):
        house.clock.now = house.clock.now.replace(hour=hour)
        look(house, PEOPLE[:1], f"at {hour}")
    house.clock.now = house.clock.now.replace(hour=12)
    first = read_log(house, limit=2, personId=PEOPLE[0]).json
    second = read_log(house, limit=2, personId=PEOPLE[0], cursor=first["next"]).json
    assert [item["action"] for item in first["items"] + second["items"]] == ["at 11", "at 10", "at 9"]


def test_reading_the_log_is_logged_once_for_each_person_on_the_page(house: House) -> None:
    look(house, PEOPLE[:2])
    look(house, PEOPLE[:1])
    house.clock.forward(seconds=1)
    read_log(house)
    house.clock.forward(seconds=1)
    items = read_log(house, clientId="operator").json["items"]
    assert {item["personId"] for item in items} == set(PEOPLE[:2])
    assert len(items) == 2
    assert {(item["action"], item["purpose"], item["resource"]) for item in items} == {
        ("access-log.read", "operation", "access-log")
    }
    assert {item["partyId"] for item in items} == {house.parties["operator"]}
    assert all(len(item["traceId"]) == 32 for item in items)


def test_filters_of_the_log(house: House) -> None:
    look(house, PEOPLE[:1], "one")
    house.clock.forward(minutes=1)
    look(house, PEOPLE[1:2], "two")

    def actions(**query: str) -> list[str]:
        items = read_log(house, **query).json["items"]
        return [item["action"] for item in items if item["action"] != "access-log.read"]

    assert actions() == ["two", "one"]
    assert actions(personId=PEOPLE[0]) == ["one"]
    assert actions(personId=PEOPLE[2]) == []
    assert actions(clientId="system") == ["two", "one"]
    assert actions(clientId="employer") == []
    assert actions(after="2026-03-02T11:01:00Z") == ["two"]
    assert actions(before="2026-03-02T12:01:00+01:00") == ["one"]
    assert actions(after="2026-03-02T11:00:00Z", before="2026-03-02T11:01:00Z") == ["one"]


@pytest.mark.parametrize(
    "query",
    [{"personId": "x"}, {"after": "yesterday"}, {"clientId": "\x00"}, {"other": "1"}, {"cursor": "x"}, {"limit": "0"}],
)
def test_bad_queries(one_house: House, query: dict[str, str]) -> None:
    assert read_log(one_house, **query).status_code == 400


def test_the_log_is_for_the_operator(house: House) -> None:
    client = house.app.test_client()
    answer = client.get("/v1/access-log", headers=house.bearer("operator", "me:read"))
    assert answer.status_code == 403
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope", scope="access-log:read"'
    assert client.get("/v1/access-log", headers=house.bearer("employer", "access-log:read")).status_code == 403
    look(house, PEOPLE)
    employer = house.authenticate(house.database, house.bearer("employer")["Authorization"])
    with house.database.reading() as uow:
        assert uow.session.scalars(operations.visible_access_entries(employer)).all() == []


def test_export_tells_a_person_who_looked(house: House) -> None:
    look(house, PEOPLE[:1])
    house.clock.forward(seconds=1)
    read_log(house, personId=PEOPLE[0])
    assert ROOM.export is not None
    with house.database.reading() as uow:
        lines = ROOM.export(uow, PEOPLE[0])["accessLog"]
        assert ROOM.export(uow, PEOPLE[2]) == {"accessLog": []}
    assert [(line["by"], line["action"], line["purpose"]) for line in lines] == [
        ("Servicepunt", "contact.read", "contact"),
        ("Operator", "access-log.read", "operation"),
    ]
