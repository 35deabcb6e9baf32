"""The table of moves decides, and nothing else."""

from __future__ import annotations

from enum import StrEnum

import pytest

from service.kernel.state import ForbiddenMove, Move, StateMachine


class Door(StrEnum):
    OPEN = "open"
    SHUT = "shut"
    LOCKED = "locked"


PORTER = frozenset({"porter"})
ANYBODY = frozenset({"porter", "guest"})
DOOR = StateMachine(
    "door",
    [
        Move(Door.OPEN, Door.SHUT, ANYBODY, ("draught ends",)),
        Move(Door.SHUT, Door.OPEN, ANYBODY),
        Move(Door.SHUT, Door.LOCKED, PORTER),
    ],
)


def test_a_move_of_the_table() -> None:
    assert DOOR.move(Door.OPEN, Door.SHUT, "guest").causes == ("draught ends",)
    assert DOOR.allowed(Door.SHUT, "porter") == (Door.OPEN, Door.LOCKED)
    assert DOOR.allowed(Door.SHUT, "guest") == (Door.OPEN,)


@pytest.mark.parametrize(
    ("source", "target", "who", "allowed"),
    [
        (Door.SHUT, Door.LOCKED, "guest", (Door.OPEN,)),
        (Door.LOCKED, Door.OPEN, "porter", ()),
        (Door.OPEN, Door.LOCKED, "porter", (Door.SHUT,)),
    ],
)
def test_any_other_is_forbidden_and_says_what_is_not(
    source: Door, target: Door, who: str, allowed: tuple[Door, ...]
) -> None:
    with pytest.raises(ForbiddenMove) as refusal:
        DOOR.move(source, target, who)
    assert refusal.value.allowed == allowed


def test_final_states() -> None:
    assert [state for state in Door if DOOR.is_final(state)] == [Door.LOCKED]


def test_a_table_that_says_two_things_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        StateMachine("door", [Move(Door.OPEN, Door.SHUT, PORTER), Move(Door.OPEN, Door.SHUT, ANYBODY)])
