"""`make bench-matching`: the best 20 of many candidates, with reasons and near misses, through the whole service,
beside the bare statement that finds the block: sent through the driver, its rows fetched, nothing else.

Milliseconds by the clock, over many vacancies: the database works in a process of its own on PostgreSQL, so that CPU
time of this process would leave that out. Ours / floor is taken request by request. Three kinds of work (`crowd.py`):
a block that stays the same in a larger table, one that grows with it, and one where 40% look for the same work.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from psycopg.types.string import TextLoader
from rich.console import Console
from rich.progress import track
from rich.table import Table
from sqlalchemy import select

from service.access.actor import ActingParty, Actor
from service.access.models import Party
from service.access.rules import PartyKind
from service.kernel.memory import settle
from service.vacancies.matches import candidate_block
from service.vacancies.models import Vacancy
from tests.bench.copies import ask, environ
from tests.bench.crowd import KINDS, MEASURED, ROOM, Kept, crowd
from tests.bench.floor import Driver, Statement, taken_down
from tests.support.house import House, SettableClock, settings_for

TARGET = 2.0


@dataclass
class Found:
    """Seconds of each request by the clock, and of CPU of this process; rows in the blocks."""

    ours: list[float] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)
    ours_cpu: list[float] = field(default_factory=list)
    floor_cpu: list[float] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)

    def line(self) -> list[str]:
        ratios = [ours / floor for ours, floor in zip(self.ours, self.floor, strict=True)]
        whole = sum(self.ours) / sum(self.floor)
        cpu = sum(self.ours_cpu) / sum(self.floor_cpu)
        rows = statistics.median(self.rows)
        each = [sum(some) / sum(self.rows) * 1e6 for some in (self.ours, self.floor)]
        return [
            f"{rows:,.0f}",
            *(f"{_at(self.ours, at) * 1e3:.1f}" for at in (50, 99)),
            *(f"{_at(self.floor, at) * 1e3:.1f}" for at in (50, 99)),
            f"{statistics.median(ratios):.2f}", f"{whole:.2f}", f"{cpu:.2f}", *(f"{some:.1f}" for some in each),
        ]  # fmt: skip


HEADS = (
    "candidates", "database", "work", "rows in block", "ours p50 ms", "p99", "floor p50 ms", "p99",
    "ours / floor", "of sums", "CPU", "ours µs/row", "floor µs/row",
)  # fmt: skip


def _at(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def timed(work: Callable[[], Any]) -> tuple[float, float, Any]:
    began, cpu = time.perf_counter(), time.process_time()
    made = work()
    return time.perf_counter() - began, time.process_time() - cpu, made


def blocks(house: House) -> dict[str, list[tuple[str, list[Statement]]]]:
    """By kind of work, each vacancy with the statement that finds its block."""
    found: dict[str, list[tuple[str, list[Statement]]]] = {kind: [] for kind in MEASURED}
    with house.database.reading() as uow:
        party = uow.session.scalars(select(Party).where(Party.kind == PartyKind.WSP)).one()
        own = ActingParty(party.id, party.kind, party.name, party.region_code)
        actor = Actor("bench", (own,), frozenset())
        for vacancy in uow.session.scalars(select(Vacancy).order_by(Vacancy.id)):
            group = _group(vacancy.occupation_code)
            [kind] = [kind for kind, groups in KINDS.items() if group in groups]
            with taken_down(house.database) as statements:
                uow.execute(candidate_block(actor, vacancy)).close()
            found[kind].append((vacancy.id, statements))
    return found


def _group(code: str) -> str:
    from service.reference.occupations import occupation

    one = occupation(code)
    assert one is not None
    return one.isco_code[:2]


def measure(kept: Kept, rounds: int, query: str) -> dict[str, Found]:
    house = House(settings_for(kept.folder, kept.url, **ROOM), SettableClock())
    driver = Driver(kept.url)
    if not driver.is_sqlite:
        driver.connection.adapters.register_loader("uuid", TextLoader)  # as ours does: the floor is the lower for it
    found = {}
    try:
        settle()
        for kind, work in blocks(house).items():
            found[kind] = _measure(house, kept.token, driver, kind, work, rounds, query)
    finally:
        driver.close()
        house.close()
    return found


def _measure(
    house: House,
    token: str,
    driver: Driver,
    kind: str,
    work: list[tuple[str, list[Statement]]],
    rounds: int,
    query: str,
) -> Found:
    app, found = house.app.wsgi_app, Found()

    def ours(vacancy_id: str) -> bytes:
        return ask(app, environ(("GET", f"/v1/vacancies/{vacancy_id}/matches{query}", None), token, 0))

    for vacancy_id, statements in work:
        assert json.loads(ours(vacancy_id))["rulesVersion"]
        driver.run(statements)
        [(sql, values, _)] = statements
        found.rows.append(len(driver.connection.execute(sql, values).fetchall()))
    found.rows = found.rows * rounds
    gc.collect()
    for number in track(range(rounds), description=kind, transient=True):
        for vacancy_id, statements in work:
            first = timed(lambda: ours(vacancy_id)) if number % 2 else None  # noqa: B023 (called at once)
            second = timed(lambda: driver.run(statements))  # noqa: B023
            first = first or timed(lambda: ours(vacancy_id))  # noqa: B023
            found.ours.append(first[0])
            found.floor.append(second[0])
            found.ours_cpu.append(first[1])
            found.floor_cpu.append(second[1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--candidates", type=int, nargs="*", default=[100_000])
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--query", default="", help="such as ?limit=100")
    options = parser.parse_args()
    table = Table(*HEADS)
    for kind in ("sqlite", "postgresql"):
        if options.only not in (None, kind):
            continue
        for many in options.candidates:
            with crowd(kind, many) as kept:
                for work, found in measure(kept, options.rounds, options.query).items():
                    table.add_row(f"{many:,}", kind, work, *found.line())
    Console(width=150).print(table)
    print(f"Target: ours / floor at most {TARGET}.")


if __name__ == "__main__":
    main()
