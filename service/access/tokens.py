"""Access tokens: JWTs by RFC 9068, signed ES256, read from the Authorization header and nowhere else."""

from __future__ import annotations

import re
import secrets
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http import HTTPStatus
from typing import NamedTuple

from joserfc import jws, jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import ECKey, GuestProtocol
from sqlalchemy.exc import DBAPIError, OperationalError, TimeoutError

from service.access.actor import Actor
from service.access.keys import SigningKeys
from service.access.operations import load_actor
from service.access.rules import ME
from service.config import Settings
from service.kernel.database import Database
from service.kernel.http import unavailable
from service.kernel.problems import Problem
from service.kernel.text import Text

_ALGORITHMS = ["ES256"]
_TOKEN = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)
_MOST_LENGTH = 8_000
_TYPES = frozenset({"at+jwt", "application/at+jwt"})


def issue(keys: SigningKeys, settings: Settings, now: datetime, client_id: str, scopes: Iterable[str]) -> str:
    """A signed access token for this client, good for settings.token_seconds from `now`."""
    key = keys.newest()
    issued_at = int(now.timestamp())
    claims = {
        "iss": settings.url,
        "aud": settings.url,
        "sub": client_id,
        "client_id": client_id,
        "azp": client_id,
        "jti": secrets.token_urlsafe(16),
        "iat": issued_at,
        "exp": issued_at + settings.token_seconds,
        "scope": " ".join(sorted(scopes)),
    }
    return jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": key.kid}, claims, key, _ALGORITHMS)


class _Seen(NamedTuple):
    actor: Actor
    since: datetime
    until: datetime


class Authenticator:
    """Finds the caller behind an Authorization header (kernel.http.Authenticator).

    A token that was found good is remembered by its digest for settings.token_cache_seconds at most: within that time
    a revoked client or a changed grant takes effect. At most `capacity` tokens are remembered.
    """

    def __init__(self, settings: Settings, *, capacity: int = 10_000) -> None:
        """Raises WrongKey when there is no usable signing key in settings.data_dir."""
        self._keys = SigningKeys(settings.data_dir)
        self._issuer = settings.url
        self._kept_for = timedelta(seconds=settings.token_cache_seconds)
        self._capacity = capacity
        self._seen: OrderedDict[bytes, _Seen] = OrderedDict()
        self._writing = threading.Lock()

    def __call__(self, database: Database, authorization: str | None) -> Actor:
        """The caller. Raises a 401 Problem with WWW-Authenticate, or 503 when the database cannot be reached."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer":
            raise _no_token()
        if len(token) > _MOST_LENGTH or not token.isascii():
            raise _invalid_token()
        digest = sha256(token.encode()).digest()
        now = database.clock()
        seen = self._seen.get(digest)
        # `since`: a clock that was set back must not lengthen a memory.
        if seen is not None and seen.since <= now < seen.until:
            return seen.actor
        client_id, scopes, expires_at = self._verify(token, now)
        with reachable(), database.reading() as uow:
            actor = load_actor(uow, client_id, scopes | {ME})
        if actor is None:
            raise _invalid_token()
        self._remember(digest, _Seen(actor, now, min(now + self._kept_for, expires_at)))
        return actor

    def _verify(self, token: str, now: datetime) -> tuple[str, frozenset[str], datetime]:
        """Client id, scopes and end of a token that we signed for ourselves. Raises a 401 Problem."""
        if _TOKEN.fullmatch(token) is None:
            raise _invalid_token()
        try:
            found = jwt.decode(token, self._find_key, _ALGORITHMS, _REGISTRY)
        except (JoseError, ValueError, TypeError, RecursionError):
            raise _invalid_token() from None
        claims = found.claims
        client_id, scope, expires = claims.get("client_id"), claims.get("scope"), claims.get("exp")
        if (
            str(found.header.get("typ")).lower() not in _TYPES
            or claims.get("iss") != self._issuer
            or claims.get("aud") != self._issuer
            or not isinstance(client_id, str)
            or claims.get("sub") != client_id
            or not isinstance(claims.get("jti"), str)
            or not isinstance(scope, str)
            or type(expires) is not int
        ):
            raise _invalid_token()
        try:
            expires_at = datetime.fromtimestamp(expires, UTC)
        except (ValueError, OverflowError, OSError):
            raise _invalid_token() from None
        if expires_at <= now:
            raise _invalid_token()
        return client_id, frozenset(scope.split()), expires_at

    def _find_key(self, token: GuestProtocol) -> ECKey:
        kid = token.headers().get("kid")
        key = self._keys.find(kid) if isinstance(kid, str) else None
        if key is None:
            raise InvalidKeyIdError
        return key

    def _remember(self, digest: bytes, seen: _Seen) -> None:
        with self._writing:
            self._seen[digest] = seen
            self._seen.move_to_end(digest)
            while len(self._seen) > self._capacity:
                self._seen.popitem(last=False)


_REGISTRY = jws.JWSRegistry(algorithms=_ALGORITHMS)


@contextmanager
def reachable() -> Iterator[None]:
    """Turns a database that cannot be reached into a 503 Problem."""
    try:
        yield
    except (OperationalError, TimeoutError) as error:
        raise unavailable() from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise unavailable() from error
        raise


def _no_token() -> Problem:
    return Problem(
        HTTPStatus.UNAUTHORIZED,
        "not-authenticated",
        Text("U bent niet aangemeld", "Not authenticated"),
        Text(
            "Haal een token op bij /oauth/token en stuur het mee: Authorization: Bearer <token>.",
            "Get a token at /oauth/token and send it along: Authorization: Bearer <token>.",
        ),
        headers={"WWW-Authenticate": "Bearer"},
    )


def _invalid_token() -> Problem:
    return Problem(
        HTTPStatus.UNAUTHORIZED,
        "invalid-token",
        Text("Uw token is niet geldig", "The token is not valid"),
        Text(
            "Het token is verlopen, ingetrokken of niet van ons. Haal een nieuw token op bij /oauth/token.",
            "The token has expired, was revoked, or is not ours. Get a new one at /oauth/token.",
        ),
        headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
    )
