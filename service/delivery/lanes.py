"""Work that goes over the network: taken in one transaction, done in a thread outside any, marked in another.

A lane belongs to one worker. The worker calls `step` again and again; threads only send, all else is done by whoever
calls. What was taken carries a fence, so that a worker that slept through its lease cannot mark what another has taken.
"""

from __future__ import annotations

import queue
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, TypeVar

import structlog
from sqlalchemy import ColumnElement, and_, bindparam, or_, update
from sqlalchemy.exc import SQLAlchemyError

from service.delivery.models import Claimed
from service.kernel.database import Database, UnitOfWork, UtcDateTime

R = TypeVar("R")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Job(Generic[R]):
    """One piece of work in hand. `key` is whose turn it takes; `attempts` how often it was tried before."""

    id: str
    key: str
    fence: int
    attempts: int
    work: Callable[[], R]


class Lane(ABC, Generic[R]):
    def __init__(self, database: Database, name: str, threads: int) -> None:
        self.database = database
        self.name = name
        self.threads = threads
        self.under_way: Counter[str] = Counter()
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._done: queue.SimpleQueue[tuple[Job[R], R | Exception]] = queue.SimpleQueue()
        self._unmarked: list[tuple[Job[R], R | Exception]] = []

    @abstractmethod
    def claim(self, free: int) -> tuple[list[Job[R]], int]:
        """Takes at most `free` pieces of work, and says how many others it dealt with at once."""

    @abstractmethod
    def mark(self, uow: UnitOfWork, job: Job[R], result: R | Exception) -> None:
        """Writes down what came of it; an exception is a fault of ours."""

    def mark_all(self, uow: UnitOfWork, done: Sequence[tuple[Job[R], R | Exception]]) -> None:
        for job, result in done:
            self.mark(uow, job, result)

    def step(self) -> int:
        """Marks what is done, takes what is due. Returns how much there was to do."""
        marked = self._mark()
        free = self.threads - self.under_way.total()
        if free <= 0:
            return marked
        jobs, others = self.claim(free)
        for job in jobs:
            self.under_way[job.key] += 1
            self._executor.submit(self._run, job)
        return marked + len(jobs) + others

    @property
    def is_busy(self) -> bool:
        return bool(self._unmarked) or self.under_way.total() > 0

    def wait(self, seconds: float) -> None:
        """Until something is done, or the time is over."""
        try:
            self._collect(self._done.get(timeout=seconds))
        except queue.Empty:
            return

    def close(self, seconds: float) -> None:
        """Lets what is under way end, and marks it. What has not ended in time falls to whoever comes next."""
        end = time.monotonic() + seconds
        try:
            while self.is_busy and (left := end - time.monotonic()) > 0:
                if self.under_way.total() > 0:
                    self.wait(left)
                self._mark()
        except SQLAlchemyError as error:
            log.warning("left unmarked", lane=self.name, error=type(error).__name__)
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _run(self, job: Job[R]) -> None:
        try:
            result: R | Exception = job.work()
        except Exception as error:
            result = error
        self._done.put((job, result))

    def _collect(self, done: tuple[Job[R], R | Exception]) -> None:
        self.under_way[done[0].key] -= 1
        if not self.under_way[done[0].key]:
            del self.under_way[done[0].key]
        self._unmarked.append(done)

    def _mark(self) -> int:
        while not self._done.empty():
            self._collect(self._done.get())
        if not self._unmarked:
            return 0
        # Kept until the commit: when the database is away, they are marked once it is back.
        with self.database.transaction() as uow:
            self.mark_all(uow, self._unmarked)
        count = len(self._unmarked)
        self._unmarked.clear()
        return count


def due(work: type[Claimed], status: ColumnElement[bool]) -> ColumnElement[bool]:
    """Work in this status whose time has come and that nobody holds, at the moment that is bound as `now`."""
    now = bindparam("now", type_=UtcDateTime())
    return and_(status, work.due_at <= now, or_(work.leased_until.is_(None), work.leased_until <= now))


def lease(uow: UnitOfWork, work: type[Any], ids: Sequence[str], hold: timedelta) -> None:
    """Holds these rows, which the caller has locked."""
    uow.execute(update(work).where(work.id.in_(ids)).values(leased_until=uow.now + hold, fence=work.fence + 1))


def finish(
    uow: UnitOfWork, work: type[Any], job: Job[Any], status: ColumnElement[bool], values: dict[str, Any]
) -> bool:
    """Writes what came of a job and lets go of it; False when it is no longer ours to say."""
    done = update(work).where(work.id == job.id, work.fence == job.fence, status)
    return bool(uow.execute(done.values(leased_until=None, **values)).rowcount)
