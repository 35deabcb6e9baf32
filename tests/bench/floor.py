"""The floor: the same work in raw WSGI. The same statements with the same values through the bare driver, the same
check of a token that was verified before, orjson for the bodies; no framework, no schemas, no ORM, no errors.

What the statements are is not guessed: they are taken down, as the driver gets them, while the service does the same
requests on a copy of the same database.
"""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import psycopg
from sqlalchemy import event
from sqlalchemy.engine import make_url

from service.kernel.among import FROM_HEX
from service.kernel.crypto import Vault
from service.kernel.database import Database

Statement = tuple[str, Any, bool]
"""SQL, values, and whether it is for many rows."""


@contextmanager
def taken_down(database: Database) -> Iterator[list[Statement]]:
    """The statements that the driver gets meanwhile."""
    statements: list[Statement] = []

    def take(_: Any, __: Any, sql: str, values: Any, ___: Any, many: bool) -> None:
        statements.append((sql, values, many))

    event.listen(database.engine, "before_cursor_execute", take)
    try:
        yield statements
    finally:
        event.remove(database.engine, "before_cursor_execute", take)


class Driver:
    """A bare connection to a copy of the database."""

    def __init__(self, url: str) -> None:
        self.is_sqlite = url.startswith("sqlite")
        self.connection: Any
        if self.is_sqlite:
            self.connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
            for pragma in (
                "journal_mode=WAL",
                "synchronous=FULL",
                "foreign_keys=ON",
                "secure_delete=ON",
                "temp_store=MEMORY",
            ):
                self.connection.execute(f"PRAGMA {pragma}")
            self.connection.create_function(FROM_HEX, 1, bytes.fromhex, deterministic=True)
        else:
            plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
            self.connection = psycopg.connect(plain.replace("%2F", "/"), autocommit=True)

    def run(self, statements: list[Statement]) -> None:
        """One transaction with these statements; every row that comes back is fetched."""
        cursor = self.connection.cursor()
        begun = False
        for sql, values, many in statements:
            if not begun and not sql.startswith("BEGIN"):
                cursor.execute("BEGIN")
            begun = True
            if many:
                cursor.executemany(sql, values)
            else:
                cursor.execute(sql, values)
                if cursor.description is not None:
                    cursor.fetchall()
        cursor.execute("COMMIT")

    def close(self) -> None:
        self.connection.close()


class Floor:
    """A WSGI application that knows beforehand what will be asked, in which order."""

    def __init__(self, url: str, token: str, vault: Vault, calls: list[list[Statement]], answers: list[Any]) -> None:
        self.driver = Driver(url)
        self.seen = {hashlib.sha256(token.encode()).digest(): ("client", time.time() + 3600)}
        self.vault = vault
        self.work = iter(zip(calls, answers, strict=True))

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        token = environ["HTTP_AUTHORIZATION"][7:]
        _, until = self.seen[hashlib.sha256(token.encode()).digest()]
        if time.time() > until:
            raise PermissionError
        statements, answer = next(self.work)
        key = environ.get("HTTP_IDEMPOTENCY_KEY")
        if key is not None:
            raw = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
            orjson.loads(raw)
            self.vault.fingerprint(b"POST", environ["PATH_INFO"].encode(), raw)
        body = orjson.dumps(answer)
        if key is not None:
            self.vault.seal("idempotency_key", "answer", key, body.decode())
        self.driver.run(statements)
        start_response(
            "200 OK",
            [
                ("Content-Type", "application/json"),
                ("Content-Length", str(len(body))),
                ("API-Version", "1.0.0"),
                ("Cache-Control", "no-store"),
                ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
                ("Referrer-Policy", "no-referrer"),
                ("Strict-Transport-Security", "max-age=31536000; includeSubDomains"),
                ("X-Content-Type-Options", "nosniff"),
                ("X-Frame-Options", "DENY"),
                ("ETag", f'"1-{hashlib.blake2b(body, digest_size=8).hexdigest()}"'),
            ],
        )
        return [body]
