"""What the gateway promises for every request, shown on the contract register."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from service.access.models import AccessEntry
from service.employers.models import Employment
from service.kernel import idempotency
from tests.support.house import House, Party
from tests.support.made import employer_in, employment_body, establishment_of


@pytest.fixture
def employer(house: House) -> Party:
    return employer_in(house)


@pytest.fixture
def establishment_id(employer: Party) -> str:
    return establishment_of(employer)


def employments(house: House) -> int:
    with house.database.reading() as uow:
        return int(uow.execute(select(func.count()).select_from(Employment)).scalar_one())


def test_the_same_key_is_one_effect(employer: Party, establishment_id: str, house: House) -> None:
    body = employment_body(establishment_id)
    first = employer.post("/employments", body, Idempotency_Key="k1")
    again = employer.post("/employments", body, Idempotency_Key="k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.get_data() == first.get_data()
    for name in ("ETag", "Location", "API-Version", "Content-Type"):
        assert again.headers[name] == first.headers[name]
    assert (first.headers.get("Idempotent-Replayed"), again.headers["Idempotent-Replayed"]) == (None, "true")
    assert employments(house) == 1
    with house.database.reading() as uow:
        entries = uow.session.scalars(select(AccessEntry).order_by(AccessEntry.id)).all()
    assert [(entry.action, entry.because) for entry in entries] == [
        ("employment.registered", ""),
        ("employment.registered", "replay"),
    ]


def test_the_same_key_for_something_else(employer: Party, establishment_id: str, house: House) -> None:
    employer.post("/employments", employment_body(establishment_id), Idempotency_Key="k1")
    for other in (employment_body(establishment_id, hoursPerWeek=10), {"zomaar": 1}):
        reused = employer.post("/employments", other, Idempotency_Key="k1")
        assert (reused.status_code, reused.get_json()["type"].rpartition("#")[2]) == (409, "idempotency-key-reused")
    assert employments(house) == 1


def test_a_refusal_is_not_kept(employer: Party, establishment_id: str) -> None:
    wrong = employer.post("/employments", employment_body(establishment_id, hoursPerWeek=-1), Idempotency_Key="k1")
    right = employer.post("/employments", employment_body(establishment_id), Idempotency_Key="k1")
    assert (wrong.status_code, right.status_code) == (400, 201)


def test_keys_belong_to_the_client(employer: Party, establishment_id: str, house: House) -> None:
    other = employer_in(house, "other")
    employer.post("/employments", employment_body(establishment_id), Idempotency_Key="k1")
    theirs = other.post("/employments", employment_body(establishment_of(other)), Idempotency_Key="k1")
    assert (theirs.status_code, employments(house)) == (201, 2)


def test_keys_last_seven_days(employer: Party, establishment_id: str, house: House) -> None:
    body = employment_body(establishment_id)
    employer.post("/employments", body, Idempotency_Key="k1")
    house.clock.now += idempotency.KEPT_FOR - timedelta(minutes=1)
    employer.headers["Authorization"] = f"Bearer {house.token(employer)}"
    assert "Idempotent-Replayed" in employer.post("/employments", body, Idempotency_Key="k1").headers
    house.clock.advance(minutes=1)
    assert employer.post("/employments", body, Idempotency_Key="k1").status_code == 201
    assert employments(house) == 2


@pytest.mark.parametrize("key", ["", "a b", "é", "x" * 256])
def test_a_key_of_the_wrong_form(employer: Party, establishment_id: str, key: str, house: House) -> None:
    response = employer.post("/employments", employment_body(establishment_id), Idempotency_Key=key)
    assert (response.status_code, employments(house)) == (400, 0)
    assert response.get_json()["errors"][0]["parameter"] == "Idempotency-Key"


def test_a_storm_of_the_same_request(employer: Party, establishment_id: str, house: House) -> None:
    body, statuses = employment_body(establishment_id), []

    def send() -> None:
        statuses.append(employer.post("/employments", body, Idempotency_Key="storm").status_code)

    threads = [threading.Thread(target=send) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert employments(house) == 1
    assert set(statuses) <= {201, 409}
    assert 201 in statuses


def test_a_stored_answer_cannot_be_read_in_the_database(employer: Party, establishment_id: str, house: House) -> None:
    employer.post("/employments", employment_body(establishment_id, jobTitle="Kenmerkend"), Idempotency_Key="k1")
    with house.database.reading() as uow:
        stored = uow.session.scalars(select(idempotency.StoredAnswer)).one()
    assert b"Kenmerkend" not in bytes(stored.answer)


def test_one_of_many_changes_at_once_wins(employer: Party, establishment_id: str) -> None:
    made = employer.post("/employments", employment_body(establishment_id))
    path, statuses = f"/employments/{made.get_json()['id']}", []

    def change(hours: int) -> None:
        response = employer.patch(path, {"hoursPerWeek": hours}, If_Match=made.headers["ETag"])
        statuses.append(response.status_code)

    threads = [threading.Thread(target=change, args=(hours,)) for hours in range(1, 13)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] + [412] * 11


def test_nothing_new_is_304(employer: Party, establishment_id: str) -> None:
    made = employer.post("/employments", employment_body(establishment_id))
    path = f"/employments/{made.get_json()['id']}"
    same = employer.get(path, If_None_Match=made.headers["ETag"])
    assert (same.status_code, same.get_data(), same.headers["ETag"]) == (304, b"", made.headers["ETag"])
    employer.patch(path, {"hoursPerWeek": 3}, If_Match=made.headers["ETag"])
    assert employer.get(path, If_None_Match=made.headers["ETag"]).status_code == 200


def test_pages_hold_every_row_once(employer: Party, establishment_id: str) -> None:
    made = {employer.post("/employments", employment_body(establishment_id)).get_json()["id"] for _ in range(7)}
    seen, path = [], "/employments?limit=3"
    while path:
        page = employer.get(path)
        seen += [row["id"] for row in page.get_json()["items"]]
        link = page.headers.get("Link", "")
        assert bool(link) == bool(page.get_json()["next"])
        path = link.partition(">")[0].removeprefix("</v1")
    assert len(seen) == 7
    assert set(seen) == made


@pytest.mark.parametrize("query", ["cursor=zomaar", "limit=0", "limit=x", "limit=1&limit=2", "cursor=%00", "x=%FF"])
def test_a_query_that_makes_no_sense(employer: Party, query: str) -> None:
    response = employer.get(f"/employments?{query}")
    assert (response.status_code, response.content_type) == (400, "application/problem+json")
    assert all("parameter" in error for error in response.get_json()["errors"])


def test_a_cursor_of_another_list(employer: Party, establishment_id: str, house: House) -> None:
    for _ in range(2):
        employer.post("/employments", employment_body(establishment_id))
    cursor = employer.get("/employments?limit=1").get_json()["next"]
    assert employer.get(f"/employments?limit=1&cursor={cursor}x").status_code == 400
    assert employer.get(f"/employments?limit=1&cursor={cursor}").status_code == 200


def test_problems_are_in_the_language_asked_for(employer: Party) -> None:
    dutch, english = employer.get("/employments/1"), employer.get("/employments/1", Accept_Language="en-GB,en;q=0.9")
    assert dutch.get_json()["title"] == "Niet gevonden"
    assert english.get_json()["title"] == "Not found"
    assert (dutch.headers["Content-Language"], english.headers["Content-Language"]) == ("nl", "en")


def test_a_trace_goes_into_the_access_log(employer: Party, establishment_id: str, house: House) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    employer.post("/employments", employment_body(establishment_id), traceparent=f"00-{trace}-00f067aa0ba902b7-01")
    with house.database.reading() as uow:
        assert uow.session.scalars(select(AccessEntry)).one().trace_id == trace


def test_a_database_that_is_gone_is_503(employer: Party, house: House) -> None:
    good = house.database.engine
    from service.kernel.database import make_engine

    broken = "sqlite:////nowhere/at/all.db" if house.database.is_sqlite else "postgresql+psycopg://127.0.0.1:1/none"
    house.database.engine = make_engine(broken, pool_size=1)
    try:
        response = employer.get("/employments")
    finally:
        house.database.engine.dispose()
        house.database.engine = good
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert response.content_type == "application/problem+json"


def test_nothing_of_an_error_of_ours_leaks(
    employer: Party, house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> dict[str, object]:
        raise RuntimeError("secret 123456782")

    monkeypatch.setattr("service.employers.employments.list_employments", fail)
    response = house.web.get("/v1/employments", headers=employer.headers)
    assert response.status_code == 500
    assert "123456782" not in response.get_data(as_text=True) + "".join(capsys.readouterr())
