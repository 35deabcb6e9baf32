"""A second secret for a webhook, so that its owner can change to it without missing a message: both sign until the old
one is removed, or its term is over."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from service.access.actor import Actor
from service.delivery.models import Webhook
from service.delivery.operations import find_webhook
from service.delivery.rules import Secret, valid_secrets, with_new_secret, without_secret
from service.delivery.webhooks import new_secret, open_secret, seal_secret, secrets_of
from service.kernel.database import UnitOfWork
from service.kernel.ids import new_id
from service.kernel.problems import conflict, not_found
from service.kernel.requests import Expected
from service.kernel.room import Timer


def make_secret(uow: UnitOfWork, actor: Actor, webhook_id: str) -> dict[str, Any]:
    """Another secret. The answer holds it, once; the one before signs along for its term."""
    row = find_webhook(uow, actor, webhook_id, for_update=True)
    after = with_new_secret(secrets_of(row), new_id(), uow.now)
    if after is None:
        raise conflict(
            "too-many-secrets",
            "Er gelden al twee geheimen. Verwijder eerst het oude.",
            "Two secrets are valid already. Remove the old one first.",
        )
    _settle(uow, row)
    key = new_secret()
    old, made = after
    row.secret_until = old.until
    row.new_secret = seal_secret(uow, row.id, key, "new_secret")
    row.new_secret_id, row.new_secret_at = made.id, made.since
    uow.flush()
    return view(made) | {"secret": key, "webhook_id": row.id, "version": row.version}


def get_secret(uow: UnitOfWork, actor: Actor, webhook_id: str, secret_id: str) -> dict[str, Any]:
    """All about it but the key itself."""
    row = find_webhook(uow, actor, webhook_id)
    return view(_find(uow, row, secret_id)) | {"version": row.version}


def remove_secret(uow: UnitOfWork, actor: Actor, webhook_id: str, secret_id: str, expected: Expected) -> None:
    """From now on the other one signs alone."""
    row = find_webhook(uow, actor, webhook_id, for_update=True)
    found = _find(uow, row, secret_id)
    expected.check(row.version)
    if without_secret(secrets_of(row), secret_id, uow.now) is None:
        raise conflict(
            "last-secret",
            "Dit is het enige geheim. Maak eerst een nieuw.",
            "This is the only secret. Make a new one first.",
        )
    if found.id == row.new_secret_id:
        _clear(row)
    else:
        _promote(uow, row)
    uow.flush()


def view(secret: Secret) -> dict[str, Any]:
    return {"id": secret.id, "created_at": secret.since, "valid_until": secret.until}


def _find(uow: UnitOfWork, row: Webhook, secret_id: str) -> Secret:
    found = [secret for secret in valid_secrets(secrets_of(row), uow.now) if secret.id == secret_id]
    if not found:
        raise not_found()
    return found[0]


def _settle(uow: UnitOfWork, row: Webhook) -> None:
    """The new secret takes the place of an old one whose term is over."""
    if row.secret_until is not None and row.secret_until <= uow.now:
        _promote(uow, row)


def _promote(uow: UnitOfWork, row: Webhook) -> None:
    if row.new_secret is None:
        return
    row.secret = seal_secret(uow, row.id, open_secret(uow, row.id, row.new_secret, "new_secret"))
    row.secret_id, row.secret_at = row.new_secret_id, row.new_secret_at
    _clear(row)


def _clear(row: Webhook) -> None:
    row.secret_until, row.new_secret, row.new_secret_id, row.new_secret_at = None, None, None, None


def _lapsed(uow: UnitOfWork, limit: int) -> list[str]:
    over = select(Webhook.id).where(Webhook.secret_until.is_not(None), Webhook.secret_until <= uow.now)
    return list(uow.execute(over.order_by(Webhook.secret_until, Webhook.id).limit(limit)).scalars())


def _let_go(uow: UnitOfWork, webhook_id: str) -> None:
    row = uow.session.scalars(select(Webhook).where(Webhook.id == webhook_id).with_for_update()).one_or_none()
    if row is not None:
        _settle(uow, row)


OLD_SECRETS = Timer("webhooks.old-secrets", _lapsed, _let_go)
"""Forgets secrets whose term is over; they sign no more from that moment on, whenever this comes by."""
