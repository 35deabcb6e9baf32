"""What a row of a file of contract ends comes to, beside what the same party reported before. Pure."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import NamedTuple

from service.signals.rules import SignalPhase


class Course(StrEnum):
    """BEGINS: a signal. JOINS: another party's. CHANGES: its own report. SAME: it says nothing new. OVER: it says what
    the party said of a case that is over for it, so an old file opens nothing again."""

    BEGINS = "begins"
    JOINS = "joins"
    CHANGES = "changes"
    SAME = "same"
    OVER = "over"


class Known(NamedTuple):
    """The party's own last report. `counts`: its signal is live, and it was not withdrawn; `same`: the row says nothing
    else; `in_live`: it stands in the signal that is live now."""

    counts: bool
    same: bool
    in_live: bool


def course_of(own: Known | None, *, taken: bool, seen: bool) -> Course:
    """`taken`: the employment has a live signal that this party's report would join; `seen`: and it sees that one.

    What the party cannot see changes nothing of how its row comes out: of a withdrawn report that others go on with as
    little as of one with which all was over.
    """
    if own is not None and own.counts:
        return Course.SAME if own.same else Course.CHANGES
    if own is not None and own.same and (own.in_live or not seen):
        return Course.OVER
    return Course.JOINS if taken else Course.BEGINS


def as_the_clock_left_it(phase: SignalPhase, end: date | None, stated: SignalPhase, today: date) -> SignalPhase:
    """The phase of a row about an end that was decided: once its last day is over, the clock has made it ended in the
    report, which a file that says decided still means."""
    over = phase is SignalPhase.DECIDED and stated is SignalPhase.ENDED and end is not None and end < today
    return SignalPhase.ENDED if over else phase
