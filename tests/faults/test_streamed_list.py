"""The whole list as CSV over the shipped server: it leaves piece by piece, and a slow reader holds nothing."""

from __future__ import annotations

import csv
import io
import socket
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
import requests
from sqlalchemy import insert

from service.access.keys import SigningKeys
from service.access.tokens import issue
from service.config import Settings
from service.employers.models import Employment
from service.employers.rules import ContractType, JobcoachKind
from service.kernel.clock import system_clock
from service.kernel.ids import new_id
from tests.support.house import House, Party, SettableClock
from tests.support.made import employer_in, establishment_of
from tests.support.running import Running, environment, free_port, running

pytestmark = [pytest.mark.faults, pytest.mark.long]

MANY = 30_000


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(system_clock())


@pytest.fixture
def employer(house: House) -> Party:
    made = employer_in(house)
    employment = {
        "version": 1, "employer_id": made.id, "establishment_id": establishment_of(made), "person_id": None,
        "reference": None, "start_date": house.clock().date() - timedelta(days=9), "end_date": None,
        "contract_type": ContractType.PERMANENT, "hours_per_week": None, "job_title": None, "occupation_code": None,
        "jobcoach_kind": JobcoachKind.NONE, "created_at": house.clock(),
    }  # fmt: skip
    with house.database.transaction() as uow:
        rows = [employment | {"id": new_id(), "employee_number": f"P{number}"} for number in range(MANY)]
        uow.execute(insert(Employment), rows)
    return made


@pytest.fixture
def server(settings: Settings, employer: Party, tmp_path: Path) -> Iterator[tuple[Running, str]]:
    port = free_port()
    variables = environment(
        data_dir=settings.data_dir,
        database_url=settings.database_url,
        port=port,
        base_url=settings.base_url,
        threads=2,
        contact_list_open=True,
        contact_people_per_day=10**6,
    )
    with running("serve", tmp_path / "serve.log", variables) as process:
        url = f"http://127.0.0.1:{port}"
        process.wait_until_ready(url)
        yield process, url


@pytest.fixture
def headers(settings: Settings, employer: Party) -> dict[str, str]:
    token = issue(SigningKeys(settings.data_dir), settings, system_clock(), employer.client_id, {"contacts:read"})
    return {"Authorization": f"Bearer {token}", "Accept": "text/csv"}


def test_it_streams_whole_and_in_little_memory(server: tuple[Running, str], headers: dict[str, str]) -> None:
    process, url = server
    before = psutil.Process(process.pid).memory_info().rss
    with requests.get(f"{url}/v1/contacts", headers=headers, stream=True, timeout=60) as answer:
        assert answer.status_code == 200, answer.text
        assert answer.headers["Transfer-Encoding"] == "chunked"
        assert "Content-Length" not in answer.headers
        pieces = [piece for piece in answer.iter_content(None) if piece]
    assert len(pieces) > 10
    rows = list(csv.DictReader(io.StringIO(b"".join(pieces).decode(), newline=""), delimiter=";", strict=True))
    assert [row["employeeNumber"] for row in rows] == [f"P{number}" for number in range(MANY)]
    grown = psutil.Process(process.pid).memory_info().rss - before
    assert grown < 40_000_000, grown
    assert "Traceback" not in process.output


def test_who_reads_slowly_keeps_nobody_waiting(server: tuple[Running, str], headers: dict[str, str]) -> None:
    """More slow readers than threads: each has asked for everything and reads nothing."""
    process, url = server
    port = int(url.rpartition(":")[2])
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    slow = []
    try:
        for _ in range(4):
            client = socket.create_connection(("127.0.0.1", port), timeout=5)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            slow.append(client)
            client.sendall(f"GET /v1/contacts HTTP/1.1\r\nHost: 127.0.0.1\r\n{head}\r\n".encode())
            assert client.recv(100).startswith(b"HTTP/1.1 200")
        for _ in range(5):
            answer = requests.get(f"{url}/v1/contacts?limit=200", headers=headers | {"Accept": "*/*"}, timeout=20)
            assert answer.status_code == 200
    finally:
        for client in slow:
            with closing(client):
                pass
    assert requests.get(f"{url}/health/ready", timeout=20).text == "ok"
    assert "Traceback" not in process.output
