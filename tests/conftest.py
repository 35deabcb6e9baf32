"""Fixtures for all tests. Whatever touches a database runs on SQLite and on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.config import Settings
from service.kernel.database import Database
from service.schema import migrate
from tests.support import databases
from tests.support.house import House, SettableClock, database_for, settings_for


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated, empty database of one's own."""
    if request.param == "sqlite":
        yield databases.sqlite_clone(databases.sqlite_template(migrate), tmp_path)
        return
    url = databases.clone(databases.create_template(databases.postgres_server(), "main", migrate))
    yield url
    databases.drop(url)


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return settings_for(tmp_path, database_url)


@pytest.fixture
def database(settings: Settings, clock: SettableClock) -> Iterator[Database]:
    opened = database_for(settings, clock)
    yield opened
    opened.close()


@pytest.fixture
def house(settings: Settings, clock: SettableClock) -> Iterator[House]:
    """The web application, called in the process."""
    built = House(settings, clock)
    yield built
    built.close()
