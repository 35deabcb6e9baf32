"""`make bench-import`: a contract register as a file, on both databases, beside the floor.

Each database in a process of its own, so that the peak of memory is its own. The floor is a plain reading of the same
file, and the same statements with the same values through the bare driver, the large ones by COPY on PostgreSQL; of
fewer rows, since all values are held in memory.
"""

from __future__ import annotations

import argparse
import csv
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

from service.employers.imports.part import RUNNER
from service.kernel.imports.reading import CSV
from service.kernel.memory import settle
from service.schema import migrate
from tests.bench.clients import clients
from tests.bench.floor import Driver, Statement, taken_down
from tests.employers.register_kit import Register
from tests.support import databases
from tests.support.house import House, SettableClock, settings_for

TARGETS = {"sqlite": 8_000, "postgresql": 10_000}
FLOOR_ROWS = 20_000
HEADING = (
    *("referentie", "personeelsnummer", "bsn", "naam", "begindatum", "einddatum", "contractsoort", "uren per week"),
    *("functie", "beroepscode"),
)


class Pass(NamedTuple):
    """One file: rows a second by the clock, CPU time of this process in µs a row, and the most memory so far in MB."""

    what: str
    rows_per_second: float
    cpu: float
    megabytes: float


class Measured(NamedTuple):
    """`floor` and `ours` are CPU time in µs a row, of the same new rows."""

    passes: list[Pass]
    floor: float
    ours: float


def write_register(path: Path, rows: int, *, changed: bool = False) -> Path:
    """Two of three have a fixed term. `changed`: one of a hundred works other hours."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, delimiter=";")
        out.writerow(HEADING)
        for at, (bsn, *_) in enumerate(clients(rows)):
            fixed = at % 3 != 0
            out.writerow(
                (
                    *(f"HR-{at}", f"P{at}", bsn, f"Medewerker nummer {at}", f"{1 + at % 28:02}-{1 + at % 12:02}-2025"),
                    *("28-02-2027" if fixed else "", "tijdelijk" if fixed else "vast"),
                    "40" if changed and at % 100 == 0 else f"{16 + at % 20},5",
                    *("Magazijnmedewerker", "9333"),
                )
            )
    return path


@contextmanager
def register_in(kind: str, folder: Path) -> Iterator[tuple[Register, str]]:
    if kind == "sqlite":
        url = databases.sqlite_clone(databases.sqlite_template(migrate), folder)
    else:
        server = databases.postgres_server(durable=True)
        url = databases.clone(databases.create_template(server, "bench-importing", migrate))
    house = House(settings_for(folder, url, token_seconds=36_000, import_max_bytes=2_000_000_000), SettableClock())
    made = Register(house)
    try:
        yield made, url
    finally:
        made.close()
        house.close()
        if kind == "postgresql":
            databases.drop(url)


def run(made: Register, path: Path, rows: int, query: str) -> tuple[float, float]:
    """Wall and CPU seconds of the worker for this file."""
    with path.open("rb") as file:
        answer = made.house.web.post(
            f"/v1/employment-imports{query}",
            input_stream=file,
            headers={**made.employer.headers, "Content-Length": str(path.stat().st_size)},
            content_type=CSV,
        )
    if answer.status_code != 202:
        raise RuntimeError(answer.get_data(as_text=True))
    settle()  # as the worker does
    database = made.house.database
    began, cpu = time.perf_counter(), time.process_time()
    while True:
        with database.reading() as uow:
            due = RUNNER.due(uow, 10)
        if not due:
            break
        for each in due:
            with database.transaction() as uow:
                RUNNER.fire(uow, each)
    spent = time.perf_counter() - began, time.process_time() - cpu
    found = made.employer.get(f"/employment-imports/{answer.get_json()['id']}").get_json()
    if (found["status"], found["counts"]["read"], found["counts"]["failed"]) != ("done", rows, 0):
        raise RuntimeError(str(found))
    return spent


def floor_of(kind: str, folder: Path, rows: int) -> tuple[float, float]:
    """CPU seconds of the floor and of ours, for the same new rows."""
    path = write_register(folder / "floor.csv", rows)
    with register_in(kind, folder) as (made, _):
        _, ours = run(made, path, rows, "?dryRun=true")  # what is made once is made
        _, ours = run(made, path, rows, "")
    with register_in(kind, folder) as (made, _), taken_down(made.house.database) as statements:
        run(made, path, rows, "")
    with register_in(kind, folder) as (made, url):
        made.house.database.close()
        driver = Driver(url)
        if not driver.is_sqlite:
            driver.connection.execute("SET session_replication_role = replica")
        else:
            driver.connection.execute("PRAGMA foreign_keys=OFF")
        cpu = time.process_time()
        with path.open(encoding="utf-8", newline="") as file:
            if sum(1 for _ in csv.DictReader(file, delimiter=";")) != rows:
                raise RuntimeError("the file is another")
        _repeat(driver, statements)
        floor = time.process_time() - cpu
        driver.close()
    return floor, ours


def _repeat(driver: Driver, statements: list[Statement]) -> None:
    """The statements of each transaction, in one transaction. Its parents are those of another database."""
    cursor = driver.connection.cursor()
    cursor.execute("BEGIN")
    for sql, values, many in statements:
        if sql.startswith("BEGIN"):
            cursor.execute("COMMIT")
            cursor.execute("BEGIN")
        elif many and not driver.is_sqlite and sql.startswith("INSERT INTO") and len(values) >= 100:
            names = list(values[0])
            with cursor.copy(f"COPY {sql.split()[2]} ({', '.join(names)}) FROM STDIN") as copy:
                for row in values:
                    copy.write_row(list(row.values()))
        elif many:
            cursor.executemany(sql, values)
        else:
            cursor.execute(sql, values)
            if cursor.description is not None:
                cursor.fetchall()
    cursor.execute("COMMIT")


def measure(kind: str, rows: int) -> Measured:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = write_register(folder / "register.csv", rows)
        other = write_register(folder / "changed.csv", rows, changed=True)
        passes = []
        with register_in(kind, folder) as (made, _):
            for what, file, query in (
                ("dry run", path, "?dryRun=true"),
                ("new", path, ""),
                ("the same again", path, ""),
                ("full, 1 % changed", other, "?mode=full"),
            ):
                wall, cpu = run(made, file, rows, query)
                peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
                passes.append(Pass(what, rows / wall, cpu / rows * 1e6, peak))
        few = min(rows, FLOOR_ROWS)
        floor, ours = floor_of(kind, folder, few)
        return Measured(passes, floor / few * 1e6, ours / few * 1e6)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    parser.add_argument("--here", action="store_true", help="measure in this process, and print JSON")
    options = parser.parse_args()
    if options.here:
        print(json.dumps(measure(options.only, options.rows)))
        return
    table = Table("contract register", "database", "rows", "rows/s", "target", "CPU µs/row", "most MB", "ours / floor")
    for kind in ("sqlite", "postgresql"):
        if options.only not in (None, kind):
            continue
        command = [sys.executable, "-m", "tests.bench.importing", "--here", "--only", kind, "--rows", str(options.rows)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        found: Any = json.loads(done.stdout.splitlines()[-1])
        passes, floor, ours = found
        for what, speed, cpu, peak in passes:
            beside = f"{ours:.0f} / {floor:.0f} = {ours / floor:.1f}" if what == "new" else ""
            table.add_row(
                what, kind, str(options.rows), f"{speed:.0f}", str(TARGETS[kind]), f"{cpu:.0f}", f"{peak:.0f}", beside
            )
    Console(width=140).print(table)


if __name__ == "__main__":
    main()
