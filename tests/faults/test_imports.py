"""Imports with the parts as they are shipped: a worker that is killed in the middle, and files that come in large."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests
from sqlalchemy import func, select, update

from service.contacts.models import Assignment
from service.delivery.models import Event
from service.kernel.imports import runner
from service.kernel.imports.models import ImportJob, ImportSeen, UploadPiece
from service.kernel.imports.reading import CSV
from service.people.models import Person
from tests.contacts.imports_kit import Caseload, as_csv, bsns
from tests.support.house import House, SettableClock, settings_for
from tests.support.running import Running, environment, eventually, free_port, running

pytestmark = [pytest.mark.faults, pytest.mark.long]

ROWS = 8_000
BYTES = 3_000_000


@pytest.fixture
def clock() -> SettableClock:
    """The processes have their own, and it is now."""
    return SettableClock(datetime.now(UTC))


@pytest.fixture
def made(tmp_path: Path, database_url: str, clock: SettableClock) -> Iterator[Caseload]:
    found = Caseload(House(settings_for(tmp_path, database_url, token_seconds=3600), clock))
    yield found
    found.close()
    found.house.close()


@pytest.fixture
def variables(tmp_path: Path, database_url: str) -> dict[str, str]:
    return environment(
        data_dir=tmp_path,
        database_url=database_url,
        base_url="http://127.0.0.1:8000",
        port=free_port(),
        threads=4,
        worker_seconds=0.05,
        import_max_bytes=BYTES,
    )


def caseload_of(count: int) -> bytes:
    staff = ("noor", "bo", "kim")
    return as_csv(
        [
            {"bsn": bsn, "naam": f"Client {at}", "ad": f"{staff[at % 3]}@uwv.example", "vanaf": "2026-01-05"}
            for at, bsn in enumerate(bsns(count))
        ]
    )


def state(house: House, job_id: str) -> tuple[str, int]:
    with house.database.reading() as uow:
        job = uow.session.get_one(ImportJob, job_id)
        return job.status.value, job.rows_read


def count(house: House, table: Any) -> int:
    with house.database.reading() as uow:
        return uow.session.scalar(select(func.count()).select_from(table)) or 0


def test_a_worker_that_is_killed_leaves_nothing_half_done(
    made: Caseload, variables: dict[str, str], tmp_path: Path
) -> None:
    house = made.house
    job_id = made.send(caseload_of(ROWS)).get_json()["id"]
    with running("worker", tmp_path / "first.log", variables) as first:
        eventually(lambda: state(house, job_id)[1] >= 2 * runner.PIECE_ROWS, "two pieces", 120)
        first.process.send_signal(signal.SIGKILL)
        first.process.wait(20)
    status, reached = state(house, job_id)
    assert (status, reached % runner.PIECE_ROWS) == ("running", 0)
    assert 0 < reached < ROWS
    # What is there is exactly what the cursor says.
    assert count(house, Assignment) == count(house, Person) == count(house, ImportSeen) == reached
    with house.database.reading() as uow:
        assert uow.session.get_one(ImportJob, job_id).holder is not None
    with house.database.transaction() as uow:  # its lease passes
        past = datetime.now(UTC) - timedelta(seconds=1)
        uow.execute(update(ImportJob).where(ImportJob.id == job_id).values(leased_until=past))
    with running("worker", tmp_path / "second.log", variables) as second:
        eventually(lambda: state(house, job_id)[0] == "done", "the rest", 180)
        assert second.stop() == 0
    answer = made.uwv.get(f"/assignment-imports/{job_id}").get_json()
    assert (answer["counts"]["read"], answer["counts"]["created"]) == (ROWS, ROWS)
    assert count(house, Assignment) == count(house, Person) == ROWS
    assert count(house, ImportSeen) == count(house, UploadPiece) == 0
    again = made.done(caseload_of(ROWS))
    assert again["counts"]["unchanged"] == ROWS
    assert count(house, Event) == 0


def test_what_fails_again_and_again_is_given_up_and_told(made: Caseload, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of ours in the second piece: the first stays, and the next file is not kept waiting for ever."""
    house, rows = made.house, caseload_of(1_500)
    from service.contacts.imports import operations
    from service.contacts.imports.part import RUNNER

    really = operations._write

    def broken(uow: Any, job: ImportJob, *more: Any) -> None:
        if job.rows_read:
            raise RuntimeError("a fault of ours")
        really(uow, job, *more)

    monkeypatch.setattr(operations, "_write", broken)
    job_id = made.send(rows).get_json()["id"]
    for _ in range(runner.MAX_FAILURES + 2):
        with house.database.reading() as uow:
            ids = RUNNER.due(uow, 10)
        for each in ids:
            try:
                with house.database.transaction() as uow:
                    RUNNER.fire(uow, each)
            except RuntimeError:
                continue
    answer = made.uwv.get(f"/assignment-imports/{job_id}").get_json()
    assert (answer["status"], answer["problem"]["code"]) == ("failed", "internal-error")
    assert answer["counts"]["read"] == count(house, Assignment) == 1_000
    monkeypatch.undo()
    assert made.done(rows)["counts"] | {"changed": 0} == answer["counts"] | {
        "read": 1_500,
        "created": 500,
        "unchanged": 1_000,
    }


