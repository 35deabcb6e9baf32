from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.house import House, SettableClock, settings_for
from tests.vacancies.sharing_kit import SharedList


@pytest.fixture
def shared(tmp_path: Path, database_url: str, clock: SettableClock) -> Iterator[SharedList]:
    """The shared list in a house where tokens live long: its clock is moved by weeks."""
    house = House(settings_for(tmp_path, database_url, token_seconds=10**8), clock)
    yield SharedList(house)
    house.close()
