"""Parties and their clients, grants, and the reading of the access log."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Select, delete, false, or_, select
from werkzeug.security import generate_password_hash

from service.access.actor import ActingParty, Actor, log_access
from service.access.keys import WrongKey, client_keys
from service.access.models import AccessEntry, Client, Grant, Party, UsedAssertion
from service.access.rules import PartyKind, Purpose
from service.kernel import paging
from service.kernel.database import UnitOfWork
from service.kernel.ids import new_id
from service.kernel.problems import invalid_field, invalid_input, not_found, unknown_reference
from service.kernel.room import Permission
from service.reference.places import region

CLIENT_ID = re.compile(r"[A-Za-z0-9._~-]{1,100}", re.ASCII)
MOST_SECRET_LENGTH = 200


def scopes_of(kind: PartyKind, permissions: Iterable[Permission]) -> frozenset[str]:
    """All that a party of this kind may ask for."""
    return frozenset(permission.scope for permission in permissions if kind in permission.parties)


def create_party(
    uow: UnitOfWork,
    kind: PartyKind,
    name: str,
    *,
    party_id: str = "",
    email: str | None = None,
    region_code: str | None = None,
) -> str:
    """Makes a party and returns its id. A WSP serves one labour-market region (its code); nobody else has one."""
    if (kind is PartyKind.WSP) != (region_code is not None):
        raise invalid_field(
            "/regionCode",
            "wrong-region",
            "Een WSP heeft een arbeidsmarktregio, een andere partij niet.",
            "A WSP has a labour-market region, any other party has none.",
        )
    if region_code is not None and region(region_code) is None:
        raise invalid_input([unknown_reference("/regionCode")])
    row = Party(id=party_id or new_id(), kind=kind, name=name, email=email, region_code=region_code)
    uow.add(row)
    uow.flush()
    return row.id


def new_secret() -> str:
    """A client secret of 256 bits: shown once, kept as a hash."""
    return secrets.token_urlsafe(32)


def create_client(
    uow: UnitOfWork,
    party_id: str,
    name: str,
    *,
    client_id: str = "",
    jwks: Mapping[str, Any] | None = None,
    secret: str | None = None,
    is_demo: bool = False,
) -> str:
    """Makes a client of a party and returns its id. It proves itself with `jwks` (public keys) or with `secret`."""
    if (jwks is None) == (secret is None):
        raise invalid_field("/jwks", "one-of-two", "Geef 'jwks' of 'secret'.", "Give either 'jwks' or 'secret'.")
    if client_id and CLIENT_ID.fullmatch(client_id) is None:
        raise invalid_field(
            "/clientId",
            "wrong-form",
            "Gebruik 1 tot 100 letters, cijfers of . _ ~ -",
            "Use 1 to 100 letters, digits or . _ ~ -",
        )
    if secret is not None and not (uow.settings.client_secrets and 1 <= len(secret) <= MOST_SECRET_LENGTH):
        raise invalid_field(
            "/secret", "secret-refused", "Dit geheim kan hier niet. Gebruik 'jwks'.", "No such secret here. Use 'jwks'."
        )
    if jwks is not None:
        _check_keys(jwks)
    if uow.session.get(Party, party_id) is None:
        raise invalid_input([unknown_reference("/partyId")])
    row = Client(
        id=client_id or new_id(),
        name=name,
        party_id=party_id,
        secret_hash=None if secret is None else generate_password_hash(secret, method="scrypt"),
        jwks=None if jwks is None else dict(jwks),
        is_demo=is_demo,
        created_at=uow.now,
        revoked_at=None,
    )
    uow.add(row)
    uow.flush()
    return row.id


def replace_client_keys(uow: UnitOfWork, client_id: str, jwks: Mapping[str, Any]) -> None:
    """Puts these public keys in the place of a client's. Raises 400 for one with a secret, which keeps that."""
    _check_keys(jwks)
    client = uow.session.get(Client, client_id, with_for_update=True)
    if client is None:
        raise not_found()
    if client.jwks is None:
        raise invalid_field(
            "/jwks",
            "has-a-secret",
            "Deze client heeft een geheim, geen sleutels.",
            "This client has a secret, no keys.",
        )
    client.jwks = dict(jwks)
    uow.flush()


def _check_keys(jwks: Mapping[str, Any]) -> None:
    try:
        client_keys(jwks)
    except WrongKey as wrong:
        raise invalid_field("/jwks", "wrong-key", "Deze sleutels kunnen we niet gebruiken.", f"{wrong}.") from None


def grant(
    uow: UnitOfWork,
    client_id: str,
    party_id: str,
    *,
    valid_from: date | None = None,
    valid_until: date | None = None,
) -> None:
    """Lets a client act for a further party of its own kind, from a day (today) up to and including a day (no end).

    A second grant for the same party takes the place of the first: so it is also how a grant is ended.
    """
    start = valid_from or uow.today
    if valid_until is not None and valid_until < start:
        raise invalid_field("/validUntil", "before-start", "Het einde ligt voor het begin.", "Ends before it begins.")
    client = uow.session.get(Client, client_id)
    if client is None:
        raise not_found()
    own, other = uow.session.get(Party, client.party_id), uow.session.get(Party, party_id)
    if own is None or other is None:
        raise invalid_input([unknown_reference("/partyId")])
    if own.kind is not other.kind:
        raise invalid_field(
            "/partyId", "other-kind", "Deze partij is van een andere soort.", "This party is of another kind."
        )
    row = uow.session.get(Grant, (client_id, party_id))
    if row is None:
        uow.add(Grant(client_id=client_id, party_id=party_id, valid_from=start, valid_until=valid_until))
    else:
        row.valid_from, row.valid_until = start, valid_until
    uow.flush()