def test_two_workers_share_the_work_and_do_no_row_twice(
    made: Caseload, variables: dict[str, str], tmp_path: Path
) -> None:
    house, uwv = made.house, made.uwv
    body = caseload_of(3_000)
    jobs = [made.send(body).get_json()["id"] for _ in range(2)]
    with running("worker", tmp_path / "a.log", variables), running("worker", tmp_path / "b.log", variables):
        eventually(lambda: all(state(house, each)[0] == "done" for each in jobs), "both files", 180)
    first, second = (uwv.get(f"/assignment-imports/{each}").get_json()["counts"] for each in jobs)
    assert (first["created"], second["unchanged"]) == (3_000, 3_000)
    assert count(house, Assignment) == 3_000


def upload(url: str, made: Caseload, body: Any, **headers: str) -> requests.Response:
    return requests.post(
        f"{url}/v1/assignment-imports",
        data=body,
        headers={**made.uwv.headers, "Content-Type": CSV, **headers},
        timeout=60,
    )


@pytest.fixture
def server(variables: dict[str, str], made: Caseload, tmp_path: Path) -> Iterator[Running]:
    assert made.house.settings.database_url
    with running("serve", tmp_path / "serve.log", variables) as process:
        process.wait_until_ready(f"http://127.0.0.1:{variables['SERVICEPUNT_PORT']}")
        yield process


def test_the_limit_of_a_file(server: Running, made: Caseload, variables: dict[str, str]) -> None:
    url = f"http://127.0.0.1:{variables['SERVICEPUNT_PORT']}"
    heading = b"bsn;ad\r\n"
    fitting = heading + b"x" * (BYTES - len(heading))
    assert upload(url, made, fitting).status_code == 202
    for body in (fitting + b"x", iter([fitting, b"x"])):  # by its length, and in pieces of an unknown length
        refused = upload(url, made, body)
        assert (refused.status_code, refused.headers["Content-Type"]) == (413, "application/problem+json")
        assert refused.json()["type"].endswith("#too-large")
        assert "3 MB" in refused.json()["detail"]
    assert upload(url, made, iter([heading, b"x;y\r\n"])).status_code == 202
    with made.house.database.reading() as uow:
        kept = set(uow.session.scalars(select(UploadPiece.upload_id)))
    assert len(kept) == 2
    memory = psutil.Process(server.pid).memory_info().rss
    for _ in range(4):
        assert upload(url, made, fitting).status_code == 202
    assert psutil.Process(server.pid).memory_info().rss - memory < 2 * BYTES
    assert "Traceback" not in server.output
