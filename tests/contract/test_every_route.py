"""What holds for each route, whichever room it is in: a route that is added tomorrow is tested tomorrow."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from service.access.operations import create_client
from service.access.rules import PartyKind
from service.app import API_VERSION, document
from service.kernel.endpoints import Endpoint
from service.kernel.room import Permission
from service.rooms import PERMISSIONS, ROOMS
from service.schema import migrate
from tests.support import databases
from tests.support.examples import UNKNOWN_ID, body_for
from tests.support.house import House, Party, SettableClock, settings_for

ENDPOINTS = [endpoint for room in ROOMS for routes in room.routes for endpoint in routes.endpoints]
GUARDED = [endpoint for endpoint in ENDPOINTS if endpoint.scope is not None]
WITH_BODY = [endpoint for endpoint in ENDPOINTS if endpoint.body is not None]
WITH_ID = [endpoint for endpoint in ENDPOINTS if "{" in endpoint.path]
each = pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: f"{endpoint.method} {endpoint.path}")
each_guarded = pytest.mark.parametrize("endpoint", GUARDED, ids=lambda endpoint: f"{endpoint.method} {endpoint.path}")
each_with_body = pytest.mark.parametrize(
    "endpoint", WITH_BODY, ids=lambda endpoint: f"{endpoint.method} {endpoint.path}"
)
each_with_id = pytest.mark.parametrize("endpoint", WITH_ID, ids=lambda endpoint: f"{endpoint.method} {endpoint.path}")


class Parties:
    """One party of each kind, made when needed."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.by_kind: dict[PartyKind, Party] = {}
        self.secretive: dict[PartyKind, str] = {}

    def of(self, kind: PartyKind) -> Party:
        if kind not in self.by_kind:
            self.by_kind[kind] = self.house.party(kind)
        return self.by_kind[kind]

    def with_secret(self, kind: PartyKind) -> str:
        """The id of a client of such a party that proves itself with the secret `secret`."""
        if kind not in self.secretive:
            party = self.of(kind)
            with self.house.database.transaction() as uow:
                self.secretive[kind] = create_client(uow, party.id, kind.value, secret="secret")
        return self.secretive[kind]

    def allowed(self, endpoint: Endpoint) -> Party:
        kinds = next((row.parties for row in PERMISSIONS if row.scope == endpoint.scope), frozenset(PartyKind))
        return self.of(PartyKind(min(kinds - {PartyKind.SYSTEM})))


# What is refused here is refused before anything is written: one database is enough for a quick run.
@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.long)])
def parties(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parties]:
    """One house for the whole file: no test here leaves anything in it, since each is refused."""
    folder: Path = tmp_path_factory.mktemp("house")
    if request.param == "sqlite":
        url = databases.sqlite_clone(databases.sqlite_template(migrate), folder)
    else:
        url = databases.clone(databases.create_template(databases.postgres_server(), "main", migrate))
    house = House(settings_for(folder, url, token_seconds=3600), SettableClock())
    yield Parties(house)
    house.close()
    if request.param == "postgresql":
        databases.drop(url)


def path_of(endpoint: Endpoint) -> str:
    path = endpoint.path
    while "{" in path:
        path = path[: path.index("{")] + UNKNOWN_ID + path[path.index("}") + 1 :]
    return path


def send(party: Party | None, house: House, endpoint: Endpoint, **more: Any) -> TestResponse:
    headers = {} if party is None else dict(party.headers)
    headers |= more.pop("headers", {})
    if endpoint.body is not None and "data" not in more:
        more |= {"data": json.dumps(body_for(endpoint.body)), "content_type": endpoint.content_type}
    if endpoint.upload and "data" not in more:
        more |= {"data": b"", "content_type": endpoint.upload[0]}
    path = more.pop("path", path_of(endpoint))
    if endpoint.query.fields and "query_string" not in more:
        more["query_string"] = {
            str(field.data_key): "magazijn" for field in endpoint.query.fields.values() if field.required
        }
    return house.web.open(f"/v1{path}", method=endpoint.method, headers=headers, **more)