def revoke_client(uow: UnitOfWork, client_id: str) -> None:
    """Shuts a client out for good: no new tokens from now, and those it has end within settings.token_cache_seconds."""
    client = uow.session.get(Client, client_id, with_for_update=True)
    if client is None:
        raise not_found()
    if client.revoked_at is None:
        client.revoked_at = uow.now
    uow.flush()


def has_demo_clients(uow: UnitOfWork) -> bool:
    """Whether there is a client of the demo left that still gets in: its secret is known to everybody."""
    found = select(Client.id).where(Client.is_demo.is_(True), Client.revoked_at.is_(None)).limit(1)
    return uow.execute(found).first() is not None


_OWN = select(Party.id, Party.kind, Party.name, Party.region_code).join(Client, Client.party_id == Party.id)


def load_actor(uow: UnitOfWork, client_id: str, scopes: frozenset[str]) -> Actor | None:
    """The caller behind a token with these scopes, as the database knows it now; None when unknown or revoked."""
    own = uow.execute(_OWN.where(Client.id == client_id, Client.revoked_at.is_(None))).one_or_none()
    if own is None:
        return None
    granted = uow.execute(_granted(uow, client_id)).all()
    parties = [ActingParty(row.id, row.kind, row.name, row.region_code) for row in (own, *granted)]
    return Actor(client_id, tuple(parties), scopes)


def _granted(uow: UnitOfWork, client_id: str) -> Select[*tuple[Any, ...]]:
    return (
        select(Party.id, Party.kind, Party.name, Party.region_code, Grant.valid_from, Grant.valid_until)
        .join(Grant, Grant.party_id == Party.id)
        .join(Client, Client.id == Grant.client_id)
        .where(
            Grant.client_id == client_id,
            Grant.party_id != Client.party_id,
            Grant.valid_from <= uow.today,
            or_(Grant.valid_until.is_(None), Grant.valid_until >= uow.today),
        )
        .order_by(Party.name, Party.id)
    )


def get_me(uow: UnitOfWork, actor: Actor) -> dict[str, Any]:
    """Who calls: the client, its own party, the further parties for which it may act today, and the token's scopes."""
    name = uow.execute(select(Client.name).where(Client.id == actor.client_id)).scalar_one()
    return {
        "client": {"id": actor.client_id, "name": name},
        "party": _party_view(actor.party),
        "grants": [
            {"party": _party_view(row), "valid_from": row.valid_from, "valid_until": row.valid_until}
            for row in uow.execute(_granted(uow, actor.client_id))
        ],
        "scopes": sorted(actor.scopes),
    }


def _party_view(party: Any) -> dict[str, Any]:
    return {"id": party.id, "kind": party.kind, "name": party.name, "region_code": party.region_code}


def visible_access_entries(actor: Actor) -> Select[Any]:
    """The operator reads the whole log, nobody else any of it."""
    statement = select(AccessEntry)
    return statement if actor.kind is PartyKind.OPERATOR else statement.where(false())


def list_access_log(uow: UnitOfWork, actor: Actor, query: Mapping[str, Any]) -> dict[str, Any]:
    """A page of the log, newest first. Reading it is itself a look at the people in it, and is logged as such."""
    actor.require(PartyKind.OPERATOR)
    statement = visible_access_entries(actor)
    if "person_id" in query:
        statement = statement.where(AccessEntry.person_id == query["person_id"])
    if "client_id" in query:
        statement = statement.where(AccessEntry.client_id == query["client_id"])
    if "after" in query:
        statement = statement.where(AccessEntry.at >= query["after"])
    if "before" in query:
        statement = statement.where(AccessEntry.at < query["before"])
    # Newest first, because each page adds lines of its own: in the other direction the log would never end.
    page = paging.page(uow, statement, (AccessEntry.at, AccessEntry.id), query, _entry_view, descending=True)
    people = dict.fromkeys(item["person_id"] for item in page["items"])
    log_access(uow, actor, Purpose.OPERATION, "access-log.read", people, "access-log")
    return page


def _entry_view(row: AccessEntry) -> dict[str, Any]:
    return {
        "id": row.id,
        "at": row.at,
        "client_id": row.client_id,
        "party_id": row.party_id,
        "purpose": row.purpose,
        "action": row.action,
        "person_id": row.person_id,
        "resource": row.resource,
        "because": row.because,
        "trace_id": row.trace_id,
    }


def export_person(uow: UnitOfWork, person_id: str) -> dict[str, Any]:
    """What this room knows of a person: who looked at or changed their data, when and why."""
    rows = uow.execute(
        select(AccessEntry.at, AccessEntry.purpose, AccessEntry.action, AccessEntry.resource, Party.name)
        .join(Party, Party.id == AccessEntry.party_id, isouter=True)
        .where(AccessEntry.person_id == person_id)
        .order_by(AccessEntry.at, AccessEntry.id)
    )
    return {
        "accessLog": [
            {
                "at": row.at.isoformat(),
                "by": row.name or "Servicepunt",
                "purpose": row.purpose.value,
                "action": row.action,
                "resource": row.resource,
            }
            for row in rows
        ]
    }


def forget_used_assertions(uow: UnitOfWork) -> int:
    """Deletes the ids of client assertions that have expired, and so cannot be used again anyway."""
    return uow.execute(delete(UsedAssertion).where(UsedAssertion.expires_at <= uow.now)).rowcount
