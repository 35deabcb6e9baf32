"""A sealed value opens in its own place only; look-up hashes say nothing without their key."""

from __future__ import annotations

import hmac

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from service.kernel.crypto import CannotOpen, Vault

OLD = {"k1": b"1" * 32}
BOTH = {"k1": b"1" * 32, "k2": b"2" * 32}
names = st.sampled_from(["person", "employer", "mail", "x"])


@given(st.text(st.characters(blacklist_categories=["Cs"])), names, names, names)
def test_opens_in_its_own_place(value: str, table: str, column: str, row: str) -> None:
    vault = Vault(BOTH)
    assert vault.open(table, column, row, vault.seal(table, column, row, value)) == value


@pytest.mark.parametrize("place", [("employer", "bsn", "r1"), ("person", "name", "r1"), ("person", "bsn", "r2")])
def test_does_not_open_elsewhere(place: tuple[str, str, str]) -> None:
    vault = Vault(BOTH)
    sealed = vault.seal("person", "bsn", "r1", "123456782")
    with pytest.raises(CannotOpen):
        vault.open(*place, sealed)


def test_a_changed_byte_does_not_open() -> None:
    vault = Vault(BOTH)
    sealed = bytearray(vault.seal("person", "bsn", "r1", "123456782"))
    for at in range(6, len(sealed)):
        changed = bytes(sealed[:at]) + bytes([sealed[at] ^ 1]) + bytes(sealed[at + 1 :])
        with pytest.raises(CannotOpen):
            vault.open("person", "bsn", "r1", changed)


def test_old_keys_still_open_and_the_newest_seals() -> None:
    sealed = Vault(OLD).seal("person", "bsn", "r1", "123456782")
    vault = Vault(BOTH)
    assert vault.open("person", "bsn", "r1", sealed) == "123456782"
    assert vault.seal("person", "bsn", "r1", "x").startswith(b"v1:k2:")
    with pytest.raises(CannotOpen):
        Vault({"k2": b"2" * 32}).open("person", "bsn", "r1", sealed)


def test_the_same_value_never_looks_the_same() -> None:
    vault = Vault(OLD)
    assert vault.seal("person", "bsn", "r1", "a") != vault.seal("person", "bsn", "r1", "a")


def test_hashes_are_those_of_the_standard_library() -> None:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"servicepunt/look-up").derive(OLD["k1"])
    found = Vault(OLD).look_up_many("bsn", ["123456782", "111222333"])
    assert found == {"k1": [hmac.digest(key, b"bsn|" + each, "sha256") for each in (b"123456782", b"111222333")]}


def test_many_are_sealed_as_one() -> None:
    vault = Vault(BOTH)
    sealed = vault.seal_many("person", "name", [("r1", "Noor"), ("r2", None), ("r3", "Bo"), ("r4", "Bo")])
    assert sealed[1] is None
    found = [each and vault.open("person", "name", f"r{at}", each) for at, each in enumerate(sealed, start=1)]
    assert found == ["Noor", None, "Bo", "Bo"]
    assert len(set(sealed)) == 4
    with pytest.raises(CannotOpen):
        vault.open("person", "name", "r2", sealed[0] or b"")


def test_hashes_differ_by_key_and_kind_and_stay() -> None:
    vault = Vault(BOTH)
    hashes = vault.look_up_hashes("bsn", "123456782")
    assert set(hashes) == {"k1", "k2"}
    assert len({*hashes.values(), *vault.look_up_hashes("client_number", "123456782").values()}) == 4
    assert Vault(OLD).look_up_hashes("bsn", "123456782")["k1"] == hashes["k1"]


@given(st.lists(st.binary(max_size=8), max_size=4), st.lists(st.binary(max_size=8), max_size=4))
def test_a_fingerprint_knows_where_its_parts_end(a: list[bytes], b: list[bytes]) -> None:
    vault = Vault(OLD)
    assert (vault.fingerprint(*a) == vault.fingerprint(*b)) == (a == b)


@given(st.text(st.characters(blacklist_categories=["Cs"]), max_size=40))
def test_a_hidden_text_comes_back(text: str) -> None:
    vault = Vault(OLD)
    token = vault.hide(text)
    assert vault.reveal(token) == text
    assert vault.hide(text) != token
    assert Vault({**OLD, "k8": b"8" * 32}).reveal(token) == text
    assert Vault({"k9": b"9" * 32}).reveal(token) is None


@given(st.text(max_size=60))
def test_a_token_of_another_does_not(text: str) -> None:
    assert Vault(OLD).reveal(text) is None


@pytest.mark.parametrize("keys", [{}, {"k1": b"short"}])
def test_weak_keys_are_refused(keys: dict[str, bytes]) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Vault(keys)