def assert_problem(response: TestResponse, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status, response.get_data(as_text=True)
    assert response.content_type == "application/problem+json"
    assert response.headers["API-Version"] == API_VERSION
    problem: dict[str, Any] = response.get_json()
    assert {"type", "title", "status", "detail", "instance"} <= problem.keys()
    assert (problem["status"], problem["type"].rpartition("#")[2]) == (status, code)
    return problem


@each_guarded
def test_without_a_token(endpoint: Endpoint, parties: Parties) -> None:
    response = send(None, parties.house, endpoint)
    problem = response.get_json()
    assert_problem(response, 401, problem["type"].rpartition("#")[2])
    assert response.headers["WWW-Authenticate"].startswith("Bearer")
    assert "error=" not in response.headers["WWW-Authenticate"]


@each_guarded
def test_without_the_scope(endpoint: Endpoint, parties: Parties) -> None:
    party = parties.allowed(endpoint)
    token = parties.house.token(party, frozenset())
    if endpoint.scope == "me:read":
        return
    response = send(None, parties.house, endpoint, headers={"Authorization": f"Bearer {token}"})
    assert_problem(response, 403, "insufficient-scope")
    assert f'scope="{endpoint.scope}"' in response.headers["WWW-Authenticate"]


@pytest.mark.parametrize("row", PERMISSIONS, ids=lambda row: row.scope)
def test_a_kind_of_party_that_may_not_gets_no_such_token(row: Permission, parties: Parties) -> None:
    others = sorted(frozenset(PartyKind) - row.parties - {PartyKind.SYSTEM})
    for kind, status in [(min(row.parties), 200)] + [(kind, 400) for kind in others[:1]]:
        client_id = parties.with_secret(PartyKind(kind))
        form = {"grant_type": "client_credentials", "scope": row.scope}
        response = parties.house.web.post("/oauth/token", data=form, auth=(client_id, "secret"))
        assert response.status_code == status, response.get_data(as_text=True)
        assert response.get_json().get("error") == (None if status == 200 else "invalid_scope")


@each
def test_a_trailing_slash_is_nowhere(endpoint: Endpoint, parties: Parties) -> None:
    response = send(parties.allowed(endpoint), parties.house, endpoint, path=path_of(endpoint) + "/")
    assert_problem(response, 404, "not-found")


@each
def test_another_method_names_those_that_exist(endpoint: Endpoint, parties: Parties) -> None:
    response = parties.house.web.open(f"/v1{path_of(endpoint)}", method="TRACE")
    assert_problem(response, 405, "method-not-allowed")
    assert endpoint.method in response.headers["Allow"]


@each
def test_a_form_that_we_do_not_have(endpoint: Endpoint, parties: Parties) -> None:
    response = send(parties.allowed(endpoint), parties.house, endpoint, headers={"Accept": "application/xml"})
    assert_problem(response, 406, "not-acceptable")


@each
def test_an_unknown_query_key(endpoint: Endpoint, parties: Parties) -> None:
    response = send(parties.allowed(endpoint), parties.house, endpoint, query_string={"geheim": "1"})
    problem = assert_problem(response, 400, "invalid-input")
    assert ("geheim", "unknown-field") in [(error.get("parameter"), error["code"]) for error in problem["errors"]]


@each_with_id
@pytest.mark.parametrize(
    "broken", ["1", "%00", "0190B6E8-7A2B-7C3D-8E4F-112233445566", "..", "%F0%9F%98%80", "a" * 500]
)
def test_an_id_that_names_nothing(endpoint: Endpoint, parties: Parties, broken: str) -> None:
    party = parties.allowed(endpoint)
    headers = {"If-Match": '"1-0123456789abcdef"'} if endpoint.if_match else {}
    known_form = send(party, parties.house, endpoint, headers=headers)
    if known_form.status_code == 400:
        return
    unknown = assert_problem(known_form, 404, "not-found")
    other = send(party, parties.house, endpoint, headers=headers, path=path_of(endpoint).replace(UNKNOWN_ID, broken))
    assert {**assert_problem(other, 404, "not-found"), "instance": ""} == {**unknown, "instance": ""}


BAD_BODIES: list[tuple[bytes, str]] = [
    (b"", "malformed-json"),
    (b"{", "malformed-json"),
    (b'{"a": NaN}', "malformed-json"),
    (b'{"a": "\\u0000"}', "unstorable-text"),
    (b'{"a": "\\ud800"}', "unstorable-text"),
    (b"[" * 100_000 + b"]" * 100_000, "json-too-deep"),
    (b'{"a": 1, "a": 2}', "duplicate-key"),
    (b'{"a": 1e999}', "number-too-large"),
    (b'{"a": \xff}', "malformed-json"),
    (b'{"zomaar": "0000-00-00"}', "invalid-input"),
    (b"[]", "invalid-input"),
    (b"null", "invalid-input"),
    (b'"x"', "invalid-input"),
]


@each_with_body
@pytest.mark.parametrize(("raw", "code"), BAD_BODIES, ids=lambda value: repr(value)[:20])
def test_a_bad_body(endpoint: Endpoint, parties: Parties, raw: bytes, code: str) -> None:
    party = parties.allowed(endpoint)
    response = send(party, parties.house, endpoint, data=raw, content_type=endpoint.content_type)
    problem = assert_problem(response, 400, code)
    assert b"0000-00-00" not in response.get_data()
    if code == "invalid-input":
        assert all({"pointer", "code", "detail"} <= error.keys() for error in problem["errors"])


@each_with_body
def test_too_large_a_body(endpoint: Endpoint, parties: Parties) -> None:
    raw = b'{"a": "' + b"x" * 2_000_000 + b'"}'
    response = send(parties.allowed(endpoint), parties.house, endpoint, data=raw, content_type=endpoint.content_type)
    assert_problem(response, 413, "too-large")


@each_with_body
@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "application/x-www-form-urlencoded", ""])
def test_the_wrong_kind_of_body(endpoint: Endpoint, parties: Parties, kind: str) -> None:
    response = send(parties.allowed(endpoint), parties.house, endpoint, data=b"{}", content_type=kind)
    assert_problem(response, 415, "unsupported-media-type")
    assert endpoint.content_type in (response.headers.get("Accept-Post"), response.headers.get("Accept-Patch"))


