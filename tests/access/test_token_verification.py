"""What a token must be to open a door (RFC 9068, RFC 8725), and how long a good one is remembered."""

from __future__ import annotations

import hmac
import json
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import JWSRegistry
from sqlalchemy.exc import OperationalError

from service.access import operations
from service.access.keys import create_signing_key
from service.access.rules import PartyKind
from service.access.tokens import Authenticator
from service.kernel.problems import Problem
from service.kernel.text import Language
from tests.access.access_helpers import URL, House, b64

Forge = Callable[[House], str]


def claims(house: House, **changes: Any) -> dict[str, Any]:
    now = int(house.clock().timestamp())
    good = {
        "iss": URL,
        "aud": URL,
        "sub": "employer",
        "client_id": "employer",
        "azp": "employer",
        "jti": "x" * 22,
        "iat": now,
        "exp": now + 600,
        "scope": "contacts:read",
    }
    return {name: value for name, value in (good | changes).items() if value is not ...}


def signed(house: House, header: dict[str, Any] | None = None, key: Any = None, **changes: Any) -> str:
    own = house.keys.newest()
    full = {"alg": "ES256", "typ": "at+jwt", "kid": own.kid} | (header or {})
    full = {name: value for name, value in full.items() if value is not ...}
    return jwt.encode(
        full, claims(house, **changes), key or own, ["ES256", "RS256", "HS256", "ES384"], default_type=None
    )


def unsigned(house: House, alg: str) -> str:
    return f"{b64({'alg': alg, 'typ': 'at+jwt', 'kid': house.keys.newest().kid})}.{b64(claims(house))}."


def with_secret(house: House, secret: bytes) -> str:
    """By hand, because the library refuses to make it."""
    head = b64({"alg": "HS256", "typ": "at+jwt", "kid": house.keys.newest().kid}) + "." + b64(claims(house))
    return head + "." + b64(hmac.digest(secret, head.encode(), "sha256"))


def with_critical_header(house: House) -> str:
    """Signed well, but with a header that whoever does not know it must refuse (RFC 7515 4.1.11)."""
    key = house.keys.newest()
    header = {"alg": "ES256", "typ": "at+jwt", "kid": key.kid, "crit": ["urn:x"], "urn:x": True}
    signing = JWSRegistry.algorithms["ES256"]
    head = b64(header) + "." + b64(claims(house))
    return head + "." + b64(signing.sign(head.encode(), key))


def with_key_in_header(house: House) -> str:
    key = ECKey.generate_key("P-256", auto_kid=True)
    return signed(house, {"kid": key.kid, "jwk": key.as_dict(private=False)}, key)


def with_key_elsewhere(house: House, name: str) -> str:
    key = ECKey.generate_key("P-256", auto_kid=True)
    return signed(house, {"kid": key.kid, name: "https://evil.example/keys"}, key)


def changed(house: House, part: int, change: Callable[[str], str]) -> str:
    parts = house.token().split(".")
    parts[part] = change(parts[part])
    return ".".join(parts)


def with_other_claims(house: House) -> str:
    header, _, signature = house.token().split(".")
    return f"{header}.{b64(claims(house, scope='access-log:read', client_id='operator', sub='operator'))}.{signature}"


