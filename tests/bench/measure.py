"""Ours and the floor in turn, in one process, in many short rounds: the machine's moods hit both alike."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Ratio:
    """CPU microseconds of this process per call, and ours / floor round by round (median, and the middle half)."""

    ours: float
    floor: float
    ratio: float
    low: float
    high: float


def compare(ours: Work, floor: Work, *, rounds: int, calls: int) -> Ratio:
    """Runs both `rounds` times `calls` times, in turn; the first of a round changes every round."""
    for _ in range(calls):
        ours()
        floor()
    pairs = []
    gc.collect()
    for number in range(rounds):
        if number % 2:
            first, second = cpu(ours, calls), cpu(floor, calls)
        else:
            second, first = cpu(floor, calls), cpu(ours, calls)
        pairs.append((first, second))
    ratios = [first / second for first, second in pairs]
    low, _, high = statistics.quantiles(ratios, n=4)
    return Ratio(
        ours=statistics.median(first for first, _ in pairs),
        floor=statistics.median(second for _, second in pairs),
        ratio=statistics.median(ratios),
        low=low,
        high=high,
    )


def cpu(work: Work, calls: int) -> float:
    """CPU microseconds of this process per call."""
    began = time.process_time()
    for _ in range(calls):
        work()
    return (time.process_time() - began) / calls * 1e6
