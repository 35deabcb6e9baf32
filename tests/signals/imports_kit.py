"""Files of contract ends, sent and worked off."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from service.access.actor import Actor
from service.kernel.imports import jobs
from service.kernel.imports.reading import CSV
from service.kernel.imports.uploads import receive
from service.signals.imports import operations
from service.signals.imports.part import RUNNER
from tests.contacts.imports_kit import as_csv
from tests.signals.signals_world import SignalsWorld

ROW = {
    "fase": "twijfel",
    "einddatum": "31-12-2026",
    "reden": "Er is minder werk",
    "werknemer weet het": "ja",
    "vacature": "ja",
    "kenmerk melding": "HR-7",
}
"""The report of `signals_world`, as a row."""


def row(employment: str, **more: str) -> dict[str, str]:
    return {"dienstverband": employment} | ROW | {name.replace("_", " "): value for name, value in more.items()}


def send(
    world: SignalsWorld, rows: Sequence[Mapping[str, str]], actor: Actor | None = None, **query: Any
) -> dict[str, Any]:
    """What came of it: the counts that are not 0, the rows with their codes, and the receipts by row."""
    who = actor or world.bakery
    upload = receive(world.database, io.BytesIO(as_csv(rows)), CSV, None)
    job = world.do(operations.import_signals, who, upload, {"dry_run": False} | query)
    while due := world.do(RUNNER.due, 10):
        for each in due:
            world.do(RUNNER.fire, each)
    done = world.do(_look, who, job["id"])
    assert done["status"].value == "done", done
    told = world.do(_rows, who, job["id"])
    receipts = world.do(operations.list_receipts, who, job["id"], {"limit": 200})["items"]
    return {
        "id": job["id"],
        "counts": {name: many for name, many in done["counts"].items() if many},
        "rows": [(each["number"], each["field"], each["code"]) for each in told],
        "receipts": {each["number"]: each for each in receipts},
    }


def _look(uow: Any, actor: Actor, job_id: str) -> dict[str, Any]:
    return jobs.get_job(uow, operations.visible_imports(actor), job_id)


def _rows(uow: Any, actor: Actor, job_id: str) -> list[dict[str, Any]]:
    found = jobs.list_rows(uow, operations.visible_imports(actor), operations.KIND, job_id, {"limit": 200})
    return list(found["items"])
