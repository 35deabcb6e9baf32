"""`make bench`: the hot paths on both databases, ours / floor, in one process.

CPU time of this process, median over the rounds; the ratio is taken round by round.
"""

from __future__ import annotations

import argparse
import io
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

from service.schema import migrate
from tests.bench.floor import Floor, taken_down
from tests.bench.measure import Ratio, compare
from tests.bench.seed import seed
from tests.support import databases
from tests.support.house import House, SettableClock, settings_for

TARGETS = {
    ("contact answer", "sqlite"): 1.7,
    ("contact answer", "postgresql"): 1.7,
    ("report a signal", "sqlite"): 2.5,
    ("report a signal", "postgresql"): 2.0,
}
Call = tuple[str, str, bytes | None]


def contact_calls(employments: list[str]) -> list[Call]:
    return [("GET", f"/v1/employments/{each}/contact", None) for each in employments]


def signal_calls(employments: list[str]) -> list[Call]:
    body: dict[str, object] = {"phase": "doubt", "expectedEndDate": "2027-02-28", "endReason": "fixed_term_not_renewed"}
    body |= {"vacancyExpected": "yes", "employeeInformed": True}
    return [
        ("POST", "/v1/contract-end-signals", json.dumps(body | {"employmentId": each}).encode()) for each in employments
    ]


def environ(call: Call, token: str, number: int) -> dict[str, Any]:
    method, path, body = call
    made = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "127.0.0.1:8000",
        "HTTP_AUTHORIZATION": f"Bearer {token}",
        "HTTP_ACCEPT": "application/json",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body or b""),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    if body is not None:
        made |= {"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(body))}
        made |= {"HTTP_IDEMPOTENCY_KEY": f"bench-{number:06d}"}
    return made


def ask(app: Callable[..., Any], request: dict[str, Any]) -> bytes:
    statuses: list[str] = []
    parts = app(request, lambda status, headers, *_: statuses.append(status))
    body = b"".join(parts)
    if not statuses[0].startswith("2"):
        raise RuntimeError(f"{statuses[0]}: {body.decode()}")
    return body


def measure(make_calls: Callable[[list[str]], list[Call]], name: str, copies: Copies, rounds: int, calls: int) -> Ratio:
    """The same calls three times on three copies: once to take the statements down, then ours and the floor."""
    wanted = make_calls(copies.employments)[: (rounds + 1) * calls]
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


class Copies:
    """A seeded database of one kind, and as many copies of it as needed."""

    def __init__(self, kind: str, folder: Path, employments: int) -> None:
        self.kind = kind
        self.folder = folder
        self.clock = SettableClock()
        self._made: list[str] = []
        if kind == "sqlite":
            self.url = databases.sqlite_clone(databases.sqlite_template(migrate), folder)
        else:
            server = databases.postgres_server(durable=True)
            self.url = databases.clone(databases.create_template(server, "bench", migrate))
        house = House(settings_for(folder, self.url, token_seconds=36_000), self.clock)
        employer, self.employments = seed(house, employments)
        self.token = employer.headers["Authorization"].removeprefix("Bearer ")
        house.close()

    def copy(self) -> str:
        if self.kind == "sqlite":
            target = self.folder / f"copy-{len(self._made)}.db"
            shutil.copyfile(self.url.removeprefix("sqlite:///"), target)
            self._made.append(f"sqlite:///{target}")
        else:
            self._made.append(databases.clone(self.url))
        return self._made[-1]

    @contextmanager
    def house(self) -> Iterator[House]:
        made = House(settings_for(self.folder, self.copy(), token_seconds=36_000), self.clock)
        ask(made.app.wsgi_app, environ(("GET", "/v1/me", None), self.token, 0))  # the token is verified from here on
        yield made
        made.close()

    def close(self) -> None:
        if self.kind == "postgresql":
            for url in (*self._made, self.url):
                databases.drop(url)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--calls", type=int, default=50, help="calls of each in a round")
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    options = parser.parse_args()
    console = Console()
    table = Table("work", "database", "ours µs", "floor µs", "ours / floor", "middle half", "target")
    for kind in ("sqlite", "postgresql"):
        if options.only not in (None, kind):
            continue
        with tempfile.TemporaryDirectory() as folder:
            copies = Copies(kind, Path(folder), (options.rounds + 1) * options.calls)
            try:
                for name, calls in (("contact answer", contact_calls), ("report a signal", signal_calls)):
                    found = measure(calls, f"{name}, {kind}", copies, options.rounds, options.calls)
                    table.add_row(
                        name, kind, f"{found.ours:.0f}", f"{found.floor:.0f}", f"{found.ratio:.2f}",
                        f"{found.low:.2f} to {found.high:.2f}", f"{TARGETS[name, kind]:.1f}",
                    )  # fmt: skip
            finally:
                copies.close()
    console.print(table)


if __name__ == "__main__":
    main()
