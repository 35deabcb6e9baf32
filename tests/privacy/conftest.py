"""A world with an employee whom UWV knows behind the employer's back, and one whom it does not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.privacy_world import PrivacyWorld
from tests.support.house import House


@pytest.fixture
def world(house: House) -> Iterator[PrivacyWorld]:
    made = PrivacyWorld(house)
    yield made
    made.worker.close()
