"""How complete an employer's register is."""

from __future__ import annotations

from typing import Any

import pytest

from service.access.rules import PartyKind
from service.employers.questions.coverage import EMPLOYMENT_IMPORTS
from service.kernel.ids import new_id
from service.kernel.imports.models import ImportJob, ImportMode, ImportStatus
from tests.employers.questions_kit import Asking
from tests.support.house import House
from tests.support.made import employer_in


@pytest.fixture
def world(house: House) -> Asking:
    return Asking(house)


def an_import(world: Asking, **about: Any) -> str:
    row = {
        "id": new_id(),
        "kind": EMPLOYMENT_IMPORTS,
        "client_id": world.employer.client_id,
        "party_id": world.employer.id,
        "mode": ImportMode.FULL,
        "dry_run": False,
        "options": {},
        "media_type": "text/csv",
        "size": 1,
        "status": ImportStatus.DONE,
        "counts": {"read": 120, "failed": 1, "missing": 3},
        "rows_read": 120,
        "at_end": True,
        "told": 0,
        "trace_id": "",
        "created_at": world.house.clock(),
        "finished_at": world.house.clock(),
    } | about
    with world.house.database.transaction() as uow:
        uow.add(ImportJob(**row))
    return str(row["id"])


def covered(world: Asking) -> dict[str, Any]:
    got = world.employer.get(f"/employers/{world.employer.id}/coverage")
    assert got.status_code == 200, got.get_json()
    return dict(got.get_json())


def test_the_figures(world: Asking) -> None:
    found = covered(world)
    assert (found["employerId"], found["on"]) == (world.employer.id, "2026-11-23")
    assert set(found["employments"].values()) == {0}
    assert (found["lastImportAt"], found["lastFullList"], found["questions"]) == (None, None, {"open": 0, "late": 0})
    fixed = {"contractType": "fixed_term"}
    world.employment(**fixed, endDate="2026-12-23", reference="HR-1")
    world.employment(**fixed, endDate="2027-02-23", hoursPerWeek=None, lastWageMonth="2026-07")
    world.employment(**fixed, endDate="2027-05-23", occupationCode=None)
    world.employment(**fixed, endDate="2027-05-24")
    world.employment(**fixed, lastWageMonth="2026-07")
    world.employment(lastWageMonth="2026-11")
    world.employment(**fixed, endDate="2026-11-22")
    world.employment(startDate="2026-11-24")
    assert covered(world)["employments"] == {
        "running": 6,
        "starting": 1,
        "withEnd": 4,
        "fixedTermWithoutEnd": 1,
        "endingWithin1Month": 1,
        "endingWithin3Months": 2,
        "endingWithin6Months": 3,
        "withoutReference": 5,
        "withoutOccupation": 1,
        "withoutHours": 1,
        "withoutWageMonth": 3,
        "withoutRecentWages": 1,
    }


def test_the_last_list_and_the_questions(world: Asking) -> None:
    an_import(world, counts={"read": 5})
    world.house.clock.advance(minutes=1)
    full = an_import(world)
    for other in (
        {"dry_run": True},
        {"kind": "another"},
        {"status": ImportStatus.RUNNING, "finished_at": None},
        {"party_id": employer_in(world.house).id},
    ):
        an_import(world, **other)
    assert covered(world)["lastImportAt"] == "2026-11-23T09:01:00.000Z"
    world.house.clock.advance(minutes=1)
    an_import(world, mode=ImportMode.CHANGES)
    an_import(world, status=ImportStatus.FAILED)
    gone, later = world.employment(), world.employment()
    world.missing(gone)
    world.after(days=7)
    world.missing(later)
    world.after(days=8)
    found = covered(world)
    assert found["lastImportAt"] == "2026-11-23T09:02:00.000Z"
    assert found["lastFullList"] == {
        "importId": full,
        "finishedAt": "2026-11-23T09:01:00.000Z",
        "rows": 120,
        "failed": 1,
        "missing": 3,
    }
    assert found["questions"] == {"open": 2, "late": 1}
    world.after(days=80)
    found = covered(world)
    assert (found["lastImportAt"], found["lastFullList"]) == (None, None)


def test_for_the_employer_itself_and_the_desk(world: Asking, house: House) -> None:
    address = f"/employers/{world.employer.id}/coverage"
    assert world.desk.get(address).get_json() == world.employer.get(address).get_json()
    for kind in (PartyKind.UWV, PartyKind.JOBCOACH_ORGANISATION):
        assert house.party(kind).get(address).status_code == 404
    assert employer_in(house, "Waddenwind").get(address).status_code == 404
    assert world.desk.get(f"/employers/{new_id()}/coverage").status_code == 404