FORGERIES: dict[str, Forge] = {
    "alg none": lambda h: unsigned(h, "none"),
    "alg None": lambda h: unsigned(h, "None"),
    "alg nOnE": lambda h: unsigned(h, "nOnE"),
    "alg empty": lambda h: unsigned(h, ""),
    "HS256 with the public key": lambda h: with_secret(h, h.keys.newest().as_pem(private=False)),
    "HS256 with an empty secret": lambda h: with_secret(h, b""),
    "RS256 with another key": lambda h: signed(h, {"alg": "RS256"}, RSAKey.generate_key(2048)),
    "ES384 with another key": lambda h: signed(h, {"alg": "ES384"}, ECKey.generate_key("P-384")),
    "ES256 with another key": lambda h: signed(h, None, ECKey.generate_key("P-256")),
    "no kid": lambda h: signed(h, {"kid": ...}),
    "unknown kid": lambda h: signed(h, {"kid": "nobody"}),
    "kid is a path": lambda h: signed(h, {"kid": "../../../dev/null"}),
    "key in the header": with_key_in_header,
    "jku": lambda h: with_key_elsewhere(h, "jku"),
    "x5u": lambda h: with_key_elsewhere(h, "x5u"),
    "unknown critical header": with_critical_header,
    "typ JWT": lambda h: signed(h, {"typ": "JWT"}),
    "no typ": lambda h: signed(h, {"typ": ...}),
    "typ of an assertion": lambda h: signed(h, {"typ": "client-authentication+jwt"}),
    "iss of somebody else": lambda h: signed(h, iss="https://evil.example"),
    "iss with a slash": lambda h: signed(h, iss=URL + "/"),
    "no iss": lambda h: signed(h, iss=...),
    "aud of somebody else": lambda h: signed(h, aud="https://evil.example"),
    "aud a list with another": lambda h: signed(h, aud=[URL, "https://evil.example"]),
    "no aud": lambda h: signed(h, aud=...),
    "expired a second ago": lambda h: signed(h, exp=int(h.clock().timestamp()) - 1),
    "expires now": lambda h: signed(h, exp=int(h.clock().timestamp())),
    "no exp": lambda h: signed(h, exp=...),
    "exp as text": lambda h: signed(h, exp="4102444800"),
    "exp true": lambda h: signed(h, exp=True),
    "exp beyond time": lambda h: signed(h, exp=10**18),
    "sub is not the client": lambda h: signed(h, sub="operator"),
    "no client_id": lambda h: signed(h, client_id=...),
    "client_id a number": lambda h: signed(h, client_id=7, sub=7),
    "unknown client": lambda h: signed(h, client_id="nobody", sub="nobody"),
    "no jti": lambda h: signed(h, jti=...),
    "scope a list": lambda h: signed(h, scope=["contacts:read"]),
    "other claims under the signature": with_other_claims,
    "signature cut": lambda h: changed(h, 2, lambda text: text[:-4]),
    "signature empty": lambda h: changed(h, 2, lambda text: ""),
    "signature of zeros": lambda h: changed(h, 2, lambda text: b64(bytes(64))),
    "signature with padding": lambda h: changed(h, 2, lambda text: text + "=="),
    "header is a list": lambda h: changed(h, 0, lambda text: b64(["ES256"])),
    "header is a number": lambda h: changed(h, 0, lambda text: b64(1)),
    "header is deep": lambda h: changed(h, 0, lambda text: b64(b"[" * 5000)),
    "alg is a list": lambda h: changed(h, 0, lambda text: b64({"alg": ["ES256"], "kid": h.keys.newest().kid})),
    "kid is a list": lambda h: changed(h, 0, lambda text: b64({"alg": "ES256", "kid": ["a"]})),
    "two parts": lambda h: h.token().rpartition(".")[0],
    "four parts": lambda h: h.token() + ".e30",
    "five parts": lambda h: ".".join([b64({"alg": "dir", "enc": "A256GCM"}), "", "e30", "e30", "e30"]),
    "nothing": lambda h: "",
    "one word": lambda h: "token",
    "not ASCII": lambda h: h.token() + "é",
    "half a character": lambda h: h.token() + "\ud800",
    "NUL": lambda h: h.token() + "\x00",
    "a space before": lambda h: " " + h.token(),
    "a space after": lambda h: h.token() + " ",
    "two tokens": lambda h: f"{h.token()}, {h.token()}",
    "huge": lambda h: "a" * 100_000,
}


def refusal(house: House, authorization: str | None) -> Problem:
    with pytest.raises(Problem) as caught:
        house.authenticate(house.database, authorization)
    return caught.value


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
def test_bad_token_is_refused(one_house: House, forge: Forge) -> None:
    problem = refusal(one_house, f"Bearer {forge(one_house)}")
    assert problem.status == 401
    assert dict(problem.headers) == {"WWW-Authenticate": 'Bearer error="invalid_token"'}


def test_the_token_from_which_the_bad_ones_are_made_is_good(one_house: House) -> None:
    for token in (signed(one_house), signed(one_house, {"typ": "application/AT+JWT"}), one_house.token()):
        actor = one_house.authenticate(one_house.database, f"bEaReR {token}")
        assert (actor.client_id, actor.kind) == ("employer", PartyKind.EMPLOYER)


@pytest.mark.parametrize("authorization", [None, "", "Basic YTpi", "DPoP x.y.z", "x"])
def test_without_a_token_there_is_no_error_code(one_house: House, authorization: str | None) -> None:
    problem = refusal(one_house, authorization)
    assert problem.status == 401
    assert dict(problem.headers) == {"WWW-Authenticate": "Bearer"}
    dutch, english = (problem.to_dict(language, "/v1/me", "") for language in (Language.DUTCH, Language.ENGLISH))
    assert dutch["detail"] != english["detail"]


def test_a_token_in_the_query_or_the_body_is_not_read(one_house: House) -> None:
    client = one_house.app.test_client()
    answer = client.get(f"/v1/me?access_token={one_house.token()}")
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    answer = client.get("/v1/me", data={"access_token": one_house.token()})
    assert answer.status_code == 401


def test_claims_and_header_of_an_issued_token(one_house: House) -> None:
    token = one_house.token("employer", "signals:report", "contacts:read")
    found = jwt.decode(token, one_house.keys.newest(), ["ES256"])
    again = jwt.decode(one_house.token(), one_house.keys.newest(), ["ES256"])
    now = int(one_house.clock().timestamp())
    assert found.header == {"alg": "ES256", "typ": "at+jwt", "kid": one_house.keys.newest().kid}
    jti = found.claims.pop("jti")
    assert len(jti) >= 22
    assert jti != again.claims["jti"]
    assert found.claims == {
        "iss": URL,
        "aud": URL,
        "sub": "employer",
        "client_id": "employer",
        "azp": "employer",
        "iat": now,
        "exp": now + one_house.settings.token_seconds,
        "scope": "contacts:read signals:report",
    }


