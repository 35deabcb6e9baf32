"""Files of vacancies, sent and worked off."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from service.access.actor import Actor
from service.kernel.imports import jobs
from service.kernel.imports.reading import CSV
from service.kernel.imports.uploads import receive
from service.vacancies.imports import operations
from service.vacancies.imports.part import RUNNER
from tests.contacts.imports_kit import as_csv
from tests.vacancies.vacancies_world import World

ROW = {
    "titel": "Medewerker magazijn",
    "beroep": "4321",
    "uren vanaf": "24",
    "uren tot": "32",
    "contractsoort": "tijdelijk",
    "postcode": "9711 AB",
}
"""The vacancy of `vacancies_world`, as a row."""


def row(reference: str, **more: str) -> dict[str, str]:
    return {"referentie": reference} | ROW | {name.replace("_", " "): value for name, value in more.items()}


def send(
    world: World,
    rows: Sequence[Mapping[str, str]] | bytes,
    actor: Actor | None = None,
    media_type: str = CSV,
    **query: Any,
) -> dict[str, Any]:
    """What came of it: the counts that are not 0, the rows with their codes, and the receipts by row."""
    who = actor or world.employer
    body = rows if isinstance(rows, bytes) else as_csv(rows)
    upload = receive(world.database, io.BytesIO(body), media_type, None)
    with world.database.transaction() as uow:
        job = operations.import_vacancies(uow, who, upload, {"dry_run": False} | query)
    work_off(world)
    with world.database.reading() as uow:
        mine = operations.visible_imports(who)
        done = jobs.get_job(uow, mine, job["id"])
        told = jobs.list_rows(uow, mine, operations.KIND, job["id"], {"limit": 200})["items"]
        receipts = operations.list_receipts(uow, who, job["id"], {"limit": 200})["items"]
    assert done["status"].value == "done", done
    return {
        "counts": {name: many for name, many in done["counts"].items() if many},
        "rows": [(each["number"], each["field"], each["code"]) for each in told],
        "details": [each["detail"][1] for each in told],
        "receipts": {each["number"]: each for each in receipts},
    }


def work_off(world: World) -> None:
    while True:
        with world.database.transaction() as uow:
            due = RUNNER.due(uow, 10)
        for each in due:
            with world.database.transaction() as uow:
                RUNNER.fire(uow, each)
        if not due:
            return
