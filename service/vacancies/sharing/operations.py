"""Making, changing and revoking subscriptions to the shared list of vacancies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Select, delete, func, select

from service.access import limits
from service.access.actor import Actor
from service.access.limits import Limit
from service.access.models import Client
from service.kernel.database import UnitOfWork
from service.kernel.ids import new_id
from service.kernel.paging import page
from service.kernel.problems import FieldError, conflict, invalid_input, not_found
from service.kernel.requests import Expected
from service.kernel.secret_links import digest, new_secret
from service.kernel.text import Text
from service.vacancies.sharing import mailing
from service.vacancies.sharing.models import VacancySubscription
from service.vacancies.sharing.rules import MOST_PLACES, MOST_SUBSCRIPTIONS

_ASKS: Final = ("name", "region_codes", "occupation_groups", "language")
"""What a subscription asks; the address is beside it."""
_SHOWN: Final = (
    *("id", "version", *_ASKS),
    *("email", "email_confirmed_at", "unsubscribed_at", "created_at"),
)


def visible_subscriptions(actor: Actor) -> Select[Any]:
    """Those that clients of one's own party made."""
    return select(VacancySubscription).where(VacancySubscription.party_id == actor.party.id)


def subscribe(uow: UnitOfWork, actor: Actor, data: Mapping[str, Any]) -> dict[str, Any]:
    """A subscription and, this once, the address of its feed. Raises 409 for one too many, 429 for many addresses."""
    # Two at once must not pass the limit together.
    uow.execute(select(Client.id).where(Client.id == actor.client_id).with_for_update())
    count = uow.session.scalar(select(func.count()).where(VacancySubscription.client_id == actor.client_id)) or 0
    if count >= MOST_SUBSCRIPTIONS:
        raise conflict(
            "too-many-subscriptions",
            f"Een systeem heeft hooguit {MOST_SUBSCRIPTIONS} abonnementen. Trek er eerst een in.",
            f"A client has at most {MOST_SUBSCRIPTIONS} subscriptions. Revoke one first.",
        )
    secret = new_secret()
    row = VacancySubscription(
        id=new_id(),
        client_id=actor.client_id,
        party_id=actor.party.id,
        secret_digest=digest(secret),
        created_at=uow.now,
        changed_at=uow.now,
        **{name: data[name] for name in _ASKS},
    )
    _check_size(row)
    must_ask = mailing.set_address(uow, row, data["email"])
    uow.add(row)
    uow.flush()
    if must_ask:
        _ask(uow, actor, row)
    return _view(row) | {"url": f"{uow.settings.url}/vacancies/{secret}.atom"}


def change(
    uow: UnitOfWork, actor: Actor, subscription_id: str, data: Mapping[str, Any], expected: Expected
) -> dict[str, Any]:
    """Changes what is asked, or where the digest goes; a new address is asked first."""
    row = _subscription(uow, actor, subscription_id, for_update=True)
    expected.check(row.version)
    asked = {name: data[name] for name in _ASKS if name in data and data[name] != getattr(row, name)}
    for name, value in asked.items():
        setattr(row, name, value)
    if asked:
        row.changed_at = uow.now
    _check_size(row)
    must_ask = "email" in data and mailing.set_address(uow, row, data["email"])
    uow.flush()
    if must_ask:
        _ask(uow, actor, row)
    return _view(row)


def list_subscriptions(uow: UnitOfWork, actor: Actor, query: Mapping[str, Any]) -> dict[str, Any]:
    return page(uow, visible_subscriptions(actor), (VacancySubscription.id,), query, _view)


def get_subscription(uow: UnitOfWork, actor: Actor, subscription_id: str) -> dict[str, Any]:
    return _view(_subscription(uow, actor, subscription_id))


def revoke(uow: UnitOfWork, actor: Actor, subscription_id: str, expected: Expected) -> None:
    """From now on the feed's address leads nowhere, and no mail goes out."""
    row = _subscription(uow, actor, subscription_id, for_update=True)
    expected.check(row.version)
    uow.execute(delete(VacancySubscription).where(VacancySubscription.id == row.id))


def _ask(uow: UnitOfWork, actor: Actor, row: VacancySubscription) -> None:
    limits.count(uow, actor, Limit("digest-addresses", uow.settings.digest_addresses_per_minute, 10**9), 0)
    mailing.ask(uow, row)


def _check_size(row: VacancySubscription) -> None:
    if max(1, len(row.region_codes)) * max(1, len(row.occupation_groups)) > MOST_PLACES:
        text = Text(
            f"Dit zijn te veel combinaties van regio's en beroepsgroepen. Kies er samen hooguit {MOST_PLACES}.",
            f"Too many combinations of regions and groups of occupations. Choose at most {MOST_PLACES} together.",
        )
        raise invalid_input([FieldError("too-many-combinations", text, pointer="/occupationGroups")])


def _subscription(
    uow: UnitOfWork, actor: Actor, subscription_id: str, *, for_update: bool = False
) -> VacancySubscription:
    wanted = visible_subscriptions(actor).where(VacancySubscription.id == subscription_id)
    row: VacancySubscription | None = uow.session.scalars(
        wanted.with_for_update() if for_update else wanted
    ).one_or_none()
    if row is None:
        raise not_found()
    return row


def _view(row: VacancySubscription) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _SHOWN}
