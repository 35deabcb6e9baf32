"""How a webhook fares: one that fails for days is paused, one whose receiver is gone is disabled, and its owner hears
of either, by mail and in the feed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

import structlog
from sqlalchemy import select, update

from service.access.models import Client, Party
from service.delivery.events import publish, queue_mail
from service.delivery.models import Delivery, Webhook
from service.delivery.rules import DeliveryStatus, StopReason, Streak, WebhookStatus
from service.kernel.database import UnitOfWork
from service.kernel.room import MailText

STOPPED_MAIL = "webhook-stopped"

_STATUS = {StopReason.FAILING: WebhookStatus.PAUSED, StopReason.GONE: WebhookStatus.DISABLED}
_WHY = {
    StopReason.FAILING: "Wij kregen {days} dagen lang geen goed antwoord. Daarom zijn wij nu gestopt.",
    StopReason.GONE: "Uw systeem antwoordde met code 410: dit adres bestaat niet meer. Daarom zijn wij gestopt.",
}
_THEN = {
    StopReason.FAILING: "Wat er intussen gebeurt, bewaren wij 30 dagen. Is uw systeem hersteld? Zet de status van de "
    "webhook dan op 'active'. U krijgt dan alles wat nog wacht.",
    StopReason.GONE: "Was dit niet de bedoeling? Zet de status van de webhook dan op 'active'. Wij vragen uw systeem "
    "opnieuw om toestemming. Wat u heeft gemist, kunt u 30 dagen lang opnieuw laten sturen.",
}

log = structlog.get_logger(__name__)


def hold(uow: UnitOfWork, webhook_ids: Iterable[str]) -> dict[str, Streak]:
    """How these webhooks fare. Nobody else writes how they fare until the end of the transaction."""
    # In one order, and before their deliveries: two workers cannot wait for each other.
    rows = uow.execute(
        select(Webhook.id, Webhook.failing_since, Webhook.failures)
        .where(Webhook.id.in_(list(webhook_ids)))
        .order_by(Webhook.id)
        .with_for_update(key_share=True)
    )
    return {row.id: Streak(row.failing_since, row.failures) for row in rows}


def keep(uow: UnitOfWork, webhook_id: str, streak: Streak) -> None:
    """Writes how it fares, and pauses it where that took too long."""
    uow.execute(
        update(Webhook).where(Webhook.id == webhook_id).values(failing_since=streak.since, failures=streak.failures)
    )
    if streak.is_too_long(uow.now, uow.settings.webhook_pause_days):
        _stop(uow, webhook_id, StopReason.FAILING, WebhookStatus.ACTIVE)


def disable(uow: UnitOfWork, webhook_id: str) -> None:
    """The receiver says that it is gone: no more, until its owner asks for it again."""
    _stop(uow, webhook_id, StopReason.GONE, WebhookStatus.ACTIVE, WebhookStatus.PAUSED)
    uow.execute(
        update(Delivery)
        .where(Delivery.webhook_id == webhook_id, Delivery.status == DeliveryStatus.PENDING)
        .values(status=DeliveryStatus.FAILED, last_error=StopReason.GONE.value, leased_until=None)
    )


def go_on(uow: UnitOfWork, row: Webhook) -> None:
    """Its owner lets it go on: what waits is tried at once, with all its attempts before it."""
    row.last_error, row.failing_since, row.failures = None, None, 0
    uow.execute(
        update(Delivery)
        .where(Delivery.webhook_id == row.id, Delivery.status == DeliveryStatus.PENDING)
        .values(due_at=uow.now, attempts=0)
    )


def stopped_mail(uow: UnitOfWork, data: Mapping[str, Any]) -> MailText | None:
    """To the owner; None where it has no address, or the webhook goes on again."""
    row = uow.execute(
        select(Webhook.url, Webhook.status, Webhook.last_error, Party.email)
        .join(Client, Client.id == Webhook.client_id)
        .join(Party, Party.id == Client.party_id)
        .where(Webhook.id == data["webhookId"])
    ).one_or_none()
    reason = StopReason(data["reason"])
    if row is None or row.email is None or row.status is not _STATUS[reason] or row.last_error != reason:
        return None
    # Only the name of the host: the rest of the address may hold a secret.
    host = urlsplit(row.url).hostname
    return MailText(
        row.email,
        "Uw webhook is gestopt",
        (
            f"Beste beheerder,\n\nWij sturen berichten van het Servicepunt naar uw systeem op {host}.",
            _WHY[reason].format(days=uow.settings.webhook_pause_days),
            _THEN[reason],
            f"Het gaat om deze webhook: {uow.settings.url}/v1/webhooks/{data['webhookId']}",
        ),
    )


def _stop(uow: UnitOfWork, webhook_id: str, reason: StopReason, *from_: WebhookStatus) -> None:
    row = uow.execute(
        update(Webhook)
        .where(Webhook.id == webhook_id, Webhook.status.in_(from_))
        .values(status=_STATUS[reason], last_error=reason.value, version=Webhook.version + 1)
        .returning(Webhook.version, Webhook.client_id)
    ).one_or_none()
    if row is None:
        return
    data = {"webhookId": webhook_id, "reason": reason.value}
    party_id = uow.execute(select(Client.party_id).where(Client.id == row.client_id)).scalar_one()
    publish(uow, f"webhook.{_STATUS[reason].value}", f"webhooks/{webhook_id}", row.version, [party_id], data)
    queue_mail(uow, STOPPED_MAIL, data)
    log.warning("webhook stopped", webhook=webhook_id, reason=reason.value)
