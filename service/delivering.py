"""The commands of whoever watches what leaves the house: webhooks and what was sent to them, what failed for good, and
how to try that once more. None of them shows what was in an event or a mail."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import click

from service.administration import check_ids, checked_settings, work

_KINDS = ["consumer", "mail", "delivery"]


@click.group()
def webhook() -> None:
    """The webhooks of all clients, and what was sent to them."""


@webhook.command("list")
def list_webhooks() -> None:
    """Print id, client, status, why, since when it fails, how much waits and was given up, and the host."""
    from sqlalchemy import case, func, select

    from service.delivery.models import Delivery, Webhook
    from service.delivery.rules import DeliveryStatus

    def number(status: DeliveryStatus) -> Any:
        return func.count(case((Delivery.status == status, 1)))

    counted = (
        select(Webhook, number(DeliveryStatus.PENDING), number(DeliveryStatus.FAILED))
        .outerjoin(Delivery, Delivery.webhook_id == Webhook.id)
        .group_by(Webhook.id)
        .order_by(Webhook.client_id, Webhook.id)
    )
    with work() as uow:
        for row, pending, failed in uow.session.execute(counted).all():
            since = "-" if row.failing_since is None else f"{row.failing_since:%Y-%m-%dT%H:%MZ}"
            # The rest of the address may hold a secret.
            host = urlsplit(row.url).hostname
            _line(row.id, row.client_id, row.status, row.last_error or "-", since, pending, failed, host)


@webhook.command("log")
@click.argument("webhook_id")
@click.option("--status", type=click.Choice(["pending", "delivered", "failed"]), help="Only these.")
@click.option("--limit", default=100, show_default=True, help="How many, newest event first.")
def show_log(webhook_id: str, status: str | None, limit: int) -> None:
    """Print what was sent to a webhook, as its owner reads it: an attempt a line, under its delivery."""
    from sqlalchemy import select

    from service.delivery.models import Attempt, Delivery, Event, Webhook
    from service.delivery.rules import DeliveryStatus

    check_ids(webhook_id)
    deliveries = (
        select(Delivery, Event.type)
        .join(Event, Event.id == Delivery.event_id)
        .where(Delivery.webhook_id == webhook_id)
        .order_by(Delivery.position.desc())
        .limit(limit)
    )
    if status is not None:
        deliveries = deliveries.where(Delivery.status == DeliveryStatus(status))
    with work() as uow:
        if uow.session.get(Webhook, webhook_id) is None:
            raise click.ClickException("there is no webhook with this id")
        for row, type in uow.session.execute(deliveries).all():
            _line(row.id, row.event_id, type, row.status, row.attempts)
            attempts = select(Attempt).where(Attempt.delivery_id == row.id).order_by(Attempt.at, Attempt.id)
            for each in uow.session.scalars(attempts):
                _line("", f"{each.at:%Y-%m-%dT%H:%M:%SZ}", each.status or each.error, f"{each.milliseconds} ms")


@click.command()
@click.option("--kind", type=click.Choice(_KINDS), help="Only these.")
@click.option("--limit", default=100, show_default=True, help="How many of each kind, newest first.")
def failures(kind: str | None, limit: int) -> None:
    """Print what failed for good: kind, id, when, what, which event, attempts and why."""
    from service.delivery.failures import FailureKind, count, dead_letters

    with work() as uow:
        for each in FailureKind if kind is None else [FailureKind(kind)]:
            for row in dead_letters(uow, each, limit):
                _line(row.kind, row.id, f"{row.at:%Y-%m-%dT%H:%M:%SZ}", row.what, row.about, row.attempts, row.error)
            if (number := count(uow, each)) > limit:
                click.echo(f"{each}: {number - limit} more", err=True)


@click.command()
@click.argument("kind", type=click.Choice(_KINDS))
@click.argument("row_id", metavar="ID|all")
def redrive(kind: str, row_id: str) -> None:
    """Try once more what failed for good, under its own id: one, or all of a kind.

    Prints each id with what came of it. Mails and deliveries are queued for the worker; an event is given to its
    consumer at once.
    """
    from service.app import open_database
    from service.delivery import failures as dead
    from service.rooms import ROOMS

    if row_id != "all":
        check_ids(row_id)
    done = "handled" if kind == "consumer" else "queued"
    database = open_database(checked_settings())
    try:
        consumers = [consumer for room in ROOMS for consumer in room.consumers]
        found = dead.redrive(database, consumers, dead.FailureKind(kind), None if row_id == "all" else row_id)
    finally:
        database.close()
    if row_id != "all" and not found:
        raise click.ClickException("there is no such failure, or no longer")
    for each, went_well in found.items():
        _line(each, done if went_well else "not possible now")
    if not all(found.values()):
        raise click.exceptions.Exit(1)


def _line(*values: object) -> None:
    click.echo("\t".join(map(str, values)))
