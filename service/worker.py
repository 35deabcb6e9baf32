"""The work in the background: giving events their positions, telling the rooms, calling webhooks, sending mails, firing
what falls due by the clock, forgetting what is over its term.

One loop does all of it in small pieces; only sending happens in threads. Any number of workers may run: they share the
work by row locks. A piece that fails is logged and tried again later, and stops no other.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog

from service.config import Settings
from service.delivery import consumers, measures, sequencer
from service.delivery.deliveries import Deliveries
from service.delivery.lanes import Lane
from service.delivery.mail import SMTP_SECONDS, Mails, Renderer
from service.delivery.sender import Sender
from service.delivery.webhooks import Handshakes
from service.kernel import idempotency
from service.kernel.database import Database
from service.kernel.room import Room, Timer

BATCH = 500
CONSUMER_BATCH = 20
TIMER_BATCH = 50
PURGE_EVERY = timedelta(hours=1)
MEASURE_EVERY = timedelta(seconds=15)
PURGE_ROUNDS = 100
LONGEST_PAUSE = 5.0
LONGEST_ROW_PAUSE = 300.0
LONGEST_SLEEP = 0.5
_MOST_ROUNDS = 100_000

log = structlog.get_logger(__name__)


class Patience:
    """What failed waits, longer each time, up to `longest` seconds. In memory: a worker that starts anew may try."""

    def __init__(self, longest: float) -> None:
        self.longest = longest
        self._waiting: dict[Hashable, tuple[int, float]] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def has(self, what: Hashable) -> bool:
        """Whether `what` may be tried now."""
        return self._waiting.get(what, (0, 0.0))[1] <= time.monotonic()

    def failed(self, what: Hashable) -> None:
        now = time.monotonic()
        attempts = min(self._waiting.get(what, (0, 0.0))[0] + 1, 20)
        # What nobody came back for is no longer due.
        self._waiting = {key: entry for key, entry in self._waiting.items() if entry[1] > now - 2 * self.longest}
        self._waiting[what] = (attempts, now + min(0.25 * 2**attempts, self.longest))

    def went_well(self, what: Hashable) -> None:
        self._waiting.pop(what, None)


class Worker:
    """`stop` ends `run`, after what is under way. `rooms` bring consumers, timers, mails and terms."""

    def __init__(self, database: Database, rooms: Iterable[Room], settings: Settings, stop: threading.Event) -> None:
        self.database = database
        self.settings = settings
        self.stop = stop
        self.rooms = tuple(rooms)
        self.consumers = tuple(consumer for room in self.rooms for consumer in room.consumers)
        self.timers = tuple(timer for room in self.rooms for timer in room.timers)
        for names in ([each.name for each in self.consumers], [each.name for each in self.timers]):
            if len(set(names)) != len(names):
                raise ValueError(f"a name stands twice among {sorted(names)}")
        sender = Sender.from_settings(settings)
        self.handshakes = Handshakes(database, sender)
        self.deliveries = Deliveries(database, sender)
        self.mails = Mails(database, _renderers(self.rooms))
        self.lanes: tuple[Lane[Any], ...] = (self.handshakes, self.deliveries, self.mails)
        self._patience = Patience(LONGEST_PAUSE)
        self._rows = {timer.name: Patience(LONGEST_ROW_PAUSE) for timer in self.timers}
        self._next_purge: datetime | None = None
        self._next_measure: datetime | None = None

    def run(self) -> None:
        """Works until `stop` is set."""
        log.info("worker started", consumers=len(self.consumers), timers=len(self.timers))
        try:
            while not self.stop.is_set():
                if not self.round():
                    self._rest()
        finally:
            self.close()
            log.info("worker stopped")

    def run_until_idle(self) -> Counter[str]:
        """Does all that is due now, and says how much of what. For tests and commands."""
        counts: Counter[str] = Counter()
        for _ in range(_MOST_ROUNDS):
            done = self.round()
            counts += done
            busy = [lane for lane in self.lanes if lane.is_busy]
            if busy:
                busy[0].wait(0.05)
            elif not done:
                return counts
        raise RuntimeError(f"there is no end of work: {counts}")

    def round(self) -> Counter[str]:
        """One look at everything. Empty when there was nothing to do."""
        counts: Counter[str] = Counter()
        for name, piece in (
            ("sequenced", self._sequence),
            ("consumed", self._consume),
            ("handshakes", self.handshakes.step),
            ("deliveries", self.deliveries.step),
            ("mails", self.mails.step),
            ("timers", self._fire),
            ("purged", self._purge),
        ):
            counts[name] += self._try(name, piece)
        if self.settings.worker_metrics_port:
            self._try("measured", self._measure)
        return +counts

    def close(self) -> None:
        """Lets what is being sent end, and marks it."""
        end = time.monotonic() + max(self.settings.webhook_seconds, SMTP_SECONDS) + 5
        for lane in self.lanes:
            lane.close(max(end - time.monotonic(), 0.1))

    def _rest(self) -> None:
        """Until there may be work again. Answers of receivers wake us."""
        seconds = min(self.settings.worker_seconds, LONGEST_SLEEP)
        if self.deliveries.is_busy:
            self.deliveries.wait(seconds)
        else:
            self.stop.wait(seconds)

    def _try(self, what: str, piece: Callable[[], int], patience: Patience | None = None, row_id: str = "") -> int:
        """The outcome of a piece of work, or 0 when it failed or waits because it did."""
        if patience is None:
            patience = self._patience
        key = (what, row_id)
        if not patience.has(key):
            return 0
        try:
            count = piece()
        except Exception as error:
            patience.failed(key)
            log.error("work failed", what=what, row=row_id, error=type(error).__name__, at=_place(error))
            return 0
        patience.went_well(key)
        return count

    def _sequence(self) -> int:
        with self.database.reading() as uow:
            if not sequencer.has_work(uow):
                return 0
        with self.database.transaction() as uow:
            return sequencer.sequence(uow, BATCH)

    def _consume(self) -> int:
        if not self.consumers:
            return 0
        with self.database.reading() as uow:
            behind = consumers.behind(uow, self.consumers)
        return sum(
            self._try(f"consumer {consumer.name}", partial(consumers.consume, self.database, consumer, CONSUMER_BATCH))
            for consumer in behind
        )

    def _fire(self) -> int:
        return sum(self._try(f"timer {timer.name}", partial(self._fire_due, timer)) for timer in self.timers)

    def _fire_due(self, timer: Timer) -> int:
        patience = self._rows[timer.name]
        # Beyond those that failed and wait, so that they do not stand in front of the others.
        with self.database.reading() as uow:
            many = TIMER_BATCH if timer.fire_many is None else timer.at_once
            ids = timer.due(uow, many + len(patience))
        ready = [each for each in ids if patience.has((timer.name, each))]
        if self._fire_many(timer, ready):
            return len(ready)
        return sum(self._try(timer.name, partial(self._fire_one, timer, each), patience, each) for each in ids)

    def _fire_many(self, timer: Timer, ids: list[str]) -> bool:
        """All at once, where the timer can. False when that is still to be done one by one: what one of them cannot
        take does not hold up the others."""
        if timer.fire_many is None or not ids:
            return False
        try:
            with self.database.transaction() as uow:
                timer.fire_many(uow, ids)
        except Exception as error:
            log.warning("many at once failed", what=timer.name, error=type(error).__name__, at=_place(error))
            return False
        return True

    def _fire_one(self, timer: Timer, row_id: str) -> int:
        with self.database.transaction() as uow:
            timer.fire(uow, row_id)
        return 1

    def _purge(self) -> int:
        now = self.database.clock()
        if self._next_purge is not None and now < self._next_purge:
            return 0
        count = self._try("forget stored answers", partial(self._forget, idempotency.forget_old))
        for room in self.rooms:
            for row in room.retention:
                count += self._try(f"forget {room.name}: {row.what}", partial(self._forget, row.forget))
        self._next_purge = now + PURGE_EVERY
        return count

    def _measure(self) -> int:
        now = self.database.clock()
        if self._next_measure is None or now >= self._next_measure:
            self._next_measure = now + MEASURE_EVERY
            with self.database.reading() as uow:
                measures.measure(uow)
        return 0

    def _forget(self, forget: Callable[..., int]) -> int:
        """Once more as long as something was forgotten: large terms go in pieces."""
        total = 0
        for _ in range(PURGE_ROUNDS):
            with self.database.transaction() as uow:
                count = forget(uow)
            total += count
            if not count:
                break
        return total


def _renderers(rooms: Iterable[Room]) -> dict[str, Renderer]:
    found: dict[str, Renderer] = {}
    for room in rooms:
        if twice := found.keys() & room.mails.keys():
            raise ValueError(f"more than one room renders {sorted(twice)}")
        found.update(room.mails)
    return found


def _place(error: Exception) -> str:
    """Where it went wrong. The message stays out: a database's names values, and a value can be a BSN."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "service" in frame.filename]
    return f"{frames[-1].name}:{frames[-1].lineno}" if frames else ""
