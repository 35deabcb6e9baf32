"""The lists over HTTP: forms, refusals, limits, and a sheet that leaves piece by piece."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import func, select
from werkzeug.test import Client, create_environ

from service.access.models import AccessEntry, Usage
from service.access.rules import PartyKind
from service.config import Settings
from service.contacts.lists import operations, reading
from service.contacts.models import Office
from service.contacts.rules import OfficeOrganisation
from service.employers.models import PsoCertificate
from service.employers.rules import PsoLevel
from service.kernel.front import Front
from service.kernel.ids import new_id
from tests.support.house import House, Party, SettableClock
from tests.support.made import BSNS, employer_in, employment_body, establishment_of

CSV = "text/csv"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, contact_requests_per_minute=20, contact_people_per_day=60)


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
def employer(house: House) -> Party:
    made = employer_in(house)
    certify(house, made, until=house.clock().date())
    return made


@pytest.fixture
def employments(employer: Party) -> list[str]:
    place = establishment_of(employer)
    bodies = [employment_body(place, employeeNumber=f"=P{number}") for number in range(7)]
    return [made["id"] for made in (employer.post("/employments", body).get_json() for body in bodies)]


def certify(house: House, employer: Party, until: date) -> None:
    with house.database.transaction() as uow:
        row = PsoCertificate(
            employer_id=employer.id, level=PsoLevel.STEP_1, thirty_plus=False, valid_from=date(2026, 1, 1)
        )
        row.valid_until = until
        uow.add(row)


def lines(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";", strict=True))


# --- Search -------------------------------------------------------------------------------------------------------


def test_a_search(employer: Party, employments: list[str]) -> None:
    asked = [employments[3], new_id(), employments[0]]
    answer = employer.post("/contacts/_search", {"employmentIds": asked}, Accept_Language="en")
    assert answer.status_code == 200, answer.get_json()
    first, unknown, last = answer.get_json()["items"]
    assert first == employer.get(f"/employments/{asked[0]}/contact").get_json()
    assert last["employmentId"] == asked[2]
    assert unknown == {
        "employmentId": asked[1],
        "error": {"code": "not-found", "detail": "No such employment, or it is not yours to see."},
    }
    by_number = employer.post("/contacts/_search", {"employeeNumbers": ["=P3"]})
    assert by_number.get_json()["items"] == [first]


def test_a_search_needs_no_key_and_takes_none(employer: Party, employments: list[str]) -> None:
    body = {"employmentIds": employments[:1]}
    for _ in range(2):
        answer = employer.post("/contacts/_search", body, Idempotency_Key="same")
        assert answer.status_code == 200
        assert "Idempotent-Replayed" not in answer.headers


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, [("/employmentIds", "one-of")]),
        ({"employmentIds": ["x"], "employeeNumbers": ["1"]}, [("/employmentIds/0", "wrong-form")]),
        ({"employmentIds": []}, [("/employmentIds", "wrong-length")]),
        ({"employmentIds": [None, 1]}, [("/employmentIds/0", "null"), ("/employmentIds/1", "not-text")]),
        ({"employeeNumbers": ["", "x" * 51, " "]}, None),
        ({"employeeNumbers": ["1"] * 1001}, [("/employeeNumbers", "wrong-length")]),
    ],
)
def test_a_search_that_cannot_be(employer: Party, body: Any, errors: list[tuple[str, str]] | None) -> None:
    answer = employer.post("/contacts/_search", body)
    assert answer.status_code == 400
    found = [(error["pointer"], error["code"]) for error in answer.get_json()["errors"]]
    if errors is None:
        assert [pointer for pointer, _ in found] == [f"/employeeNumbers/{at}" for at in range(3)]
    else:
        assert [pointer for pointer, _ in found] == [pointer for pointer, _ in errors]


# --- The list in two forms ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("text/html, */*;q=0.8", "application/json"),
        ("text/csv;q=0.5, application/json", "application/json"),
        ("text/csv", CSV),
        ("text/csv; charset=utf-8", CSV),
        ("text/csv, */*;q=0.1", CSV),
        ("application/xml", None),
        ("text/html", None),
    ],
)
def test_the_form_that_is_asked_for(employer: Party, accept: str | None, form: str | None) -> None:
    headers = {} if accept is None else {"Accept": accept}
    answer = employer.get("/contacts", **headers)
    if form is None:
        assert answer.status_code == 406
        assert "text/csv" in answer.get_json()["detail"]
        return
    assert answer.status_code == 200
    assert answer.mimetype == form
    assert answer.headers["Vary"] == "Accept"
    assert answer.headers["API-Version"]


def test_no_other_list_has_the_form(employer: Party) -> None:
    assert employer.get("/employments", Accept=CSV).status_code == 406


def test_pages_and_sheet_tell_the_same(
    employer: Party, employments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = employer.get("/contacts?limit=4").get_json()
    rest = employer.get(f"/contacts?limit=4&cursor={page['next']}").get_json()
    assert rest["next"] is None
    items = page["items"] + rest["items"]
    assert [item["employmentId"] for item in items] == sorted(employments)
    monkeypatch.setattr(operations, "PIECE", 3)
    answer = employer.get("/contacts", Accept=CSV)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="contacts.csv"'
    assert "Content-Length" not in answer.headers
    rows = lines(answer.get_data(as_text=True))
    assert [row["employmentId"] for row in rows] == sorted(employments)
    assert {row["employeeNumber"] for row in rows} == {f"'=P{number}" for number in range(7)}
    for row, item in zip(rows, items, strict=True):
        assert row["contactEmail"] == item["contact"]["email"]


def test_both_ways_through_the_house_give_the_sheet(employer: Party, employments: list[str], house: House) -> None:
    front = house.app.wsgi_app
    assert isinstance(front, Front)
    headers = employer.headers | {"Accept": CSV}
    quick = Client(front).get("/v1/contacts", headers=headers)
    slow = Client(front.otherwise).get("/v1/contacts", headers=headers)
    without = {"RateLimit"}
    assert quick.get_data() == slow.get_data()
    assert {k: v for k, v in quick.headers if k not in without} == {k: v for k, v in slow.headers if k not in without}
    assert len(lines(quick.get_data(as_text=True))) == len(employments)
    head = Client(front).head("/v1/contacts", headers=headers)
    assert (head.status_code, head.get_data()) == (200, b"")


def looks(house: House) -> int:
    with house.database.reading() as uow:
        counted = select(func.count()).where(AccessEntry.action == "contact.read")
        return int(uow.execute(counted).scalar_one())


def stream(house: House, employer: Party) -> Iterator[bytes]:
    environ = create_environ("/v1/contacts", headers=employer.headers | {"Accept": CSV})
    pieces: Any = house.app.wsgi_app(environ, lambda *_: lambda _: None)
    return iter(pieces)


def test_each_piece_is_logged_before_it_leaves_and_locks_nothing_after(
    employer: Party, employments: list[str], house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "PIECE", 3)
    pieces = stream(house, employer)
    for expected in (3, 6, 7):
        next(pieces)
        assert looks(house) == expected
        # A transaction of somebody else goes on while the reader takes its time.
        assert employer.get("/me").status_code == 200
        with house.database.transaction() as uow:
            uow.execute(select(Usage.amount).with_for_update())
    assert list(pieces) == []


def test_who_stops_reading_is_not_told_the_rest(
    employer: Party, employments: list[str], house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "PIECE", 3)
    pieces: Any = stream(house, employer)
    next(pieces)
    pieces.close()
    assert looks(house) == 3


def test_what_fails_on_its_way_is_broken_off_and_tells_nothing(
    employer: Party, employments: list[str], house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "PIECE", 3)
    pieces = stream(house, employer)
    next(pieces)

    def fail(*_: Any) -> None:
        raise RuntimeError("123456782")

    monkeypatch.setattr(reading, "answers", fail)
    with pytest.raises(Exception, match="RuntimeError") as broken:
        next(pieces)
    assert "123456782" not in str(broken.value)
    assert broken.value.__suppress_context__


def test_without_certificate_there_is_a_problem_in_both_forms(
    employer: Party, employments: list[str], house: House, clock: SettableClock
) -> None:
    assert employer.get("/contacts").status_code == 200
    clock.set(datetime(2026, 11, 23, 23, 30, tzinfo=UTC))
    employer.headers["Authorization"] = f"Bearer {house.token(employer)}"
    for accept in ("application/json", CSV):
        answer = employer.get("/contacts", Accept=accept)
        assert answer.status_code == 403
        problem = answer.get_json()
        assert problem["type"].endswith("#certificate-expired")
        assert problem["validUntil"] == "2026-11-23"
        assert "23 november 2026" in problem["detail"]
        assert "pso-nederland.nl" in problem["detail"]
    assert employer.get(f"/employments/{employments[0]}/contact").status_code == 200
    assert employer.post("/contacts/_search", {"employmentIds": employments}).status_code == 200


# --- Limits -------------------------------------------------------------------------------------------------------


def test_the_rate_holds_over_all_forms(employer: Party, employments: list[str], clock: SettableClock) -> None:
    asks = [
        lambda: employer.get(f"/employments/{employments[0]}/contact"),
        lambda: employer.post("/contacts/_search", {"employmentIds": employments[:1]}),
        lambda: employer.get(f"/employments/{new_id()}/contact"),
        lambda: employer.get("/contacts?limit=1"),
    ]
    statuses = [asks[number % 4]().status_code for number in range(20)]
    assert statuses == [200, 200, 404, 200] * 5
    for ask in asks:
        answer = ask()
        assert answer.status_code == 429, answer.get_json()
        problem = answer.get_json()
        assert problem["limit"] == "contacts-per-minute"
        assert answer.headers["Retry-After"] == "60"
        assert "q=20;w=60" in answer.headers["RateLimit-Policy"]
    assert employer.get("/employments").status_code == 200
    clock.advance(minutes=1)
    assert asks[0]().status_code == 200


def test_the_quota_counts_people_in_all_forms(employer: Party, employments: list[str]) -> None:
    assert employer.get("/contacts", Accept=CSV).get_data()
    assert employer.post("/contacts/_search", {"employmentIds": employments + [new_id()] * 33}).status_code == 200
    # 47 of 60: unknown ones count as well, or they could be tried out without end.
    for ask in (
        lambda: employer.post("/contacts/_search", {"employmentIds": employments * 2}),
        lambda: employer.post("/contacts/_search", {"employeeNumbers": [str(n) for n in range(14)]}),
    ):
        answer = ask()
        assert answer.status_code == 429
        assert answer.get_json()["limit"] == "contacts-people-per-day"
        assert int(answer.headers["Retry-After"]) > 3600
    answer = employer.get("/contacts?limit=7")
    assert '"contacts-people-per-day";r=6;' in answer.headers["RateLimit"]
    # The list is refused as a whole, not broken off in the middle.
    assert employer.get("/contacts", Accept=CSV).status_code == 429
    assert employer.get(f"/employments/{employments[0]}/contact").status_code == 200


def test_a_refusal_leaves_no_look_behind(employer: Party, employments: list[str], house: House) -> None:
    employer.post("/contacts/_search", {"employmentIds": employments * 8})
    before = looks(house)
    assert employer.post("/contacts/_search", {"employmentIds": employments}).status_code == 429
    assert looks(house) == before


def test_limits_are_the_same_whatever_the_link(house: House, employer: Party) -> None:
    """Undisclosed and not known to UWV: same headers, same counts."""
    place, uwv = establishment_of(employer), house.party(PartyKind.UWV)
    known, unknown = (
        employer.post("/employments", employment_body(place, bsn=bsn)).get_json()["id"] for bsn in BSNS[:2]
    )
    reach = {"phone": "+442079460678", "email": "groningen@example.nl"}
    with house.database.transaction() as uow:
        office = Office(id=new_id(), name="UWV", region_code="AM01", organisation=OfficeOrganisation.CASELOAD, **reach)
        uow.add(office)
    person = {"officeId": office.id, "name": "Noor", "role": "arbeidsdeskundige", "workingDays": [1], **reach}
    caseworker = uwv.post("/caseworkers", person).get_json()["id"]
    assert uwv.post("/assignments", {"bsn": BSNS[0], "caseworkerId": caseworker}).status_code == 201
    told = []
    for employment_id in (known, unknown):
        with house.database.transaction() as uow:
            uow.execute(Usage.__table__.delete())  # type: ignore[attr-defined]
        answers = [
            employer.get(f"/employments/{employment_id}/contact"),
            employer.post("/contacts/_search", {"employmentIds": [employment_id]}),
        ]
        with house.database.reading() as uow:
            counted = uow.session.execute(select(Usage.in_minute, Usage.requests, Usage.amount, Usage.watched)).all()
        told.append(([(a.headers["RateLimit"], a.headers["RateLimit-Policy"]) for a in answers], counted))
    assert told[0] == told[1]
    assert told[0][1] == [(2, 2, 2, 2)]


def test_answers_are_counted_by_who_answers(employer: Party, employments: list[str]) -> None:
    def desk() -> float:
        return REGISTRY.get_sample_value("servicepunt_contact_answers_total", {"answered_by": "desk"}) or 0.0

    before = desk()
    employer.post("/contacts/_search", {"employmentIds": [*employments, new_id()]})
    employer.get(f"/employments/{employments[0]}/contact")
    assert desk() == before + len(employments) + 1


def test_a_new_day_is_a_new_quota(employer: Party, employments: list[str], house: House, clock: SettableClock) -> None:
    assert employer.post("/contacts/_search", {"employmentIds": [new_id()] * 60}).status_code == 200
    assert employer.get(f"/employments/{employments[0]}/contact").status_code == 429
    clock.advance(days=1)
    employer.headers["Authorization"] = f"Bearer {house.token(employer)}"
    assert employer.get(f"/employments/{employments[0]}/contact").status_code == 200
    assert clock() > datetime(2026, 11, 23, tzinfo=UTC) + timedelta(days=1)
