"""The house as tests build it: settings, keys and a clock of their own, on a database of their own."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from joserfc.jwk import ECKey
from werkzeug.test import TestResponse

from service.access import operations as access
from service.access.keys import SigningKeys, ensure_keys
from service.access.rules import PartyKind
from service.access.tokens import issue
from service.app import create_app, open_database
from service.config import Settings
from service.kernel.database import Database
from service.rooms import PERMISSIONS

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class SettableClock:
    """Time as the test says."""

    def __init__(self, now: datetime = MONDAY) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)

    def set(self, now: datetime) -> None:
        self.now = now


def settings_for(folder: Path, url: str, **more: Any) -> Settings:
    values: dict[str, Any] = {
        "data_dir": folder,
        "database_url": url,
        "base_url": "http://127.0.0.1:8000",
        "threads": 4,
    }
    return Settings(**(values | more))


def database_for(settings: Settings, clock: SettableClock) -> Database:
    ensure_keys(settings.data_dir)
    return open_database(settings, clock)


# One for all: making a key, or the hash of a secret, costs more than the rest of a house.
_PUBLIC = {"keys": [ECKey.generate_key("P-256", {"kid": "house-1"}).as_dict(private=False)]}


class Party:
    """Somebody who calls: a client of a party of some kind, with a token."""

    def __init__(self, house: House, kind: PartyKind, name: str, **about: Any) -> None:
        self.house = house
        with house.database.transaction() as uow:
            self.id = access.create_party(uow, kind, name, **about)
            self.client_id = access.create_client(uow, self.id, name, jwks=_PUBLIC)
        self.kind = kind
        self.headers = {"Authorization": f"Bearer {house.token(self)}"}

    def request(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """A request to a path below /v1; headers as If_Match='…'."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        more: dict[str, Any] = {}
        if body is not None:
            kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
            more = {"data": json.dumps(body), "content_type": named.pop("Content-Type", kind)}
        return self.house.web.open(f"/v1{path}", method=method, headers=self.headers | named, **more)

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.request("GET", path, **headers)

    def post(self, path: str, body: Any, **headers: str) -> TestResponse:
        return self.request("POST", path, body, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> TestResponse:
        return self.request("PATCH", path, body, **headers)

    def move(self, path: str, to: str, **more: Any) -> TestResponse:
        """A transition, with the present ETag."""
        tag = self.get(path).headers["ETag"]
        return self.post(f"{path}/transitions", {"to": to, **more}, If_Match=tag)


class House:
    """The web application on a database, called in the process."""

    def __init__(self, settings: Settings, clock: SettableClock) -> None:
        ensure_keys(settings.data_dir)
        self.settings = settings
        self.clock = clock
        self.app = create_app(settings, clock)
        self.database: Database = self.app.extensions["servicepunt_database"]
        self.web = self.app.test_client()
        self._keys = SigningKeys(settings.data_dir)

    def token(self, party: Party, scopes: frozenset[str] | None = None) -> str:
        allowed = access.scopes_of(party.kind, PERMISSIONS) if scopes is None else scopes
        return issue(self._keys, self.settings, self.clock(), party.client_id, allowed)

    def party(self, kind: PartyKind, name: str = "", **about: Any) -> Party:
        if kind is PartyKind.WSP:
            about.setdefault("region_code", "AM01")
        return Party(self, kind, name or kind.value, **about)

    def close(self) -> None:
        self.database.close()
