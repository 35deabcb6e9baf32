"""A database with the tables of the house, and the world in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.config import Settings
from service.kernel.crypto import Vault
from service.kernel.database import Base, Database
from service.signals import models  # noqa: F401 - its tables
from tests.contacts.contacts_world import TestClock
from tests.signals.signals_world import SignalsWorld


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture
def database(tmp_path: Path, clock: TestClock) -> Iterator[Database]:
    found = Database(
        f"sqlite:///{tmp_path / 'test.db'}", clock=clock, settings=Settings(), vault=Vault({"k1": bytes(32)})
    )
    Base.metadata.create_all(found.engine)
    yield found
    found.close()


@pytest.fixture
def world(database: Database, clock: TestClock) -> SignalsWorld:
    return SignalsWorld(database, clock)
