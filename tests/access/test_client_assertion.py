"""private_key_jwt, stricter than RFC 7523: one audience, one minute, one use."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from joserfc.jws import JWSRegistry
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from service.access import operations
from service.access.models import UsedAssertion
from tests.access.access_helpers import CLIENT_KEY, URL, House, b64, form_with

RSA = RSAKey.generate_key(2048, {"kid": "rsa-1"})


def refused(answer: Any) -> str:
    assert answer.status_code == 401, answer.data
    assert answer.mimetype == "application/json"
    assert answer.headers["WWW-Authenticate"] == f'Basic realm="{URL}"'
    assert answer.json["error"] == "invalid_client"
    assert set(answer.json) == {"error", "error_description"}
    return str(answer.json["error_description"])


def test_a_good_assertion_gives_a_token_that_works(one_house: House) -> None:
    answer = one_house.ask(one_house.prove())
    assert answer.status_code == 200
    assert (answer.json["token_type"], answer.json["expires_in"]) == ("Bearer", one_house.settings.token_seconds)
    assert set(answer.json) == {"access_token", "token_type", "expires_in", "scope"}
    actor = one_house.authenticate(one_house.database, f"Bearer {answer.json['access_token']}")
    assert actor.client_id == "employer"
    assert actor.scopes == set(answer.json["scope"].split()) == {"contacts:read", "signals:report", "me:read"}


def used(house: House) -> int:
    with house.database.reading() as uow:
        return int(uow.execute(select(func.count()).select_from(UsedAssertion)).scalar_one())


AUDIENCES = {
    "token endpoint": URL + "/oauth/token",
    "issuer with a slash": URL + "/",
    "issuer in capitals": URL.upper(),
    "issuer in a list": [URL],
    "issuer and another": [URL, "https://evil.example"],
    "issuer and token endpoint": [URL, URL + "/oauth/token"],
    "somebody else": "https://evil.example",
    "empty": "",
    "empty list": [],
    "null": None,
    "an object": {"url": URL},
    "missing": ...,
}


@pytest.mark.parametrize("audience", AUDIENCES.values(), ids=AUDIENCES)
def test_the_only_audience_is_the_issuer_as_text(one_house: House, audience: Any) -> None:
    assert "'aud'" in refused(one_house.ask(one_house.prove(aud=audience)))


CLAIMS: dict[str, tuple[str, Callable[[int], dict[str, Any]]]] = {
    "expired beyond the leeway": ("expired", lambda now: {"exp": now - 30}),
    "lives too long": ("too far", lambda now: {"exp": now + 91}),
    "lives for ever": ("too far", lambda now: {"exp": 2**52}),
    "exp missing": ("'exp'", lambda now: {"exp": ...}),
    "exp null": ("'exp'", lambda now: {"exp": None}),
    "exp text": ("'exp'", lambda now: {"exp": "soon"}),
    "exp true": ("'exp'", lambda now: {"exp": True}),
    "not yet": ("'nbf'", lambda now: {"nbf": now + 31}),
    "from the future": ("'iat'", lambda now: {"iat": now + 31}),
    "another issuer": ("'iss'", lambda now: {"iss": "operator"}),
    "no issuer": ("'iss'", lambda now: {"iss": ...}),
    "issuer a list": ("'iss'", lambda now: {"iss": ["employer"]}),
    "no jti": ("'jti'", lambda now: {"jti": ...}),
    "jti a number": ("'jti'", lambda now: {"jti": 1}),
    "jti empty": ("'jti'", lambda now: {"jti": ""}),
    "jti huge": ("'jti'", lambda now: {"jti": "x" * 256}),
    "jti with a newline": ("'jti'", lambda now: {"jti": "one\n"}),
}


@pytest.mark.parametrize(("reason", "change"), CLAIMS.values(), ids=CLAIMS)
def test_claims_that_do_not_hold(one_house: House, reason: str, change: Callable[[int], dict[str, Any]]) -> None:
    now = int(one_house.clock().timestamp())
    before = used(one_house)
    assert reason in refused(one_house.ask(one_house.prove(**change(now))))
    assert used(one_house) == before


def test_clocks_may_differ_by_half_a_minute(house: House) -> None:
    now = int(house.clock().timestamp())
    for change in ({"exp": now - 29}, {"exp": now + 90}, {"iat": now + 30, "nbf": now + 30}, {"iat": ...}):
        assert house.ask(house.prove(**change)).status_code == 200


def test_the_same_assertion_counts_once(one_house: House) -> None:
    form = one_house.prove()
    assert one_house.ask(form).status_code == 200
    assert "used before" in refused(one_house.ask(form))
    jti = "the-same-name-in-another-assertion"
    assert one_house.ask(one_house.prove(jti=jti)).status_code == 200
    assert "used before" in refused(one_house.ask(one_house.prove(jti=jti, iat=...)))
    assert one_house.ask(one_house.prove(jti=jti, iss="bureau", sub="bureau")).status_code == 200


def test_an_assertion_stays_used_until_it_has_expired(house: House) -> None:
    form = house.prove()
    assert house.ask(form).status_code == 200
    house.clock.forward(seconds=79)
    with house.database.transaction() as uow:
        assert operations.forget_used_assertions(uow) == 0
    assert "used before" in refused(house.ask(form))
    house.clock.forward(seconds=1)
    with house.database.transaction() as uow:
        assert operations.forget_used_assertions(uow) == 1
    assert "expired" in refused(house.ask(form))


def unproven(payload: Any) -> dict[str, str]:
    return form_with(f"{b64({'alg': 'ES256'})}.{b64(payload)}.AAAA")


HEADERS: dict[str, Callable[[House], dict[str, str]]] = {
    "another key": lambda h: h.prove(ECKey.generate_key("P-256")),
    "another kid": lambda h: h.prove(header={"kid": "other"}),
    "kid with odd characters": lambda h: h.prove(header={"kid": 'é"\\'}),
    "its own key in the header": lambda h: h.prove(
        key := ECKey.generate_key("P-256"), {"jwk": key.as_dict(private=False), "kid": "x"}
    ),
    "HS256": lambda h: h.prove(OctKey.generate_key(256), {"alg": "HS256"}),
    "RS256 where the key is EC": lambda h: h.prove(RSA, {"alg": "RS256"}),
    "none": lambda h: form_with(f"{b64({'alg': 'none', 'kid': 'own-1'})}.{b64(h.claims())}."),
    "an unknown client": lambda h: h.prove(iss="nobody", sub="nobody"),
    "an odd client": lambda h: h.prove(iss="employer\x00", sub="employer\x00"),
    "a client that is half a character": lambda h: h.prove(iss="\\ud800", sub="\\ud800"),
    "sub missing": lambda h: h.prove(sub=...),
    "sub a list": lambda h: h.prove(sub=["employer"]),
    "sub an object": lambda h: h.prove(sub={"a": 1}),
    "claims a list": lambda h: unproven([1]),
    "claims deep": lambda h: unproven(b"[" * 9000),
    "claims not UTF-8": lambda h: unproven(bytes([0xFF, 0xFE])),
    "claims with half a character": lambda h: unproven({"sub": chr(0xD800)}),
    "claims with NaN": lambda h: unproven(b'{"sub":"employer","exp":NaN}'),
    "header a list": lambda h: form_with(f"{b64([])}.{b64(h.claims())}.AAAA"),
    "header deep": lambda h: form_with(f"{b64(b'[' * 5000)}.{b64(h.claims())}.AAAA"),
    "alg a list": lambda h: form_with(f"{b64({'alg': ['ES256']})}.{b64(h.claims())}.AAAA"),
    "not a JWT": lambda h: form_with("x"),
    "dots": lambda h: form_with(".."),
    "not ASCII": lambda h: form_with("é.é.é"),
    "an access token of ours": lambda h: form_with(h.token()),
    "signature missing": lambda h: form_with(h.prove()["client_assertion"].rpartition(".")[0] + "."),
    "another type of assertion": lambda h: h.prove() | {"client_assertion_type": "urn:saml"},
    "the type of assertion missing": lambda h: {
        name: value for name, value in h.prove().items() if name != "client_assertion_type"
    },
}


@pytest.mark.parametrize("make", HEADERS.values(), ids=HEADERS)
def test_whoever_did_not_prove_itself_hears_no_reason(
    one_house: House, make: Callable[[House], dict[str, str]]
) -> None:
    reason = refused(one_house.ask(make(one_house)))
    assert reason == "Unknown client, or the proof that it is this client does not hold."


def test_the_type_of_the_assertion(one_house: House) -> None:
    for typ in ("JWT", "client-authentication+jwt", "application/client-authentication+jwt"):
        assert one_house.ask(one_house.prove(header={"typ": typ})).status_code == 200
    assert "'typ'" in refused(one_house.ask(one_house.prove(header={"typ": "at+jwt"})))


def test_client_id_in_the_form_must_be_the_same_client(one_house: House) -> None:
    assert one_house.ask(one_house.prove() | {"client_id": "employer"}).status_code == 200
    assert "'client_id'" in refused(one_house.ask(one_house.prove() | {"client_id": "operator"}))


def test_a_revoked_client_gets_no_token(house: House) -> None:
    with house.database.transaction() as uow:
        operations.revoke_client(uow, "employer")
    refused(house.ask(house.prove()))


def test_several_keys_rs256_and_a_key_without_a_name(house: House) -> None:
    nameless = ECKey.generate_key("P-256")
    with house.database.transaction() as uow:
        both = {"keys": [CLIENT_KEY.as_dict(private=False), RSA.as_dict(private=False)]}
        operations.create_client(uow, house.parties["employer"], "Both", client_id="both", jwks=both)
        one = {"keys": [nameless.as_dict(private=False)]}
        operations.create_client(uow, house.parties["employer"], "One", client_id="one", jwks=one)
    own: dict[str, Any] = {"iss": "both", "sub": "both"}
    assert house.ask(house.prove(RSA, {"alg": "RS256", "kid": "rsa-1"}, **own)).status_code == 200
    assert house.ask(house.prove(CLIENT_KEY, **own)).status_code == 200
    unnamed = jwt.encode({"alg": "ES256"}, house.claims(**own), CLIENT_KEY)
    refused(house.ask(form_with(unnamed)))
    for kid in ({}, {"kid": "whatever"}):
        token = jwt.encode({"alg": "ES256", **kid}, house.claims(iss="one", sub="one"), nameless)
        assert house.ask(form_with(token)).status_code == 200


def test_a_certificate_chain_in_the_header_is_not_in_the_way(one_house: House) -> None:
    header = {"alg": "ES256", "kid": "own-1", "x5c": ["A" * 3000], "custom": 1}
    registry = JWSRegistry(strict_check_header=False)
    token = jwt.encode(header, one_house.claims(), CLIENT_KEY, ["ES256"], registry)
    assert one_house.ask(form_with(token)).status_code == 200


def test_an_unreachable_database_is_told_as_such(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OperationalError("select", {}, Exception("gone"))

    form = house.prove()
    monkeypatch.setattr(house.database, "reading", fail)
    answer = house.ask(form)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert json.loads(answer.data) == {"error": "temporarily_unavailable"}
