"""The token endpoint beside the proof itself: scopes, form, secrets, headers, and what the server tells of itself."""

from __future__ import annotations

import threading
from base64 import b64encode
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.access import operations
from tests.access.access_helpers import SECRET, URL, House, build_house

ALL = "contacts:read me:read signals:report"


@pytest.fixture
def with_secret(house: House) -> House:
    with house.database.transaction() as uow:
        operations.create_client(uow, house.parties["employer"], "Secret", client_id="secretive", secret=SECRET)
    return house


def basic(client_id: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{client_id}:{secret}".encode()).decode()}


SECRETIVE = basic("secretive", quote_plus(SECRET))


def fetch(house: House, path: str, **options: Any) -> Any:
    return house.app.test_client().get(path, **options)


@pytest.mark.parametrize(
    ("wanted", "given_scope"),
    [
        (None, ALL),
        ("", ALL),
        ("  ", ALL),
        ("contacts:read", "contacts:read"),
        ("signals:report contacts:read contacts:read", "contacts:read signals:report"),
    ],
)
def test_scope_within_the_permissions_of_the_party(one_house: House, wanted: str | None, given_scope: str) -> None:
    answer = one_house.ask(one_house.prove() | ({} if wanted is None else {"scope": wanted}))
    assert (answer.status_code, answer.json["scope"]) == (200, given_scope)


@pytest.mark.parametrize("wanted", ["caseload:write", "contacts:read access-log:read", "*", "CONTACTS:READ", "é"])
def test_scope_beyond_the_permissions_of_the_party(one_house: House, wanted: str) -> None:
    answer = one_house.ask(one_house.prove() | {"scope": wanted})
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_scope")


def test_a_secret_where_the_setting_allows_it(with_secret: House) -> None:
    form = {"grant_type": "client_credentials"}
    answer = with_secret.ask(form, headers=basic("secretive", quote_plus(SECRET)))
    assert (answer.status_code, answer.json["scope"]) == (200, ALL)
    for client_id, secret in (("secretive", "wrong"), ("nobody", SECRET), ("employer", SECRET), ("secretive", "")):
        answer = with_secret.ask(form, headers=basic(client_id, quote_plus(secret)))
        assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")
        assert answer.headers["WWW-Authenticate"].startswith("Basic ")


def test_secrets_are_stored_as_scrypt_hashes(with_secret: House) -> None:
    with with_secret.database.reading() as uow:
        hashed = uow.connection.exec_driver_sql("SELECT secret_hash FROM client WHERE id = 'secretive'").scalar_one()
    assert hashed.startswith("scrypt:")
    assert SECRET not in hashed


def test_a_secret_in_the_form_is_not_accepted(with_secret: House) -> None:
    form = {"grant_type": "client_credentials", "client_id": "secretive", "client_secret": SECRET}
    assert with_secret.ask(form).status_code == 401


def test_no_secrets_where_the_setting_forbids_them(with_secret: House, tmp_path: Path, database_url: str) -> None:
    assert with_secret.ask({"grant_type": "client_credentials"}, headers=SECRETIVE).status_code == 200
    house = build_house(tmp_path, database_url, fill=False, client_secrets=False)
    answer = house.ask({"grant_type": "client_credentials"}, headers=SECRETIVE)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
    assert house.ask(house.prove()).status_code == 200
    metadata = fetch(house, "/.well-known/oauth-authorization-server").json
    assert metadata["token_endpoint_auth_methods_supported"] == ["private_key_jwt"]
    house.database.close()


BROKEN_BASIC = [
    "Basic",
    "Basic ",
    "Basic  ",
    "Basic x",
    "Basic ====",
    "Basic é",
    "Basic " + b64encode(b"no colon").decode(),
    "Basic " + b64encode(b":").decode(),
    "Basic " + b64encode(b"\xff\xfe:\xff").decode(),
    "Basic " + b64encode(b"a\x00b:c\x00d").decode(),
    "Basic " + b64encode(b"%ED%A0%80:%ED%A0%80").decode(),
    "Basic " + b64encode(b"secretive:" + b"x" * 100_000).decode(),
    "Basic " + b64encode(b"secretive").decode() + " " + b64encode(b":x").decode(),
    "Negotiate abc",
]


@pytest.mark.parametrize("header", BROKEN_BASIC, ids=range(len(BROKEN_BASIC)))
def test_broken_basic_headers(with_secret: House, header: str) -> None:
    answer = with_secret.ask({"grant_type": "client_credentials"}, headers={"Authorization": header})
    assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")


FORM = "application/x-www-form-urlencoded"
BAD: dict[str, tuple[int, str, Any, dict[str, Any]]] = {
    "nothing": (400, "invalid_request", b"", {}),
    "no grant": (400, "invalid_request", b"a=b", {}),
    "empty grant": (400, "invalid_request", b"grant_type=", {}),
    "another grant": (400, "unsupported_grant_type", b"grant_type=password&username=a&password=b", {}),
    "refresh": (400, "unsupported_grant_type", b"grant_type=refresh_token&refresh_token=x", {}),
    "odd grant": (400, "unsupported_grant_type", b"grant_type=%C3%A9%22%5C", {}),
    "no proof": (401, "invalid_client", b"grant_type=client_credentials", {}),
    "grant twice": (400, "invalid_request", b"grant_type=client_credentials&grant_type=client_credentials", {}),
    "scope twice": (400, "invalid_request", b"grant_type=client_credentials&scope=a&scope=b", {}),
    "in the URL": (400, "invalid_request", b"grant_type=client_credentials", {"query_string": "scope=contacts:read"}),
    "JSON": (400, "invalid_request", b'{"grant_type":"client_credentials"}', {"content_type": "application/json"}),
    "multipart": (400, "invalid_request", b"--x--", {"content_type": "multipart/form-data; boundary=x"}),
    "no type": (400, "invalid_request", b"grant_type=client_credentials", {"content_type": ""}),
    "odd type": (400, "invalid_request", b"grant_type=client_credentials", {"content_type": "\xff/;;=é"}),
    "odd charset": (401, "invalid_client", b"grant_type=client_credentials", {"content_type": f"{FORM}; charset=x"}),
    "not ASCII": (400, "invalid_request", b"grant_type=\xff\xfe", {}),
    "not UTF-8": (400, "invalid_request", b"grant_type=client_credentials&scope=%ff%fe", {}),
    "half a character": (400, "invalid_request", b"grant_type=client_credentials&scope=%ED%A0%80", {}),
    "NUL": (400, "invalid_request", b"grant_type=client_credentials&scope=a%00b", {}),
    "line break": (400, "invalid_request", b"grant_type=client_credentials&scope=a%0D%0Ab", {}),
    "percent": (401, "invalid_client", b"grant_type=client_credentials&scope=%zz%", {}),
    "many fields": (400, "invalid_request", b"&".join(b"a%d=1" % n for n in range(21)), {}),
    "huge": (413, "invalid_request", b"grant_type=client_credentials&scope=" + b"x" * 40_000, {}),
}


@pytest.mark.parametrize(("status", "error", "body", "options"), BAD.values(), ids=BAD)
def test_bad_requests(one_house: House, status: int, error: str, body: Any, options: dict[str, Any]) -> None:
    answer = one_house.ask(body, **options)
    assert (answer.status_code, answer.json["error"]) == (status, error)
    assert_headers(answer)


def test_two_proofs_at_once(with_secret: House) -> None:
    answer = with_secret.ask(with_secret.prove(), headers=basic("secretive", quote_plus(SECRET)))
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")


def assert_headers(answer: Any) -> None:
    assert answer.headers.getlist("Content-Type") == ["application/json"]
    assert answer.headers.getlist("Cache-Control") == ["no-store"]
    assert answer.headers["API-Version"] == "1.0.0"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")


@pytest.mark.parametrize("host", ["evil.example", "localhost:1", "[::1]", "10.0.0.1"])
def test_the_host_header_and_plain_http_behind_a_proxy_change_nothing(one_house: House, host: str) -> None:
    answer = one_house.ask(one_house.prove(), headers={"Host": host})
    assert answer.status_code == 200
    assert_headers(answer)
    metadata = fetch(one_house, "/.well-known/oauth-authorization-server", headers={"Host": host})
    assert metadata.json["issuer"] == URL


def test_metadata(one_house: House) -> None:
    answer = fetch(one_house, "/.well-known/oauth-authorization-server")
    assert_headers(answer)
    assert answer.json["token_endpoint"] == f"{URL}/oauth/token"
    assert answer.json["jwks_uri"] == f"{URL}/oauth/jwks"
    assert answer.json["grant_types_supported"] == ["client_credentials"]
    assert answer.json["token_endpoint_auth_methods_supported"] == ["private_key_jwt", "client_secret_basic"]
    assert answer.json["token_endpoint_auth_signing_alg_values_supported"] == ["ES256", "RS256"]
    assert {"contacts:read", "caseload:write", "access-log:read"} <= set(answer.json["scopes_supported"])
    # Authlib's own check, but for an empty list of response types: there is no authorization endpoint here.
    AuthorizationServerMetadata(answer.json | {"response_types_supported": ["none"]}).validate()


def test_key_set_is_public(one_house: House) -> None:
    answer = fetch(one_house, "/oauth/jwks")
    assert_headers(answer)
    (key,) = answer.json["keys"]
    assert set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"}
    assert (key["kty"], key["crv"], key["alg"], key["use"]) == ("EC", "P-256", "ES256", "sig")


def test_the_same_assertion_at_the_same_moment_counts_once(one_house: House) -> None:
    form = one_house.prove()
    statuses: list[int] = []
    ready = threading.Barrier(6)

    def ask() -> None:
        ready.wait(30)
        statuses.append(one_house.ask(form).status_code)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(statuses) == [200, 401, 401, 401, 401, 401]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    body=st.one_of(
        st.binary(max_size=200),
        st.binary(max_size=60).map(lambda junk: b"grant_type=client_credentials&scope=" + junk),
        st.binary(max_size=60).map(
            lambda junk: (
                b"grant_type=client_credentials&client_assertion_type="
                b"urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=" + junk
            )
        ),
    ),
    header=st.one_of(st.none(), st.binary(max_size=40).map(lambda junk: "Basic " + b64encode(junk).decode())),
)
def test_junk_is_never_our_fault(one_house: House, body: bytes, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = one_house.ask(body, headers=headers)
    assert answer.status_code in (400, 401)
    assert answer.json["error"]
