"""The shipped server under slow clients, and how its parts stop and start again."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
import requests

from service.access.keys import ensure_keys
from service.schema import migrate
from tests.scenario.way_kit import Caller, token_by_secret
from tests.support import databases
from tests.support.running import Running, are_gone, environment, eventually, free_port, parts_of, running

pytestmark = [pytest.mark.faults, pytest.mark.long]

HALF_HEADER = b"GET /v1/me HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
HALF_BODY = (
    b"POST /oauth/token HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 5000\r\n\r\ngrant_type="
)


@pytest.fixture
def house(tmp_path: Path) -> dict[str, str]:
    """Settings of a house without data, with fewer threads than there are slow clients."""
    ensure_keys(tmp_path)
    url = databases.sqlite_clone(databases.sqlite_template(migrate), tmp_path)
    return environment(data_dir=tmp_path, database_url=url, port=free_port(), threads=4, worker_seconds=0.1)


@pytest.fixture
def server(house: dict[str, str], tmp_path: Path) -> Iterator[Running]:
    with running("serve", tmp_path / "serve.log", house) as process:
        process.wait_until_ready(address(house))
        yield process


def address(house: dict[str, str]) -> str:
    return f"http://127.0.0.1:{house['SERVICEPUNT_PORT']}"


def seconds_of_a_request(url: str) -> float:
    begin = time.monotonic()
    assert requests.get(f"{url}/health/ready", timeout=10).text == "ok"
    assert requests.get(f"{url}/v1/me", timeout=10).status_code == 401
    return time.monotonic() - begin


@pytest.mark.parametrize("half", [HALF_HEADER, HALF_BODY], ids=["headers", "bodies"])
@pytest.mark.usefixtures("server")
def test_fifty_slow_clients_keep_nobody_waiting(house: dict[str, str], half: bytes) -> None:
    with ExitStack() as stack:
        slow = []
        for _ in range(50):
            client = socket.create_connection(("127.0.0.1", int(house["SERVICEPUNT_PORT"])), timeout=5)
            slow.append(stack.enter_context(closing(client)))
            client.sendall(half)
        for _ in range(3):
            for client in slow:
                client.sendall(b"x")
            assert seconds_of_a_request(address(house)) < 2
        assert answered(slow) == []


def answered(clients: list[socket.socket]) -> list[bytes]:
    """What the server said already to those who have not finished speaking."""
    found = []
    for client in clients:
        client.setblocking(False)
        try:
            found.append(client.recv(100))
        except BlockingIOError:
            continue
    return found


def test_a_slow_client_who_finishes_is_answered(house: dict[str, str], server: Running) -> None:
    with closing(socket.create_connection(("127.0.0.1", int(house["SERVICEPUNT_PORT"])), timeout=10)) as client:
        for part in (b"GET /health/live HT", b"TP/1.1\r\nHo", b"st: 127.0.0.1\r\nConnection: close\r", b"\n\r\n"):
            client.sendall(part)
            assert seconds_of_a_request(address(house)) < 2
        assert client.recv(1000).startswith(b"HTTP/1.1 200")
    assert "Traceback" not in server.output


# --- Stopping ---------------------------------------------------------------------------------------------------


def test_a_signal_stops_server_and_worker(house: dict[str, str], server: Running, tmp_path: Path) -> None:
    with running("worker", tmp_path / "worker.log", house) as worker:
        eventually(lambda: "worker started" in worker.output, "the worker works")
        with closing(socket.create_connection(("127.0.0.1", int(house["SERVICEPUNT_PORT"])), timeout=5)) as slow:
            slow.sendall(HALF_BODY)
            assert seconds_of_a_request(address(house)) < 2
            assert server.stop(signal.SIGTERM) == 0
        assert worker.stop(signal.SIGTERM) == 0
        for process in (server, worker):
            assert "Traceback" not in process.output
        assert "worker stopped" in worker.output


# --- The demo ---------------------------------------------------------------------------------------------------


def start_demo(stack: ExitStack, folder: Path, log: str) -> tuple[Running, str]:
    port = free_port()
    variables = environment(data_dir=folder / "var") | {"PORT": str(port)}
    process = stack.enter_context(running("run", folder / log, variables))
    url = f"http://127.0.0.1:{port}"
    process.wait_until_ready(url)
    eventually(lambda: "Servicepunt draait" in process.output, "it says that it runs")
    return process, url


def stop_demo(process: Running, by: signal.Signals) -> None:
    parts = parts_of(process)
    assert len(parts) == 2
    try:
        assert process.stop(by, group=True) == 0
        assert are_gone(parts)
    finally:
        for part in parts:
            if not are_gone([part]):
                part.terminate()
    assert "Traceback" not in process.output
    assert "Gestopt." in process.output


def test_ctrl_c_and_a_closed_terminal_stop_everything_and_the_data_stay(tmp_path: Path) -> None:
    new = {"reference": "kept", "startDate": "2026-01-01", "contractType": "permanent"}
    with ExitStack() as stack:
        process, url = start_demo(stack, tmp_path, "first.log")
        employer = Caller(url, "demo-employer", token_by_secret(url, "demo-employer"))
        with closing(employer.web):
            known = employer.the_one("/employments", reference="example-disclosed")
            made = employer.post("/employments", new | {"establishmentId": known["establishmentId"]})
        stop_demo(process, signal.SIGINT)

        process, url = start_demo(stack, tmp_path, "second.log")
        employer = Caller(url, "demo-employer", token_by_secret(url, "demo-employer"))
        with closing(employer.web):
            assert employer.the_one("/employments", reference="kept") == made
            assert employer.the_one("/employments", reference="example-disclosed") == known
        with_nohup = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        stop_demo(process, signal.SIGTERM if with_nohup else signal.SIGHUP)
