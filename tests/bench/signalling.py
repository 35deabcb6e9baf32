"""`make bench-signals`: many contract ends as a file. Microseconds a row when it is tried, sent, sent again, and sent
with each row changed; and those of a single report beside it."""

from __future__ import annotations

import argparse
import io
import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from service.kernel.memory import settle
from service.signals.imports.part import RUNNER
from tests.bench.copies import Copies, ask, environ
from tests.bench.seed import seed
from tests.support.house import House

TARGET = 250
SINGLE = 500


def file_of(employments: Sequence[str], phase: str) -> bytes:
    rows = [f"{each};{phase};28-2-2027;fixed_term_not_renewed;ja;ja" for each in employments]
    return "\r\n".join(["dienstverband;fase;einddatum;reden;vacature;werknemer weet het", *rows]).encode()


def send(house: House, token: str, body: bytes, query: str, number: int) -> tuple[float, float, dict[str, Any]]:
    """Seconds by the clock, CPU seconds of this process, and the counts."""
    request = environ(("POST", f"/v1/contract-end-signal-imports{query}", body), token, number)
    request |= {"CONTENT_TYPE": "text/csv", "wsgi.input": io.BytesIO(body)}
    made = json.loads(ask(house.app.wsgi_app, request))["id"]
    settle()  # as the worker does
    began, cpu = time.perf_counter(), time.process_time()
    while True:
        with house.database.reading() as uow:
            due = RUNNER.due(uow, 10)
        if not due:
            break
        for each in due:
            with house.database.transaction() as uow:
                RUNNER.fire(uow, each)
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    look = environ(("GET", f"/v1/contract-end-signal-imports/{made}", None), token, number)
    found = json.loads(ask(house.app.wsgi_app, look))
    if found["status"] != "done" or found["counts"]["failed"]:
        raise RuntimeError(str(found))
    return seconds, cpu, {name: many for name, many in found["counts"].items() if many}


def one_by_one(house: House, token: str, employments: Sequence[str]) -> tuple[float, float]:
    calls = [
        environ(
            ("POST", "/v1/contract-end-signals", json.dumps({"employmentId": each, **_ONE}).encode()), token, 1000 + at
        )
        for at, each in enumerate(employments)
    ]
    began, cpu = time.perf_counter(), time.process_time()
    for call in calls:
        ask(house.app.wsgi_app, call)
    return time.perf_counter() - began, time.process_time() - cpu


_ONE = {
    "phase": "doubt",
    "expectedEndDate": "2027-02-28",
    "endReason": "fixed_term_not_renewed",
    "vacancyExpected": "yes",
    "employeeInformed": True,
}
PASSES = (
    ("tried", "twijfel", "?dryRun=true"),
    ("sent", "twijfel", ""),
    ("the same again", "twijfel", ""),
    ("each changed", "besloten", ""),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    options = parser.parse_args()
    table = Table("contract ends", "database", "rows", "CPU µs each", "wall µs each", "what came of it", "target")
    for kind in ("sqlite", "postgresql"):
        if options.only not in (None, kind):
            continue
        with tempfile.TemporaryDirectory() as folder:
            copies = Copies(kind, Path(folder), seed, options.rows + SINGLE)
            try:
                with copies.house() as house:
                    wall, cpu = one_by_one(house, copies.token, copies.ids[options.rows :])
                    table.add_row("one by one", kind, str(SINGLE), *_each(cpu, wall, SINGLE), "", "")
                    for number, (name, phase, query) in enumerate(PASSES):
                        body = file_of(copies.ids[: options.rows], phase)
                        wall, cpu, counts = send(house, copies.token, body, query, number)
                        target = f"below {TARGET}" if name == "sent" else ""
                        told = ", ".join(f"{many} {what}" for what, many in counts.items() if what != "read")
                        table.add_row(name, kind, str(options.rows), *_each(cpu, wall, options.rows), told, target)
                        house.clock.advance(seconds=5)
            finally:
                copies.close()
    Console(width=140).print(table)


def _each(cpu: float, wall: float, rows: int) -> tuple[str, str]:
    return f"{cpu / rows * 1e6:.0f}", f"{wall / rows * 1e6:.0f}"


if __name__ == "__main__":
    main()
