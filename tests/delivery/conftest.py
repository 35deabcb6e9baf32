"""A database of each kind, with the tables of this room and of those below it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.access import models as access_models
from service.delivery import models as delivery_models
from service.kernel import idempotency
from service.kernel.database import Base, Database, make_engine
from tests.delivery.delivery_kit import MovingClock, Receiver, a_receiver, make_settings, make_vault
from tests.support import databases

_MODULES = {module.__name__ for module in (access_models, delivery_models, idempotency)}


def _create(url: str) -> None:
    tables = [mapper.local_table for mapper in Base.registry.mappers if mapper.class_.__module__ in _MODULES]
    engine = make_engine(url)
    Base.metadata.create_all(engine, tables=tables)  # type: ignore[arg-type]
    engine.dispose()


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield databases.sqlite_clone(databases.sqlite_template(_create, "delivery"), tmp_path)
        return
    url = databases.clone(databases.create_template(databases.postgres_server(), "delivery", _create))
    yield url
    databases.drop(url)


@pytest.fixture
def database(url: str, clock: MovingClock) -> Iterator[Database]:
    found = Database(url, clock=clock, settings=make_settings(), vault=make_vault())
    yield found
    found.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with a_receiver() as found:
        yield found