def test_every_token_may_ask_who_it_is_and_nothing_else_is_added(one_house: House) -> None:
    actor = one_house.authenticate(one_house.database, one_house.bearer("employer", "contacts:read")["Authorization"])
    assert actor.scopes == {"contacts:read", "me:read"}


def test_a_revoked_client_is_out_within_the_cache_time_and_not_before(house: House) -> None:
    header = house.bearer()["Authorization"]
    house.authenticate(house.database, header)
    with house.database.transaction() as uow:
        operations.revoke_client(uow, "employer")
    house.clock.forward(seconds=house.settings.token_cache_seconds - 1)
    assert house.authenticate(house.database, header).client_id == "employer"
    house.clock.forward(seconds=1)
    assert refusal(house, header).code == "invalid-token"


def test_a_revoked_client_that_was_not_seen_is_out_at_once(house: House) -> None:
    header = house.bearer()["Authorization"]
    with house.database.transaction() as uow:
        operations.revoke_client(uow, "employer")
    assert refusal(house, header).code == "invalid-token"


def test_a_remembered_token_ends_when_it_expires(house: House) -> None:
    header = house.bearer()["Authorization"]
    house.clock.forward(seconds=house.settings.token_seconds - 10)
    house.authenticate(house.database, header)
    house.clock.forward(seconds=9)
    house.authenticate(house.database, header)
    house.clock.forward(seconds=1)
    assert refusal(house, header).code == "invalid-token"


def test_a_clock_that_is_set_back_does_not_lengthen_the_memory(house: House) -> None:
    header = house.bearer()["Authorization"]
    house.authenticate(house.database, header)
    with house.database.transaction() as uow:
        operations.revoke_client(uow, "employer")
    house.clock.forward(hours=-2)
    assert refusal(house, header).code == "invalid-token"


def test_a_remembered_token_costs_no_look_at_the_database(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    header = house.bearer()["Authorization"]
    first = house.authenticate(house.database, header)
    monkeypatch.setattr(house.database, "reading", lambda: pytest.fail("looked"))
    assert house.authenticate(house.database, header) is first


def test_no_memory_when_the_setting_says_so(house: House) -> None:
    forgetful = Authenticator(replace(house.settings, token_cache_seconds=0))
    header = house.bearer()["Authorization"]
    forgetful(house.database, header)
    with house.database.transaction() as uow:
        operations.revoke_client(uow, "employer")
    with pytest.raises(Problem):
        forgetful(house.database, header)


def test_the_memory_is_bounded_and_drops_the_oldest(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    small = Authenticator(house.settings, capacity=3)
    headers = [house.bearer()["Authorization"] for _ in range(5)]
    for header in headers:
        small(house.database, header)
    assert len(small._seen) == 3
    monkeypatch.setattr(house.database, "reading", lambda: pytest.fail("looked"))
    for header in headers[2:]:
        small(house.database, header)
    with pytest.raises(pytest.fail.Exception):
        small(house.database, headers[0])


def test_bad_tokens_are_not_remembered(house: House) -> None:
    for number in range(20):
        refusal(house, f"Bearer {signed(house, client_id=f'nobody-{number}', sub=f'nobody-{number}')}")
    assert len(house.authenticate._seen) == 0


def test_many_threads_share_the_memory(house: House) -> None:
    small = Authenticator(house.settings, capacity=4)
    headers = [house.bearer()["Authorization"] for _ in range(8)]
    found: list[str] = []

    def call() -> None:
        for _ in range(5):
            for header in headers:
                found.append(small(house.database, header).client_id)

    threads = [threading.Thread(target=call) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert found == ["employer"] * (6 * 5 * 8)
    assert len(small._seen) == 4


def test_an_unreachable_database_is_503(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OperationalError("select", {}, Exception("gone"))

    monkeypatch.setattr(house.database, "reading", fail)
    problem = refusal(house, house.bearer()["Authorization"])
    assert (problem.status, problem.headers["Retry-After"]) == (503, "5")


def test_a_new_signing_key_needs_no_restart_and_the_old_one_still_counts(house: House) -> None:
    old = house.bearer()["Authorization"]
    kid = house.keys.newest().kid
    create_signing_key(house.settings.data_dir)
    new = house.bearer()["Authorization"]
    assert json.dumps(house.keys.jwks_public()).count('"kid"') == 2
    assert house.keys.newest().kid != kid
    for header in (old, new):
        assert house.authenticate(house.database, header).client_id == "employer"
