"""What a bulk import takes: rows a second and the most memory, in a process of its own for each measurement.

The file is sent as callers send it and worked off as the worker does it, alone, in one process.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from service.contacts.imports.part import RUNNER
from service.kernel.imports.reading import CSV, NDJSON, XLSX
from service.kernel.memory import settle
from service.schema import migrate
from tests.bench.clients import caseload_file
from tests.contacts.imports_kit import Caseload
from tests.support import databases
from tests.support.house import House, SettableClock, settings_for

MEDIA_TYPES = {"csv": CSV, "ndjson": NDJSON, "xlsx": XLSX}
TARGETS = {"sqlite": 8_000, "postgresql": 10_000}


class Pass(NamedTuple):
    """One file: what it was sent for, rows a second by the clock, CPU time of this process in µs a row, and the most
    memory so far in MB."""

    what: str
    rows_per_second: float
    cpu: float
    megabytes: float


def measure(kind: str, form: str, rows: int) -> list[Pass]:
    """A dry run, the first time, the same again, and the same as a full file; in a new process."""
    command = [sys.executable, "-m", "tests.bench.imports", kind, form, str(rows)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [Pass(*each) for each in json.loads(done.stdout.splitlines()[-1])]


def _measure_here(kind: str, form: str, rows: int) -> list[Pass]:
    with tempfile.TemporaryDirectory() as folder:
        if kind == "sqlite":
            url = databases.sqlite_clone(databases.sqlite_template(migrate), Path(folder))
        else:
            server = databases.postgres_server(durable=True)
            url = databases.clone(databases.create_template(server, "bench-imports", migrate))
        house = House(settings_for(Path(folder), url, token_seconds=36_000), SettableClock())
        caseload = Caseload(house)
        try:
            passes = (("dry run", "?dryRun=true"), ("new", ""), ("the same again", ""), ("again, full", "?mode=full"))
            return [_pass(caseload, what, query, form, rows, Path(folder)) for what, query in passes]
        finally:
            caseload.close()
            house.close()
            if kind == "postgresql":
                databases.drop(url)


def _pass(caseload: Caseload, what: str, query: str, form: str, rows: int, folder: Path) -> Pass:
    house = caseload.house
    path = caseload_file(folder, form, rows)
    with path.open("rb") as file:
        answer = house.web.post(
            f"/v1/assignment-imports{query}",
            input_stream=file,
            headers={**caseload.uwv.headers, "Content-Length": str(path.stat().st_size)},
            content_type=MEDIA_TYPES[form],
        )
    if answer.status_code != 202:
        raise RuntimeError(answer.get_data(as_text=True))
    settle()  # as the worker does
    begin, cpu = time.perf_counter(), time.process_time()
    while True:
        with house.database.reading() as uow:
            due = RUNNER.due(uow, 10)
        if not due:
            break
        for each in due:
            with house.database.transaction() as uow:
                RUNNER.fire(uow, each)
    seconds, cpu = time.perf_counter() - begin, time.process_time() - cpu
    found = caseload.uwv.get(f"/assignment-imports/{answer.get_json()['id']}").get_json()
    if (found["status"], found["counts"]["read"], found["counts"]["failed"]) != ("done", rows, 0):
        raise RuntimeError(str(found))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    return Pass(what, rows / seconds, cpu / rows * 1e6, peak)


if __name__ == "__main__":
    print(json.dumps(_measure_here(sys.argv[1], sys.argv[2], int(sys.argv[3]))))
