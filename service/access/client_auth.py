"""How a client proves itself at the token endpoint: by a signed assertion (RFC 7523), in the demo also by a secret.

Stricter than Authlib's own: the only audience is our issuer identifier, as text; an assertion lives a minute and
counts once. Authlib's texts can repeat what was sent; ours never do.
"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import unquote_plus

from authlib.oauth2.rfc6749 import ClientMixin, InvalidClientError, InvalidScopeError, OAuth2Request
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from joserfc import jws, jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import Key, KeySet
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from werkzeug.security import check_password_hash, generate_password_hash

from service.access.keys import WrongKey, client_keys
from service.access.models import Client, Party, UsedAssertion
from service.access.operations import CLIENT_ID, MOST_SECRET_LENGTH, scopes_of
from service.access.rules import PartyKind
from service.access.tokens import reachable
from service.kernel import strict_json
from service.kernel.database import Database
from service.kernel.problems import Problem
from service.kernel.room import Permission

ALGORITHMS = ["ES256", "RS256"]
LIFE_SECONDS = 60
LEEWAY_SECONDS = 30
"""How far a client's clock may be off."""

_JTI = re.compile(r"[\x21-\x7e]{1,255}")
_TYPES = frozenset({"jwt", "client-authentication+jwt", "application/client-authentication+jwt"})


class Explained(InvalidClientError):
    """A refusal of which the client may know the reason: it proved already that it holds its key."""


class _Registry(jws.JWSRegistry):
    # Room for a certificate chain (x5c), which clients of other organisations send and which we do not read.
    max_header_length = 8_000


_REGISTRY = _Registry(algorithms=ALGORITHMS, strict_check_header=False)
_UNREADABLE = (JoseError, Problem, ValueError, TypeError, KeyError, AttributeError, RecursionError)


@dataclass(frozen=True, slots=True)
class ApiClient(ClientMixin):
    """A client as Authlib wants to see it."""

    id: str
    scopes: frozenset[str]
    secret_hash: str | None
    jwks: Mapping[str, Any] | None

    def get_client_id(self) -> str:
        return self.id

    def get_allowed_scope(self, scope: Collection[str] | str | None) -> str:
        """What was asked for, or everything when nothing was. Raises InvalidScopeError when it goes too far."""
        wanted = frozenset(scope.split() if isinstance(scope, str) else scope or ()) or self.scopes
        if not wanted <= self.scopes:
            raise InvalidScopeError("Your kind of party has no such scope; without 'scope' you get all that it has.")
        return " ".join(sorted(wanted))

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return (self.jwks if method == "private_key_jwt" else self.secret_hash) is not None

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "client_credentials"


def find_client(database: Database, permissions: tuple[Permission, ...], client_id: str) -> ApiClient | None:
    """The client with this id, unless it was revoked. `client_id` may be any text."""
    if CLIENT_ID.fullmatch(client_id) is None:
        return None
    statement = (
        select(Client.secret_hash, Client.jwks, Party.kind)
        .join(Party, Party.id == Client.party_id)
        .where(Client.id == client_id, Client.revoked_at.is_(None))
    )
    with reachable(), database.reading() as uow:
        row = uow.execute(statement).one_or_none()
    if row is None:
        return None
    return ApiClient(client_id, scopes_of(PartyKind(row.kind), permissions), row.secret_hash, row.jwks)


def authenticate_by_secret(query_client: Callable[[str], ApiClient | None], request: OAuth2Request) -> ApiClient | None:
    """client_secret_basic (RFC 6749 2.3.1). None when there is no such header, or it does not fit."""
    scheme, _, encoded = (request.headers or {}).get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode()
        client_id, secret = (unquote_plus(part, errors="strict") for part in text.split(":", 1))
    except (binascii.Error, ValueError):
        return None
    client = query_client(client_id)
    kept = client.secret_hash if client is not None and client.secret_hash is not None else _nobodys_hash()
    # Hashed also when there is no such client: the time must not tell which ids exist.
    fits = len(secret) <= MOST_SECRET_LENGTH and check_password_hash(kept, secret)
    return client if fits else None


