"""Migrations give the schema that the models describe, once, for everybody who starts at the same time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from service import rooms
from service.kernel.database import Base, make_engine
from service.schema import NewerSchema, head, migrate
from tests.support import databases


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with nothing in it."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    url = databases.clone(databases.create_template(databases.postgres_server(), "empty", lambda _: None))
    yield url
    databases.drop(url)


def tables(url: str) -> set[str]:
    engine = make_engine(url, pool_size=1)
    try:
        return set(inspect(engine).get_table_names())
    finally:
        engine.dispose()


def test_the_migrations_make_what_the_models_say(database_url: str) -> None:
    assert rooms.ROOMS
    engine = make_engine(database_url, pool_size=1)
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    engine.dispose()
    assert differences == []


def test_migrating_again_changes_nothing(empty_url: str) -> None:
    assert migrate(empty_url) == head()
    made = tables(empty_url)
    assert migrate(empty_url) == head()
    assert tables(empty_url) == made >= {"person", "employment", "contract_end_signal", "vacancy", "proposal"}


def test_many_at_once_migrate_once(empty_url: str) -> None:
    outcomes: list[str] = []

    def start() -> None:
        outcomes.append(migrate(empty_url))

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == [head()] * 4


def test_a_migration_that_fails_leaves_nothing(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from alembic.operations import Operations

    made = []
    create = Operations.create_table

    def fail_later(self: Operations, name: str, *columns: object, **more: object) -> object:
        made.append(name)
        if len(made) == 10:
            raise RuntimeError("cut off")
        return create(self, name, *columns, **more)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(Operations, "create_table", fail_later)
        with pytest.raises(RuntimeError, match="cut off"):
            migrate(empty_url)
    assert tables(empty_url) == set()
    assert migrate(empty_url) == head()


def test_a_newer_schema_is_refused(empty_url: str) -> None:
    migrate(empty_url)
    engine = make_engine(empty_url, pool_size=1)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(NewerSchema, match="9999"):
        migrate(empty_url)
