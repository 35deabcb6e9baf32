"""The service under measurement: a seeded database, copies of it, and calls of the application without a server."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from service.schema import migrate
from tests.support import databases
from tests.support.house import House, Party, SettableClock, settings_for

# A whole day of questions in one minute of the clock of the bench.
_ROOM: dict[str, Any] = {
    "token_seconds": 36_000,
    "contact_requests_per_minute": 10**8,
    "contact_people_per_day": 10**9,
    "contact_list_open": True,
}
Call = tuple[str, str, bytes | None]


def environ(call: Call, token: str, number: int) -> dict[str, Any]:
    method, address, body = call
    path, _, query = address.partition("?")
    made = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
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


class Copies:
    """A database of one kind, filled by `seed` for a party that calls, and as many copies of it as needed.

    `ids` are what `seed` gave beside the party.
    """

    def __init__(
        self, kind: str, folder: Path, seed: Callable[[House, int], tuple[Party, list[str]]], many: int
    ) -> None:
        self.kind = kind
        self.folder = folder
        self.clock = SettableClock()
        self._made: list[str] = []
        if kind == "sqlite":
            self.url = databases.sqlite_clone(databases.sqlite_template(migrate), folder)
        else:
            server = databases.postgres_server(durable=True)
            self.url = databases.clone(databases.create_template(server, "bench", migrate))
        house = House(settings_for(folder, self.url, **_ROOM), self.clock)
        caller, self.ids = seed(house, many)
        self.token = caller.headers["Authorization"].removeprefix("Bearer ")
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
        made = House(settings_for(self.folder, self.copy(), **_ROOM), self.clock)
        ask(made.app.wsgi_app, environ(("GET", "/v1/me", None), self.token, 0))  # the token is verified from here on
        yield made
        made.close()

    def close(self) -> None:
        if self.kind == "postgresql":
            for url in (*self._made, self.url):
                databases.drop(url)
