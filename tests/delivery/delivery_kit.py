"""What the tests of the delivery room share: a clock to move, parties and clients, a receiver to call."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from sqlalchemy import insert, select

from service.access.actor import ActingParty, Actor
from service.access.models import Client, Grant, Party
from service.access.rules import PartyKind
from service.config import Settings
from service.delivery import models, webhooks
from service.delivery.events import publish
from service.delivery.rules import WebhookStatus
from service.kernel.crypto import Vault
from service.kernel.database import Database, UnitOfWork
from service.kernel.ids import new_id

OPTIONS_ANSWER = {"WebHook-Allowed-Origin": "*"}


class MovingClock:
    """Stands at the present until it is moved."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


def make_settings(**values: Any) -> Settings:
    return Settings(
        **{
            "webhook_private_targets": True,
            "webhook_seconds": 2.0,
            "worker_seconds": 0.02,
            "base_url": "https://servicepunt.example.nl",
            **values,
        }
    )


def make_vault() -> Vault:
    return Vault({"k1": bytes(range(32))})


def with_settings(database: Database, **values: Any) -> Database:
    """The same database, other settings."""
    database.settings = make_settings(**values)
    return database


def a_party(uow: UnitOfWork, kind: PartyKind = PartyKind.EMPLOYER) -> str:
    party_id = new_id()
    uow.execute(insert(Party).values(id=party_id, kind=kind, name="Bakkerij De Halm"))
    return party_id


def a_client(uow: UnitOfWork, party_id: str, **values: Any) -> str:
    client_id = f"client-{new_id()}"
    uow.execute(
        insert(Client).values(
            **{"id": client_id, "name": "HR", "party_id": party_id, "is_demo": False, "created_at": uow.now, **values}
        )
    )
    return client_id


def a_grant(uow: UnitOfWork, client_id: str, party_id: str, first: date, last: date | None) -> None:
    uow.execute(insert(Grant).values(client_id=client_id, party_id=party_id, valid_from=first, valid_until=last))


def a_webhook(
    uow: UnitOfWork,
    client_id: str,
    url: str = "http://127.0.0.1:9/",
    *,
    types: tuple[str, ...] = (),
    status: WebhookStatus = WebhookStatus.ACTIVE,
) -> tuple[str, str]:
    """(id, secret)."""
    webhook_id, secret = new_id(), webhooks.new_secret()
    uow.execute(
        insert(models.Webhook).values(
            id=webhook_id,
            client_id=client_id,
            url=url,
            types=list(types),
            secret=webhooks.seal_secret(uow, webhook_id, secret),
            status=status,
            created_at=uow.now,
            version=1,
            attempts=0,
            due_at=uow.now,
            fence=0,
        )
    )
    return webhook_id, secret


def an_event(uow: UnitOfWork, party_id: str, subject: str = "signals/1", version: int = 1, type: str = "a.b") -> str:
    return publish(uow, type, subject, version, [party_id], {"signalId": subject})


def an_actor(client_id: str, *party_ids: str, kind: PartyKind = PartyKind.EMPLOYER) -> Actor:
    parties = tuple(ActingParty(party_id, kind, "Bakkerij De Halm") for party_id in party_ids)
    return Actor(client_id, parties, frozenset({"webhooks:manage", "events:read"}))


def rows(database: Database, model: Any, *order: Any) -> list[Any]:
    with database.reading() as uow:
        return list(uow.execute(select(model.__table__).order_by(*order)))


@dataclass
class Heard:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    at: float


@dataclass
class Receiver:
    """An HTTP server on this machine that writes down what it hears. `answer` gets the handler and what was heard."""

    url: str = ""
    heard: list[Heard] = field(default_factory=list)
    answer: Callable[[BaseHTTPRequestHandler, Heard], None] = lambda handler, heard: reply(handler, 204)

    @property
    def posts(self) -> list[Heard]:
        return [each for each in self.heard if each.method == "POST"]


def reply(
    handler: BaseHTTPRequestHandler, status: int, headers: dict[str, str] | None = None, body: bytes = b""
) -> None:
    handler.send_response(status)
    for name, value in (headers or {}).items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


@contextmanager
def a_receiver(answer: Callable[[BaseHTTPRequestHandler, Heard], None] | None = None) -> Iterator[Receiver]:
    receiver = Receiver()
    if answer is not None:
        receiver.answer = answer

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            heard = Heard(self.command, self.path, headers, self.rfile.read(length), time.monotonic())
            receiver.heard.append(heard)
            if self.command == "OPTIONS":
                reply(self, 200, OPTIONS_ANSWER)
            else:
                with suppress(BrokenPipeError, ConnectionResetError):
                    receiver.answer(self, heard)

        do_OPTIONS = do_POST
        do_GET = do_POST

        def log_message(self, format: str, *args: Any) -> None:
            return

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

        def handle_error(self, request: Any, client_address: Any) -> None:
            return

    server = Server(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/events"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
