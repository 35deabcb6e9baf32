"""The world of the privacy tests, with a team, WSP and pool that work in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.house import House
from tests.worklists.worklists_world import WorklistsWorld


@pytest.fixture
def world(house: House) -> Iterator[WorklistsWorld]:
    made = WorklistsWorld(house)
    yield made
    made.worker.close()
