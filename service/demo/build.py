"""What the steps share: a database whose clock they set, the dice, and what was made so far."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from service.access.actor import Actor
from service.access.operations import load_actor
from service.config import Settings
from service.demo.names import Numbers
from service.kernel.crypto import Vault
from service.kernel.database import Database, UnitOfWork

REGION = "AM01"
"""The region in which the demo plays: Groningen."""


@dataclass
class Made:
    """Ids of what later steps build on."""

    parties: dict[str, str] = field(default_factory=dict)
    employers: list[str] = field(default_factory=list)
    establishments: dict[str, list[str]] = field(default_factory=dict)
    caseworkers: list[str] = field(default_factory=list)
    teams: list[str] = field(default_factory=list)


class Build:
    """`now` is the moment at which things happen; the steps move it forward, up to `present`."""

    def __init__(
        self, settings: Settings, vault: Vault, dice: random.Random, size: float, now: datetime, present: datetime
    ) -> None:
        self.dice = dice
        self.size = size
        self.now = now
        self.present = present
        self.numbers = Numbers(dice)
        self.made = Made()
        self.database = Database(settings.database, clock=lambda: self.now, settings=settings, vault=vault, pool_size=2)

    def count(self, at_size_one: int) -> int:
        """How many, at this size; at least one."""
        return max(1, round(at_size_one * self.size))

    @contextmanager
    def work(self) -> Iterator[UnitOfWork]:
        with self.database.transaction() as uow:
            yield uow

    def actor(self, uow: UnitOfWork, client_id: str) -> Actor:
        """The demo client: what it does here it could do over HTTP."""
        actor = load_actor(uow, client_id, frozenset())
        if actor is None:
            raise LookupError(client_id)
        return actor
