"""State machines as tables: from, to, who may set it, what it causes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

S = TypeVar("S", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Move(Generic[S]):
    """One row of the table. `who` names the roles that may set it; `causes` names what follows."""

    source: S
    target: S
    who: frozenset[str]
    causes: tuple[str, ...] = ()


class ForbiddenMove(Exception):
    """The table has no such move for this role; `allowed` are the targets that it does have."""

    def __init__(self, source: StrEnum, target: StrEnum, allowed: tuple[StrEnum, ...]) -> None:
        super().__init__(f"{source} -> {target}")
        self.source = source
        self.target = target
        self.allowed = allowed


class StateMachine(Generic[S]):
    """A table of moves, at most one for each (source, target).

    >>> machine = StateMachine("door", [Move(Door.OPEN, Door.SHUT, frozenset({"porter"}))])
    >>> machine.move(Door.OPEN, Door.SHUT, "porter").causes
    ()
    """

    def __init__(self, name: str, moves: Iterable[Move[S]]) -> None:
        self.name = name
        self.moves = tuple(moves)
        self._table = {(m.source, m.target): m for m in self.moves}
        if len(self._table) != len(self.moves):
            raise ValueError(f"{name}: a move stands in the table twice")

    def allowed(self, source: S, role: str) -> tuple[S, ...]:
        """The targets that `role` may set from `source`, in the order of the table."""
        return tuple(m.target for m in self.moves if m.source == source and role in m.who)

    def move(self, source: S, target: S, role: str) -> Move[S]:
        """The row for this move. Raises ForbiddenMove where there is none for this role."""
        found = self._table.get((source, target))
        if found is None or role not in found.who:
            raise ForbiddenMove(source, target, self.allowed(source, role))
        return found

    def is_final(self, state: S) -> bool:
        return all(m.source != state for m in self.moves)
