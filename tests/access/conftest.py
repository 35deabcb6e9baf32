"""The small house of this room, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.schema import migrate
from tests.access.access_helpers import House, build_house
from tests.support import databases


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[House]:
    """One's own, for a test that changes something in it or moves its clock."""
    built = build_house(tmp_path, database_url)
    yield built
    built.database.close()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def one_house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One for the whole file, for tests that leave nothing behind: made once, since most of them are refusals."""
    folder = tmp_path_factory.mktemp("house")
    if request.param == "sqlite":
        url = databases.sqlite_clone(databases.sqlite_template(migrate), folder)
    else:
        url = databases.clone(databases.create_template(databases.postgres_server(), "main", migrate))
    built = build_house(folder, url)
    yield built
    built.database.close()
    if request.param == "postgresql":
        databases.drop(url)
