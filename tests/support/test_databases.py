"""The databases of the tests: copies know nothing of each other, and nothing stays behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import OperationalError

from tests.support import databases

ROOT = Path(__file__).resolve().parents[2]
own_server = pytest.mark.skipif("TEST_DATABASE_URL" in os.environ, reason="the server is not ours")


def run(url: str, statement: str) -> list[tuple[object, ...]]:
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        result = connection.execute(text(statement))
        return [tuple(row) for row in result] if result.returns_rows else []


def migrate(url: str) -> None:
    if url.startswith("sqlite"):
        run(url, "PRAGMA journal_mode = WAL")
    run(url, "CREATE TABLE note (body text NOT NULL)")
    run(url, "INSERT INTO note VALUES ('from the template')")


def must_not_run(url: str) -> None:
    raise AssertionError("migrated twice")


@pytest.fixture
def template() -> str:
    return databases.create_template(databases.postgres_server(), "support", migrate)


@pytest.fixture
def postgres_clone(template: str) -> Iterator[Callable[[], str]]:
    made: list[str] = []

    def make() -> str:
        made.append(databases.clone(template))
        return made[-1]

    yield make
    for url in made:
        databases.drop(url)


@pytest.fixture
def sqlite_clone(tmp_path: Path) -> Callable[[], str]:
    template = databases.sqlite_template(migrate, "support")
    return lambda: databases.sqlite_clone(template, tmp_path)


@pytest.fixture(params=["postgres_clone", "sqlite_clone"])
def clone(request: pytest.FixtureRequest) -> Callable[[], str]:
    make: Callable[[], str] = request.getfixturevalue(request.param)
    return make


def test_a_clone_holds_what_the_template_holds(clone: Callable[[], str]) -> None:
    assert run(clone(), "SELECT body FROM note") == [("from the template",)]


def test_clones_know_nothing_of_each_other(clone: Callable[[], str]) -> None:
    one, other = clone(), clone()
    run(one, "INSERT INTO note VALUES ('mine')")
    run(other, "DELETE FROM note")
    assert run(one, "SELECT count(*) FROM note") == [(2,)]
    assert run(other, "SELECT count(*) FROM note") == [(0,)]
    assert run(clone(), "SELECT body FROM note") == [("from the template",)]


def test_a_template_is_migrated_once(template: str) -> None:
    assert databases.create_template(databases.postgres_server(), "support", must_not_run) == template
    databases.sqlite_template(migrate, "support")
    databases.sqlite_template(must_not_run, "support")


def test_nobody_can_change_a_template(template: str) -> None:
    with pytest.raises(OperationalError, match="not currently accepting connections"):
        run(template, "SELECT 1")


def test_a_failed_migration_leaves_no_template(template: str) -> None:
    def fail(url: str) -> None:
        run(url, "CREATE TABLE half (body text)")
        raise LookupError

    name = f"failing{os.getpid()}"
    with pytest.raises(LookupError):
        databases.create_template(databases.postgres_server(), name, fail)
    with pytest.raises(LookupError):
        databases.sqlite_template(fail, name)
    again = databases.create_template(databases.postgres_server(), name, migrate)
    url = databases.clone(again)
    assert run(url, "SELECT body FROM note") == [("from the template",)]
    databases.drop(url)
    databases.drop(again)


def test_a_dropped_database_is_gone_even_when_in_use(template: str) -> None:
    url = databases.clone(template)
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
        databases.drop(url)
        connection.invalidate()
    with pytest.raises(OperationalError, match="does not exist"):
        run(url, "SELECT 1")


def test_only_databases_of_this_run_are_dropped() -> None:
    with pytest.raises(ValueError, match="not a database of this run"):
        databases.drop(databases.postgres_server())


def test_an_sqlite_template_needs_closed_connections() -> None:
    engines = []

    def careless(url: str) -> None:
        migrate(url)
        engines.append(engine := create_engine(url).connect())
        engine.execute(text("SELECT body FROM note")).fetchone()

    with pytest.raises(RuntimeError, match="left a connection open"):
        databases.sqlite_template(careless, f"careless{os.getpid()}")
    for engine in engines:
        engine.close()
        engine.engine.dispose()


@own_server
def test_the_server_listens_on_a_socket_only() -> None:
    assert run(databases.postgres_server(), "SHOW listen_addresses") == [("",)]


@own_server
@pytest.mark.slow
@pytest.mark.faults
def test_a_durable_server_keeps_what_it_promised() -> None:
    with databases.private_server() as server:
        assert run(server.url, "SHOW fsync") == [("on",)]
        run(server.url, "CREATE TABLE promise (body text)")
        run(server.url, "INSERT INTO promise VALUES ('kept')")
        server.crash()
        with pytest.raises(OperationalError):
            run(server.url, "SELECT 1")
        server.start()
        assert run(server.url, "SELECT body FROM promise") == [("kept",)]
        server.stop()
        server.start()
        assert run(server.url, "SELECT body FROM promise") == [("kept",)]
    assert not server.directory.exists()


# What an interrupted run leaves


@pytest.fixture
def elsewhere() -> Iterator[Path]:
    """A directory for temporary files that other runs do not sweep."""
    directory = Path(tempfile.mkdtemp(prefix="sp-"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory)


def interrupted_run(elsewhere: Path, *, keeper: bool) -> Path:
    """A run that is killed while its server works; returns the server's data directory."""
    program = """
import os, signal, sys
from tests.support import databases
databases.postgres_server()
directory = databases.run_directory()
print(directory / "fast" / "data", flush=True)
if sys.argv[1] == "no keeper":
    os.kill(int((directory / "keeper").read_text()), signal.SIGKILL)
os.kill(os.getpid(), signal.SIGKILL)
"""
    environment = os.environ | {"TMPDIR": str(elsewhere), "PYTEST_XDIST_TESTRUNUID": f"interrupted {elsewhere}"}
    command = [sys.executable, "-c", program, "keeper" if keeper else "no keeper"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    return Path(done.stdout.strip())


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


@own_server
@pytest.mark.slow
def test_the_keeper_cleans_up_after_a_killed_run(elsewhere: Path) -> None:
    data = interrupted_run(elsewhere, keeper=True)
    wait_until(lambda: not data.parent.parent.exists())
    assert databases.postmaster(data) is None


@own_server
@pytest.mark.slow
def test_the_next_run_stops_a_server_that_was_left_behind(elsewhere: Path) -> None:
    data = interrupted_run(elsewhere, keeper=False)
    place = data.resolve()
    assert databases.postmaster(data) is not None

    def swept() -> bool:
        databases.sweep(data.parents[2])
        return databases.postmaster(data) is None

    wait_until(swept)  # a killed process may take a moment to let go of its lock
    assert not data.parent.parent.exists()
    assert not place.exists()


@own_server
def test_a_sweep_leaves_runs_in_progress_alone(template: str) -> None:
    databases.sweep(databases.base_directory())
    databases.drop(databases.clone(template))
