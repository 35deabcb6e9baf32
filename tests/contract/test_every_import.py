"""What holds for each kind of import, whichever room it is in: a kind that is added tomorrow is tested tomorrow."""

from __future__ import annotations

import csv
import io
import threading
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest
from openpyxl import load_workbook
from sqlalchemy import select, update

from service.access.models import AccessEntry
from service.contacts.models import Caseworker, Team
from service.kernel.imports import failed
from service.kernel.imports.files import MEDIA_TYPE, FileFormat
from service.kernel.imports.reading import CSV
from service.rooms import ROOMS
from service.worker import Worker
from tests.contacts.imports_kit import Caseload
from tests.support.house import House, Party, SettableClock
from tests.support.made import employer_in, employment_body, establishment_of

PATHS = {
    endpoint.path.removesuffix("/template")
    for room in ROOMS
    for routes in room.routes
    for endpoint in routes.endpoints
    if endpoint.path.endswith("-imports/template")
}


class World(NamedTuple):
    """Who may send files of a kind, where what its examples name exists, and a file with one row that fails."""

    sender: Party
    wrong: bytes


def caseload(house: House) -> World:
    made = Caseload(house)
    with house.database.transaction() as uow:
        uow.execute(update(Caseworker).values(email="voorbeeld@uwv.example").where(Caseworker.name == "noor"))
        uow.execute(update(Team).values(name="Team Voorbeeld"))
    made.close()
    return World(made.uwv, b"clientnummer;ad\r\n+31;weg@uwv.example\r\n")


def register(house: House) -> World:
    employer = employer_in(house)
    place = {"name": "Vestiging Voorbeeld", "postcode": "9711AB"}
    assert employer.post(f"/employers/{employer.id}/establishments", place).status_code == 201
    return World(employer, b"referentie;begindatum;contractsoort\r\nHR-1;2026-01-01;weet niet\r\n")


def contract_ends(house: House) -> World:
    employer = employer_in(house)
    place = establishment_of(employer)
    for number, end in ((1, "2027-12-31"), (2, "2027-11-30")):
        body = employment_body(place, reference=f"VOORBEELD-{number}", endDate=end)
        assert employer.post("/employments", body).status_code == 201
    return World(employer, b"referentie;fase;werknemer weet het\r\nVOORBEELD-1;misschien;ja\r\n")


def vacancies(house: House) -> World:
    employer = employer_in(house)
    place = {"name": "Vestiging Voorbeeld", "postcode": "9711AB"}
    assert employer.post(f"/employers/{employer.id}/establishments", place).status_code == 201
    return World(employer, b"referentie;titel;status\r\nV-1;Kok;weet niet\r\n")


WORLDS: dict[str, Callable[[House], World]] = {
    "/assignment-imports": caseload,
    "/employment-imports": register,
    "/contract-end-signal-imports": contract_ends,
    "/vacancy-imports": vacancies,
}


def test_each_kind_is_here() -> None:
    assert WORLDS.keys() == PATHS


@pytest.fixture(params=sorted(WORLDS))
def path(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
def worker(house: House) -> Iterator[Worker]:
    made = Worker(house.database, ROOMS, house.settings, threading.Event())
    yield made
    made.close()


def send(sender: Party, path: str, body: bytes, media_type: str, query: str = "") -> str:
    url = f"/v1{path}{query}"
    answer = sender.house.web.post(url, data=body, content_type=media_type, headers=sender.headers)
    assert answer.status_code == 202, answer.get_json()
    return str(answer.get_json()["id"])


@pytest.mark.parametrize("form", FileFormat)
def test_a_template_goes_through_the_import(house: House, worker: Worker, path: str, form: FileFormat) -> None:
    sender = WORLDS[path](house).sender
    template = sender.get(f"{path}/template?format={form}")
    assert template.status_code == 200
    assert template.mimetype == MEDIA_TYPE[form]
    assert template.headers["Content-Disposition"].endswith(f'-import-template.{form}"')
    job = send(sender, path, template.get_data(), template.content_type, "?dryRun=true")
    worker.run_until_idle()
    done = sender.get(f"{path}/{job}").get_json()
    assert (done["status"], done["problem"]) == ("done", None)
    assert sender.get(f"{path}/{job}/rows").get_json()["items"] == []
    assert done["counts"]["read"] == done["counts"]["created"] > 0
    assert (done["failedRowsUntil"], done["allFailedRowsKept"], done["remarks"]) == (None, True, [])


def test_a_template_for_a_spreadsheet(house: House, path: str) -> None:
    sender = WORLDS[path](house).sender
    text = sender.get(f"{path}/template").get_data()
    assert text.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(text.decode("utf-8-sig")), delimiter=";"))
    sheet = load_workbook(io.BytesIO(sender.get(f"{path}/template?format=xlsx").get_data())).worksheets[0]
    assert [[cell.value or "" for cell in row] for row in sheet.rows] == lines
    assert {cell.number_format for row in sheet.rows for cell in row if cell.value} == {"@"}


def test_failed_rows_are_had_for_a_week_by_who_may_see_them(
    house: House, clock: SettableClock, worker: Worker, path: str
) -> None:
    world = WORLDS[path](house)
    job = send(world.sender, path, world.wrong, CSV)
    file = f"{path}/{job}/failed-rows"
    waiting = world.sender.get(file)
    assert (waiting.status_code, waiting.get_json()["type"].rpartition("#")[2]) == (409, "import-not-done")
    worker.run_until_idle()
    done = world.sender.get(f"{path}/{job}").get_json()
    assert done["counts"]["failed"] == 1
    assert done["failedRowsUntil"] == "2026-11-30T09:00:00.000Z"
    found = world.sender.get(file)
    assert (found.status_code, found.content_type) == (200, "text/csv; charset=utf-8")
    with house.database.reading() as uow:
        entries = uow.session.scalars(select(AccessEntry).where(AccessEntry.resource == file[1:])).all()
    assert [entry.client_id for entry in entries] == [world.sender.client_id]
    assert house.party(world.sender.kind, "another").get(file).status_code == 404
    house.clock.now += failed.KEPT_FOR
    world.sender.headers["Authorization"] = f"Bearer {house.token(world.sender)}"
    assert world.sender.get(file).status_code == 404
    assert world.sender.get(f"{path}/{job}").get_json()["failedRowsUntil"] is None
    worker.run_until_idle()
    with house.database.reading() as uow:
        assert uow.connection.exec_driver_sql("SELECT count(*) FROM import_failed").scalar() == 0
    assert world.sender.get(f"{path}/{job}").status_code == 200
