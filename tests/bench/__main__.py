"""`make bench`: the hot paths on both databases, ours / floor, in one process; and what many contact answers at once
cost beside as many single ones.

CPU time of this process, median over the rounds; the ratio is taken round by round.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from tests.bench import imports
from tests.bench.copies import Call, Copies, ask, environ
from tests.bench.floor import Floor, taken_down
from tests.bench.measure import Ratio, compare, cpu
from tests.bench.seed import seed
from tests.support.house import House

TARGETS = {
    ("contact answer", "sqlite"): 1.7,
    ("contact answer", "postgresql"): 1.7,
    ("report a signal", "sqlite"): 2.5,
    ("report a signal", "postgresql"): 2.0,
}
SEARCHED, LISTED, PAGE = 1000, 5000, 200
MANY_TARGET = 20
"""A search may cost at most one such part of as many single answers."""


def contact_calls(employments: list[str]) -> list[Call]:
    return [("GET", f"/v1/employments/{each}/contact", None) for each in employments]


def signal_calls(employments: list[str]) -> list[Call]:
    body: dict[str, object] = {"phase": "doubt", "expectedEndDate": "2027-02-28", "endReason": "fixed_term_not_renewed"}
    body |= {"vacancyExpected": "yes", "employeeInformed": True}
    return [
        ("POST", "/v1/contract-end-signals", json.dumps(body | {"employmentId": each}).encode()) for each in employments
    ]


def measure(make_calls: Callable[[list[str]], list[Call]], name: str, copies: Copies, rounds: int, calls: int) -> Ratio:
    """The same calls three times on three copies: once to take the statements down, then ours and the floor."""
    wanted = make_calls(copies.ids)[: (rounds + 1) * calls]
    statements, answers = [], []
    with copies.house() as house:
        for number, call in track(list(enumerate(wanted)), description=f"{name}: taking down", transient=True):
            with taken_down(house.database) as taken:
                answers.append(json.loads(ask(house.app.wsgi_app, environ(call, copies.token, number))))
            statements.append(list(taken))
    with copies.house() as house:
        floor = Floor(copies.copy(), copies.token, house.database.vault, statements, answers)
        requests = [environ(call, copies.token, number) for number, call in enumerate(wanted)]
        twins = [environ(call, copies.token, number) for number, call in enumerate(wanted)]
        ours_next, floor_next = iter(requests), iter(twins)
        try:
            return compare(
                lambda: ask(house.app.wsgi_app, next(ours_next)),
                lambda: ask(floor, next(floor_next)),
                rounds=rounds,
                calls=calls,
            )
        finally:
            floor.driver.close()


class Many:
    """The same employments one by one, searched, listed by page and as a table: CPU seconds of each, in turn."""

    def __init__(self, house: House, token: str, employments: list[str]) -> None:
        self._app = house.app.wsgi_app
        self._token = token
        self._employments = employments[:SEARCHED]

    def measure(self, rounds: int) -> dict[str, float]:
        works = {"single": self._single, "search": self._search, "pages": self._pages, "table": self._table}
        for work in works.values():
            work()
        found: dict[str, list[float]] = {name: [] for name in works}
        for _ in range(rounds):
            for name, work in works.items():
                found[name].append(cpu(work, 1) / 1e6)
        return {name: statistics.median(each) for name, each in found.items()}

    def _ask(self, call: Call, **more: str) -> bytes:
        return ask(self._app, environ(call, self._token, 0) | more)

    def _single(self) -> None:
        for call in contact_calls(self._employments):
            self._ask(call)

    def _search(self) -> None:
        body = json.dumps({"employmentIds": self._employments}).encode()
        assert self._ask(("POST", "/v1/contacts/_search", body)).count(b'"contact"') == SEARCHED

    def _pages(self) -> None:
        many, cursor = 0, ""
        while True:
            page = self._ask(("GET", f"/v1/contacts?limit={PAGE}{cursor}", None))
            many += page.count(b'"contact"')
            following = page[page.rindex(b'"next":') + 7 : -1]
            if following == b"null":
                break
            cursor = "&cursor=" + following.decode().strip('"')
        assert many == LISTED, many

    def _table(self) -> None:
        table = self._ask(("GET", "/v1/contacts", None), HTTP_ACCEPT="text/csv")
        assert table.count(b"\r\n") == LISTED + 1


def many_table(found: dict[str, dict[str, float]]) -> Table:
    table = Table("contacts", "database", "ms in all", "µs each", "share of single answers", "target")
    for kind, times in found.items():
        single = times["single"] / SEARCHED
        for work, name, many, target in (
            ("single", "one by one", SEARCHED, ""),
            ("search", "in one search", SEARCHED, f"below 1/{MANY_TARGET}"),
            ("pages", f"listed, pages of {PAGE}", LISTED, ""),
            ("table", "listed, CSV", LISTED, ""),
        ):
            spent = times[work]
            share = single * many / spent
            table.add_row(
                f"{many:,} {name}", kind, f"{spent * 1e3:.0f}", f"{spent / many * 1e6:.1f}", f"1/{share:.0f}", target
            )
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--calls", type=int, default=50, help="calls of each in a round")
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    parser.add_argument("--import-rows", type=int, default=100_000, help="rows of a bulk import; 0: none")
    parser.add_argument("--imports-only", action="store_true")
    options = parser.parse_args()
    console = Console()
    table = Table("work", "database", "ours µs", "floor µs", "ours / floor", "middle half", "target")
    many: dict[str, dict[str, float]] = {}
    for kind in ("sqlite", "postgresql"):
        if options.only not in (None, kind) or options.imports_only:
            continue
        with tempfile.TemporaryDirectory() as folder:
            copies = Copies(kind, Path(folder), seed, max((options.rounds + 1) * options.calls, LISTED))
            copies.ids = copies.ids[: max((options.rounds + 1) * options.calls, SEARCHED)]
            try:
                for name, calls in (("contact answer", contact_calls), ("report a signal", signal_calls)):
                    found = measure(calls, f"{name}, {kind}", copies, options.rounds, options.calls)
                    table.add_row(
                        name, kind, f"{found.ours:.0f}", f"{found.floor:.0f}", f"{found.ratio:.2f}",
                        f"{found.low:.2f} to {found.high:.2f}", f"{TARGETS[name, kind]:.1f}",
                    )  # fmt: skip
                with copies.house() as house:
                    many[kind] = Many(house, copies.token, copies.ids).measure(min(options.rounds, 5))
            finally:
                copies.close()
    if not options.imports_only:
        console.print(table)
        console.print(many_table(many))
    if options.import_rows:
        console.print(import_table(options.only, options.import_rows))


def import_table(only: str | None, rows: int) -> Table:
    """Rows a second by the clock, and the most memory of the process: a tenth of the file first, to see whether it
    grows. The other forms in a tenth too."""
    table = Table("import", "database", "rows", "form", "rows/s", "CPU µs/row", "most MB", "target rows/s")
    for kind in ("sqlite", "postgresql"):
        if only not in (None, kind):
            continue
        for form, count in (("csv", rows // 10), ("csv", rows), ("ndjson", rows // 10), ("xlsx", rows // 10)):
            for found in track(imports.measure(kind, form, count), description=f"imports, {kind}", transient=True):
                table.add_row(
                    found.what, kind, str(count), form, f"{found.rows_per_second:.0f}", f"{found.cpu:.0f}",
                    f"{found.megabytes:.0f}", str(imports.TARGETS[kind]),
                )  # fmt: skip
    return table


if __name__ == "__main__":
    main()
