"""Key files: their modes, their order, and what is refused."""

from __future__ import annotations

import json
import logging
import stat
import threading
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from service.access.keys import (
    SigningKeys,
    WrongKey,
    client_keys,
    create_field_key,
    create_signing_key,
    ensure_keys,
    field_keys,
)
from service.kernel.crypto import Vault


def test_files_are_for_the_owner_only(tmp_path: Path) -> None:
    data = tmp_path / "new" / "data"
    ensure_keys(data)
    create_signing_key(data)
    create_field_key(data)
    files = sorted((data / "keys").iterdir())
    assert [file.name for file in files] == [
        "field-0001.key",
        "field-0002.key",
        "signing-0001.jwk",
        "signing-0002.jwk",
    ]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE((data / "keys").stat().st_mode) == 0o700


def test_ensure_makes_nothing_twice(tmp_path: Path) -> None:
    ensure_keys(tmp_path)
    before = {file.name: file.read_bytes() for file in (tmp_path / "keys").iterdir()}
    ensure_keys(tmp_path)
    assert {file.name: file.read_bytes() for file in (tmp_path / "keys").iterdir()} == before


def test_many_at_once_make_one_key_of_each_kind(tmp_path: Path) -> None:
    ready = threading.Barrier(8)
    found: list[dict[str, bytes]] = []

    def ensure() -> None:
        ready.wait(30)
        ensure_keys(tmp_path)
        found.append(field_keys(tmp_path))

    threads = [threading.Thread(target=ensure) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(found) == 8
    assert all(keys == found[0] for keys in found)
    assert len(list((tmp_path / "keys").iterdir())) == 2


def test_the_newest_field_key_seals_and_the_old_one_opens(tmp_path: Path) -> None:
    create_field_key(tmp_path)
    sealed = Vault(field_keys(tmp_path)).seal("t", "c", "1", "secret")
    create_field_key(tmp_path)
    vault = Vault(field_keys(tmp_path))
    assert vault.newest == "0002"
    assert vault.open("t", "c", "1", sealed) == "secret"
    assert vault.seal("t", "c", "1", "secret").startswith(b"v1:0002:")


def test_without_keys_there_is_no_start(tmp_path: Path) -> None:
    with pytest.raises(WrongKey):
        SigningKeys(tmp_path)
    with pytest.raises(WrongKey):
        field_keys(tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not JSON",
        b"[]",
        b"{}",
        json.dumps(ECKey.generate_key("P-256").as_dict(private=False)).encode(),
        json.dumps(ECKey.generate_key("P-384").as_dict(private=True)).encode(),
        json.dumps(OctKey.generate_key(256).as_dict(private=True)).encode(),
    ],
    ids=["empty", "not JSON", "a list", "an empty object", "public", "another curve", "a secret"],
)
def test_a_spoilt_signing_key_stops_the_start_but_not_a_running_service(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    create_signing_key(tmp_path)
    running = SigningKeys(tmp_path)
    kid = running.newest().kid
    (tmp_path / "keys" / "signing-0002.jwk").write_bytes(content)
    with pytest.raises(WrongKey, match="signing-0002"):
        SigningKeys(tmp_path)
    with caplog.at_level(logging.ERROR):
        assert running.newest().kid == running.newest().kid == kid
    assert len(caplog.records) == 1


@pytest.mark.parametrize("content", [b"", b"short", b"AAAA", b"\xff" * 44])
def test_a_spoilt_field_key_stops_the_start(tmp_path: Path, content: bytes) -> None:
    create_field_key(tmp_path)
    (tmp_path / "keys" / "field-0002.key").write_bytes(content)
    with pytest.raises(WrongKey, match="field-0002"):
        field_keys(tmp_path)


def test_a_key_that_would_not_be_the_newest_is_not_made(tmp_path: Path) -> None:
    create_signing_key(tmp_path)
    folder = tmp_path / "keys"
    (folder / "signing-0001.jwk").rename(folder / "signing-old.jwk")
    with pytest.raises(WrongKey, match="newest"):
        create_signing_key(tmp_path)


def test_a_removed_key_no_longer_counts(tmp_path: Path) -> None:
    first = create_signing_key(tmp_path)
    create_signing_key(tmp_path)
    keys = SigningKeys(tmp_path)
    kid = json.loads(first.read_bytes())["kid"]
    assert keys.find(kid) is not None
    first.unlink()
    assert len(keys.jwks_public()["keys"]) == 1
    assert keys.find(kid) is None


EC = ECKey.generate_key("P-256").as_dict(private=False)
RSA = RSAKey.generate_key(2048).as_dict(private=False)
WRONG: dict[str, Any] = {
    "nothing": None,
    "a list": [EC],
    "no keys": {"keys": []},
    "keys an object": {"keys": EC},
    "a key that is text": {"keys": ["x"]},
    "private": {"keys": [ECKey.generate_key("P-256").as_dict(private=True)]},
    "secret": {"keys": [OctKey.generate_key(256).as_dict(private=True)]},
    "another curve": {"keys": [ECKey.generate_key("P-384").as_dict(private=False)]},
    "another kind": {"keys": [OKPKey.generate_key("Ed25519").as_dict(private=False)]},
    "short RSA": {"keys": [RSA | {"n": RSA["n"][:100]}]},
    "RSA without n": {"keys": [{"kty": "RSA", "e": "AQAB"}]},
    "RSA with n a number": {"keys": [{"kty": "RSA", "e": "AQAB", "n": 5}]},
    "EC without y": {"keys": [{"kty": "EC", "crv": "P-256", "x": EC["x"]}]},
    "EC beside the curve": {"keys": [EC | {"x": EC["y"], "y": EC["x"]}]},
    "EC with numbers": {"keys": [{"kty": "EC", "crv": "P-256", "x": 1, "y": 2}]},
    "kid a number": {"keys": [EC | {"kid": 1}]},
    "two without names": {"keys": [EC, RSA]},
    "two of one name": {"keys": [EC | {"kid": "a"}, RSA | {"kid": "a"}]},
    "eleven": {"keys": [EC | {"kid": str(number)} for number in range(11)]},
}


@pytest.mark.parametrize("jwks", WRONG.values(), ids=WRONG)
def test_keys_of_clients_that_are_refused(jwks: Any) -> None:
    with pytest.raises(WrongKey):
        client_keys(jwks)


def test_keys_of_clients_that_are_taken() -> None:
    assert len(client_keys({"keys": [EC | {"kid": "a"}, RSA | {"kid": "b"}]}).keys) == 2
    assert len(client_keys({"keys": [EC]}).keys) == 1
