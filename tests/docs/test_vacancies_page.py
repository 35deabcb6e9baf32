"""What the page on vacancies says is done, as it stands there."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from service.config import Settings
from service.kernel.database import Database
from service.kernel.problems import Problem
from service.vacancies.imports.operations import KIND
from service.vacancies.imports.rules import RowStatus
from service.vacancies.imports.schemas import NO_ITEMS, STANDING
from service.vacancies.imports.weighing import _REMARKS
from service.vacancies.rules import EXPIRES_SOON, VALID_DAYS
from tests.docs.test_imports_guide import columns_of
from tests.support.house import SettableClock
from tests.vacancies import candidates_world, vacancies_world
from tests.vacancies.test_vacancies_freed import freed, signal
from tests.vacancies.vacancy_imports_kit import send

DOCS = Path(__file__).resolve().parents[2] / "docs/integrators"
PAGE = (DOCS / "vacancies.md").read_text("utf-8")


def first_cells(title: str) -> list[str]:
    """The codes in the first column of the table with this title above its first column."""
    table = PAGE[PAGE.index(f"| {title} |") :].split("\n\n", 1)[0]
    return [code for row in table.splitlines()[2:] for code in re.findall(r"`([\w.-]+)`", row.split("|")[1])]


def test_its_tables_are_those_of_the_code() -> None:
    assert columns_of(PAGE.replace("### ", "## "), "Columns") == KIND.columns.headings
    remarks = {code for code, _ in _REMARKS.values()}
    assert set(first_cells("remark")) == remarks
    assert set(first_cells("error")) == KIND.mend.keys() - remarks
    assert re.search(r"^\| `status` .*", PAGE, flags=re.MULTILINE)
    for code in RowStatus:
        assert f"`{code}`" in PAGE
    assert "doorlopend" in STANDING
    assert "geen" in NO_ITEMS


def test_its_days_are_those_of_the_code() -> None:
    assert {item.name: item.default for item in fields(Settings)}["vacancy_days"] == VALID_DAYS
    assert f"is {VALID_DAYS} days later" in PAGE
    assert f"| {EXPIRES_SOON.days} days before that day |" in PAGE


def test_its_events_are_described() -> None:
    page = (DOCS / "events.md").read_text("utf-8")
    for name in first_cells("event"):
        assert f"`{name}`" in page or f"`.{name.rpartition('.')[2]}`" in page, name


@pytest.fixture
def world(database: Database, clock: SettableClock) -> vacancies_world.World:
    return vacancies_world.World(database, clock)


def test_the_example(world: vacancies_world.World) -> None:
    [body] = [json.loads(each) for each in re.findall(r"^```json\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)]
    made = world.post(**body)
    assert (made["status"], made["expires_on"]) == ("open", date(2027, 5, 30))
    with pytest.raises(Problem) as refused:
        world.post(**body)
    assert (refused.value.code, refused.value.extra["existing"]) == ("vacancy-exists", f"/v1/vacancies/{made['id']}")


def test_what_comes_from_a_signal(world: vacancies_world.World) -> None:
    """Each field that the page names, and no other, is there without being sent."""
    made = freed(world, signal(world))
    names = [re.sub(r"([A-Z])", lambda found: "_" + found[1].lower(), name) for name in first_cells("field")]
    assert all(made[name] is not None for name in names)
    assert [made[each] for each in ("description", "reference", "demands", "offers")] == [None] * 4
    assert made["start_date"] == date(2027, 5, 1)


def test_a_file_with_the_headings_and_words_of_the_page(world: vacancies_world.World) -> None:
    words = dict(re.findall(r"`(\w+)` \((\w+)\)", re.findall(r"^\| `status` .*", PAGE, flags=re.MULTILINE)[0]))
    rows = [
        {
            "vacaturenummer": f"V-{word}",
            "vacaturetitel": "Kok",
            "beroepscode": "5120",
            "contracturen": "24",
            "soort contract": "vast",
            "postcode": "9711AB",
            "startdatum": "doorlopend",
            "het werk vraagt": "geen",
            "taalniveau": "geen",
            "jobcoach": "vrij",
            "status": word,
        }
        for word in words.values()
    ]
    done = send(world, rows)
    assert done["counts"] == {"read": 4, "created": 1, "failed": 1, "unchanged": 2, "warned": 2}
    assert {code for *_, code in done["rows"]} == {"forbidden-transition", "vacancy-unknown"}


def test_proposals_go_on_when_a_vacancy_expires(database: Database, clock: SettableClock) -> None:
    world = candidates_world.World(database)
    vacancy_id = world.vacancy()
    proposal_id = world.propose(vacancy_id, world.candidate()["id"])["id"]
    other = world.candidate(bsn=candidates_world.OTHER_BSN)["id"]
    clock.set(datetime(2027, 3, 15, 9, tzinfo=UTC))
    expire(database)
    assert status(world, vacancy_id) == "expired"
    with pytest.raises(Problem) as refused:
        world.propose(vacancy_id, other)
    assert refused.value.code == "vacancy-not-open"
    consent = {**candidates_world.CONSENT, "on": "2027-03-15"}
    assert world.move(proposal_id, "consented", consent=consent)["status"] == "consented"
    assert world.move(proposal_id, "introduced")["status"] == "introduced"
    assert world.move(proposal_id, "placed", startDate="2027-04-01")["status"] == "placed"
    assert status(world, vacancy_id) == "filled"


def expire(database: Database) -> None:
    from service.vacancies.expiry import EXPIRED

    with database.transaction() as uow:
        for each in EXPIRED.due(uow, 10):
            EXPIRED.fire(uow, each)


def status(world: candidates_world.World, vacancy_id: str) -> Any:
    from service.vacancies import operations

    with world.database.reading() as uow:
        return operations.get_vacancy(uow, world.employer, vacancy_id)["status"]
