"""What there is to say of a file as a whole, and a way to count for it: a file passes a thousand rows at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from service.kernel.imports.models import ImportJob
from service.kernel.text import Text

MAX_TALLIED: Final = 1_000
MAX_REMARKS: Final = 20


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about the file as a whole, and how many rows it is about. It holds no data of a person."""

    code: str
    text: Text
    count: int


def tally(job: ImportJob, name: str, values: Iterable[str]) -> None:
    """Counts values under a name, until the file is done. They are not sealed meanwhile: nothing of one person.

    Of more than a thousand different ones the rarest are dropped: a count may be too low then, never too high.
    """
    counts = tallied(job, name)
    counts.update(values)
    job.tally = (job.tally or {}) | {name: dict(counts.most_common(MAX_TALLIED))}


def tallied(job: ImportJob, name: str) -> Counter[str]:
    """What was counted under a name so far."""
    return Counter((job.tally or {}).get(name, {}))


def as_stored(remark: Remark) -> dict[str, Any]:
    """As a job keeps it."""
    return {"code": remark.code, "text": list(remark.text), "count": remark.count}
