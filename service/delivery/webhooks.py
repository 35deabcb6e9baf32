"""What a webhook needs to be called: its secret, its signature (Standard Webhooks 1.0.0), and its consent, which the
worker asks for (CloudEvents HTTP webhook, abuse protection): no registration waits for a stranger's server."""

from __future__ import annotations

import base64
import hmac
import random
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import structlog
from sqlalchemy import select

from service.config import Settings
from service.delivery.lanes import Job, Lane, due, finish, lease
from service.delivery.models import Webhook
from service.delivery.rules import (
    HANDSHAKES,
    Secret,
    WebhookStatus,
    consents,
    lease_for,
    next_pause,
    valid_secrets,
)
from service.delivery.sender import NotSent, Reply, Sender
from service.kernel.database import Database, UnitOfWork

SECRET_PREFIX = "whsec_"  # noqa: S105 - the prefix is public
_SECRET_BYTES = 32
_PENDING = Webhook.status == WebhookStatus.PENDING

log = structlog.get_logger(__name__)


def new_secret() -> str:
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def seal_secret(uow: UnitOfWork, webhook_id: str, secret: str, column: str = "secret") -> bytes:
    return uow.vault.seal("webhook", column, webhook_id, secret)


def open_secret(uow: UnitOfWork, webhook_id: str, sealed: bytes, column: str = "secret") -> str:
    return uow.vault.open("webhook", column, webhook_id, sealed)


SECRET_COLUMNS = (
    Webhook.id,
    Webhook.created_at,
    Webhook.secret,
    Webhook.secret_id,
    Webhook.secret_at,
    Webhook.secret_until,
    Webhook.new_secret,
    Webhook.new_secret_id,
    Webhook.new_secret_at,
)
"""What `secrets_of` and `open_secrets` read of a row."""


def secrets_of(row: Any) -> tuple[Secret, ...]:
    """What is stored, oldest first, be its term over or not."""
    # The secret made with the webhook has its id: a webhook of before there were two has no other.
    first = Secret(row.secret_id or row.id, row.secret_at or row.created_at, row.secret_until)
    return (first,) if row.new_secret is None else (first, Secret(row.new_secret_id, row.new_secret_at))


def open_secrets(uow: UnitOfWork, row: Any) -> list[str]:
    """The keys that sign now, oldest first."""
    stored = secrets_of(row)
    valid = valid_secrets(stored, uow.now)
    keys = []
    if stored[0] in valid:
        keys.append(open_secret(uow, row.id, row.secret))
    if row.new_secret is not None:
        keys.append(open_secret(uow, row.id, row.new_secret, "new_secret"))
    return keys


def signed_headers(keys: Sequence[str], message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers by which a receiver knows that the message is ours, whole and recent; a signature for each of
    these secrets, one of which it has."""
    timestamp = str(int(at.timestamp()))
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    signatures = [hmac.digest(base64.b64decode(key.removeprefix(SECRET_PREFIX)), signed, "sha256") for key in keys]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join("v1," + base64.b64encode(each).decode() for each in signatures),
    }


def origin(settings: Settings) -> str:
    """The name under which we ask a receiver for consent, and under which we then call it."""
    return urlsplit(settings.url).hostname or "servicepunt"


class Handshakes(Lane[Reply]):
    """Asks pending webhooks whether we may call them; several times, since a receiver may not be up yet."""

    def __init__(self, database: Database, sender: Sender, *, threads: int = 4) -> None:
        super().__init__(database, "handshakes", threads)
        self.sender = sender
        self.hold = lease_for(sender.seconds)

    def claim(self, free: int) -> tuple[list[Job[Reply]], int]:
        with self.database.reading() as uow:
            now = {"now": uow.now}
            if uow.execute(select(Webhook.id).where(due(Webhook, _PENDING)).limit(1), now).first() is None:
                return [], 0
        with self.database.transaction() as uow:
            rows = uow.execute(
                select(Webhook.id, Webhook.url, Webhook.fence, Webhook.attempts)
                .where(due(Webhook, _PENDING))
                .order_by(Webhook.due_at)
                .limit(free)
                .with_for_update(skip_locked=True),
                {"now": uow.now},
            ).all()
            lease(uow, Webhook, [row.id for row in rows], self.hold)
            return [
                Job(row.id, row.id, row.fence + 1, row.attempts, self._ask(row.url, origin(uow.settings)))
                for row in rows
            ], 0

    def _ask(self, url: str, own: str) -> Callable[[], Reply]:
        return lambda: self.sender.send("OPTIONS", url, {"WebHook-Request-Origin": own})

    def mark(self, uow: UnitOfWork, job: Job[Reply], result: Reply | Exception) -> None:
        attempts = job.attempts + 1
        values: dict[str, Any]
        if isinstance(result, Reply) and consents(result.headers.get("WebHook-Allowed-Origin"), origin(uow.settings)):
            values = {"status": WebhookStatus.ACTIVE, "last_error": None}
        else:
            values = {"attempts": attempts, "last_error": _why(result)}
            pause = next_pause(attempts, random.random(), most=HANDSHAKES)  # noqa: S311 - spreads load, no secret
            values |= {"status": WebhookStatus.DISABLED} if pause is None else {"due_at": uow.now + pause}
        if "status" in values:
            values["version"] = Webhook.version + 1
        finish(uow, Webhook, job, _PENDING, values)
        status = str(values.get("status", WebhookStatus.PENDING))
        log.info("handshake", webhook=job.id, attempt=attempts, status=status, error=values["last_error"])


def _why(result: Reply | Exception) -> str:
    if isinstance(result, NotSent):
        return result.failure.value
    return "no-consent" if isinstance(result, Reply) else type(result).__name__