@cache
def _nobodys_hash() -> str:
    return generate_password_hash(secrets.token_hex(16), method="scrypt")


class ClientAssertion(JWTBearerClientAssertion):
    """private_key_jwt: a JWT with iss = sub = client_id, aud = our issuer, exp, and a jti that was not used before."""

    def __init__(self, database: Database, issuer: str) -> None:
        super().__init__(leeway=LEEWAY_SECONDS)
        self._database = database
        self._issuer = issuer

    def extract_assertion(self, assertion: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Header and claims, not yet verified: only to know whose keys to verify with."""
        try:
            found = jws.extract_compact(assertion.encode("ascii"), None, _REGISTRY)
            return found.headers(), _claims(found.payload)
        except _UNREADABLE:
            raise InvalidClientError from None

    def resolve_client_public_key(self, client: ApiClient) -> Key | KeySet:
        if client.jwks is None:
            raise InvalidClientError
        try:
            keys = client_keys(client.jwks)
        except WrongKey:
            raise InvalidClientError from None
        only = client.jwks["keys"][0]
        # One key without a name is meant, whatever name the client's library puts into the header.
        return keys if len(keys.keys) > 1 or "kid" in only else keys.keys[0]

    def process_assertion_claims(self, assertion: str, resolve_key: Key | KeySet) -> dict[str, Any]:
        try:
            found = jws.deserialize_compact(assertion.encode("ascii"), resolve_key, ALGORITHMS, _REGISTRY)
            claims = _claims(found.payload)
        except _UNREADABLE:
            raise InvalidClientError from None
        if str(found.headers().get("typ", "JWT")).lower() not in _TYPES:
            raise Explained("The header 'typ' must be client-authentication+jwt or JWT.")
        self.verify_claims(claims)
        return claims

    def authenticate_client(self, client: ApiClient) -> ApiClient:
        return client

    def verify_claims(self, claims: dict[str, Any]) -> None:
        now = int(self._database.clock().timestamp())
        times = jwt.JWTClaimsRegistry(now=now, leeway=LEEWAY_SECONDS, exp={"essential": True})
        try:
            times.validate({name: claims[name] for name in ("exp", "nbf", "iat") if name in claims})
        except ExpiredTokenError:
            raise Explained("The assertion has expired.") from None
        except JoseError:
            raise Explained("'exp' is required; 'exp', 'nbf' and 'iat' must be times, the latter two past.") from None
        if claims["exp"] > now + LIFE_SECONDS + LEEWAY_SECONDS:
            raise Explained(f"'exp' lies too far ahead: at most {LIFE_SECONDS} seconds.")
        if claims.get("iss") != claims["sub"]:
            raise Explained("'iss' and 'sub' must both be the client id.")
        if claims.get("aud") != self._issuer:
            raise Explained("'aud' must be our issuer identifier as its only value, as a string.")
        jti = claims.get("jti")
        if not isinstance(jti, str) or _JTI.fullmatch(jti) is None:
            raise Explained("'jti' is required: 1 to 255 visible ASCII characters.")
        if not self.validate_jti(claims, jti):
            raise Explained("This assertion was used before. Make a new one for each request.")

    def validate_jti(self, claims: dict[str, Any], jti: str) -> bool:
        """Keeps the id until the assertion has expired. False when it was there already."""
        expires_at = datetime.fromtimestamp(claims["exp"] + LEEWAY_SECONDS, UTC)
        used = {"client_id": claims["sub"], "jti": jti, "expires_at": expires_at}
        try:
            with reachable(), self._database.transaction() as uow:
                uow.execute(insert(UsedAssertion).values(**used))
        except IntegrityError:
            return False
        return True


def _claims(payload: bytes | None) -> dict[str, Any]:
    claims = strict_json.loads(payload or b"")
    if not isinstance(claims, dict):
        raise TypeError
    return claims
