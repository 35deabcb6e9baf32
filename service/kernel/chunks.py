"""Long lists in pieces that a statement can take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")

AT_ONCE = 1000
"""How many values one statement names: each database and driver has a limit of its own, well above this."""


def chunks(values: Sequence[T], size: int = AT_ONCE) -> Iterator[Sequence[T]]:
    """`values` in pieces of at most `size`, in their order."""
    for start in range(0, len(values), size):
        yield values[start : start + size]
