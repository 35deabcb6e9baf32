"""A small house for the tests of this room: a database in a file, keys, parties with clients, and a web application."""

from __future__ import annotations

import json
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask, request
from joserfc import jwt
from joserfc.jwk import ECKey

from service.access import operations
from service.access.actor import log_replay
from service.access.keys import SigningKeys, ensure_keys, field_keys
from service.access.oauth import register_oauth
from service.access.room import ROOM
from service.access.rules import PartyKind
from service.access.tokens import Authenticator, issue
from service.config import Settings
from service.kernel.crypto import Vault
from service.kernel.database import Database
from service.kernel.http import Gateway
from service.kernel.problems import Problem
from service.kernel.room import Permission

URL = "https://servicepunt.example"
NOON = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)
PERMISSIONS = (
    *ROOM.permissions,
    Permission("contacts:read", frozenset({PartyKind.EMPLOYER, PartyKind.UWV}), "Read contacts"),
    Permission("signals:report", frozenset({PartyKind.EMPLOYER}), "Report signals"),
    Permission("caseload:write", frozenset({PartyKind.UWV}), "Change the caseload"),
)
SECRET = "a secret: 100% +ordinary/"
CLIENT_KEY = ECKey.generate_key("P-256", {"kid": "own-1"})


class SetClock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass
class House:
    """`employer` and `bureau` belong to employers, `operator` to the operator; all three have CLIENT_KEY."""

    database: Database
    settings: Settings
    keys: SigningKeys
    clock: SetClock
    app: Flask
    authenticate: Authenticator
    parties: dict[str, str] = field(default_factory=dict)

    def token(self, client: str = "employer", *scopes: str) -> str:
        wanted = scopes or ("me:read", "contacts:read", "signals:report", "access-log:read")
        return self.sign(client, wanted)

    def sign(self, client: str, scopes: tuple[str, ...]) -> str:
        return issue(self.keys, self.settings, self.clock(), client, scopes)

    def bearer(self, *arguments: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(*arguments)}"}

    def ask(self, form: Mapping[str, str] | bytes | str, **options: Any) -> Any:
        options.setdefault("content_type", "application/x-www-form-urlencoded")
        return self.app.test_client().post("/oauth/token", data=form, **options)

    def claims(self, **changes: Any) -> dict[str, Any]:
        """The claims of a good assertion; a change to ... leaves one out."""
        now = int(self.clock().timestamp())
        claims = {
            "iss": "employer",
            "sub": "employer",
            "aud": URL,
            "exp": now + 50,
            "iat": now,
            "jti": secrets.token_hex(16),
        }
        return {name: value for name, value in (claims | changes).items() if value is not ...}

    def prove(self, key: Any = CLIENT_KEY, header: Mapping[str, Any] | None = None, **changes: Any) -> dict[str, str]:
        """The form of a token request with an assertion."""
        header = {"alg": "ES256", "kid": "own-1"} | dict(header or {})
        return form_with(jwt.encode(dict(header), self.claims(**changes), key, ["ES256", "RS256", "HS256"]))


def form_with(assertion: str) -> dict[str, str]:
    return {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": assertion,
    }


def b64(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def build_house(tmp_path: Path, url: str, *, fill: bool = True, **overrides: Any) -> House:
    """On a migrated database: an empty one, or with `fill` False one that another house has filled."""
    ensure_keys(tmp_path)
    values: dict[str, Any] = {"data_dir": tmp_path, "base_url": URL} | overrides
    settings = Settings(**values)
    clock = SetClock()
    vault = Vault(field_keys(tmp_path))
    database = Database(url, clock=clock, settings=settings, vault=vault)
    keys = SigningKeys(tmp_path)
    authenticate = Authenticator(settings)
    app = Flask("access-tests")
    gateway = Gateway(database, authenticate, log_replay, api_version="1.0.0", type_base="https://problems.example/")
    for routes in ROOM.routes:
        gateway.register(app, routes.endpoints, "/v1")
    register_oauth(app, database, settings, PERMISSIONS, dict(gateway.headers))
    app.register_error_handler(Problem, lambda problem: gateway.problem_response(problem, request))
    house = House(database, settings, keys, clock, app, authenticate)
    if fill:
        _fill(house)
    return house


def _fill(house: House) -> None:
    make: Callable[..., str] = operations.create_party
    with house.database.transaction() as uow:
        for name in ("employer", "other employer", "bureau"):
            house.parties[name] = make(uow, PartyKind.EMPLOYER, name.title())
        house.parties["uwv"] = make(uow, PartyKind.UWV, "UWV")
        house.parties["operator"] = make(uow, PartyKind.OPERATOR, "Operator")
        house.parties["wsp"] = make(uow, PartyKind.WSP, "WSP", region_code=_REGION)
        jwks = {"keys": [CLIENT_KEY.as_dict(private=False)]}
        for name in ("employer", "bureau", "operator", "wsp"):
            operations.create_client(uow, house.parties[name], f"HR of {name}", client_id=name, jwks=jwks)


_REGION = "AM01"
