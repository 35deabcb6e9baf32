"""The world in a database: both kinds, from the shared fixtures."""

from __future__ import annotations

import pytest

from service.kernel.database import Database
from tests.contacts.contacts_world import TestClock
from tests.signals.signals_world import SignalsWorld


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture
def world(database: Database, clock: TestClock) -> SignalsWorld:
    return SignalsWorld(database, clock)