@pytest.mark.parametrize(
    "endpoint", [endpoint for endpoint in ENDPOINTS if endpoint.upload], ids=lambda each: each.path
)
def test_a_file_of_the_wrong_kind_or_size(endpoint: Endpoint, parties: Parties) -> None:
    party = parties.allowed(endpoint)
    assert_problem(send(party, parties.house, endpoint), 400, "empty-file")
    for kind in ("application/json", "text/plain", ""):
        refused = send(party, parties.house, endpoint, data=b"x", content_type=kind)
        assert_problem(refused, 415, "unsupported-media-type")
        assert refused.headers["Accept-Post"] == ", ".join(endpoint.upload)
    length = {"CONTENT_LENGTH": str(parties.house.settings.import_max_bytes + 2)}
    kind = endpoint.upload[0]
    too_large = send(party, parties.house, endpoint, data=b"x", content_type=kind, environ_overrides=length)
    assert_problem(too_large, 413, "too-large")


@each_with_body
def test_all_missing_fields_are_named_at_once(endpoint: Endpoint, parties: Parties) -> None:
    assert endpoint.body is not None
    required = {f"/{name}" for name in body_for(endpoint.body)}
    response = send(parties.allowed(endpoint), parties.house, endpoint, data=b"{}", content_type=endpoint.content_type)
    if required:
        problem = assert_problem(response, 400, "invalid-input")
        assert {error["pointer"] for error in problem["errors"]} == required


@pytest.mark.parametrize(
    "endpoint",
    [endpoint for endpoint in ENDPOINTS if endpoint.if_match],
    ids=lambda endpoint: f"{endpoint.method} {endpoint.path}",
)
def test_a_change_without_if_match(endpoint: Endpoint, parties: Parties) -> None:
    response = send(parties.allowed(endpoint), parties.house, endpoint)
    assert_problem(response, 428, "precondition-required")


@each
def test_the_security_headers(endpoint: Endpoint, parties: Parties) -> None:
    for response in (send(None, parties.house, endpoint), send(parties.allowed(endpoint), parties.house, endpoint)):
        assert response.status_code < 500
        assert response.headers["API-Version"] == API_VERSION
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Cache-Control"] == "no-store"
        assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
        assert response.headers["Strict-Transport-Security"].startswith("max-age=")
        assert "Access-Control-Allow-Origin" not in response.headers


@each
def test_it_is_documented(endpoint: Endpoint) -> None:
    operation = document()["paths"][endpoint.path][endpoint.method.lower()]
    assert operation["summary"]
    assert str(endpoint.status) in operation["responses"]
    names = {parameter.get("name") for parameter in operation["parameters"] if isinstance(parameter, dict)}
    assert not names & {"bsn", "name", "email", "phone"}


def test_each_scope_stands_in_the_table_once() -> None:
    scopes = [row.scope for row in PERMISSIONS]
    assert len(scopes) == len(set(scopes))
    assert {endpoint.scope for endpoint in GUARDED} == set(scopes)
    assert all(row.allows and row.parties for row in PERMISSIONS)


def test_operation_ids_are_unique() -> None:
    ids = [endpoint.operation_id for endpoint in ENDPOINTS]
    assert len(ids) == len(set(ids))


def test_the_document_is_open_to_everybody(parties: Parties) -> None:
    response = parties.house.web.get("/v1/openapi.json")
    assert response.status_code == 200
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["API-Version"] == API_VERSION
    assert response.get_json() == document()
