"""Encryption of single fields, keyed look-up hashes and cursors, all from one secret outside the database.

A sealed value is bound to its table, column, row and key: moved to another place it no longer opens (AES-256-GCM,
associated data). Only some 91 million BSNs exist, so a look-up hash without a key would be reversed in seconds.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12
_TAG_BYTES = 16
_TOKEN = b"token"


class CannotOpen(Exception):
    """A sealed value does not belong to this place, or its key is gone."""


class Vault:
    """Seals and opens values.

    `keys` maps key ids to 32-byte secrets, newest last; the newest seals, every one opens.
    """

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        if not keys or any(len(secret) != 32 for secret in keys.values()):
            raise ValueError("a vault needs at least one key, each of 32 bytes")
        self._sealers = {key_id: AESGCM(_derive(secret, b"seal")) for key_id, secret in keys.items()}
        self._hashers = {
            key_id: hmac.new(_derive(secret, b"look-up"), digestmod=sha256) for key_id, secret in keys.items()
        }
        self.newest = list(keys)[-1]
        # The oldest key, so that a new one changes no fingerprint that is still in use.
        self._fingerprint_key = _derive(keys[next(iter(keys))], b"fingerprint")

    def seal(self, table: str, column: str, row_id: str, value: str) -> bytes:
        return self.seal_bytes(table, column, row_id, value.encode())

    def seal_bytes(self, table: str, column: str, row_id: str, value: bytes) -> bytes:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        place = _place(table, column, row_id, self.newest)
        sealed = self._sealers[self.newest].encrypt(nonce, value, place)
        return b"v1:" + self.newest.encode() + b":" + nonce + sealed

    def seal_many(self, table: str, column: str, values: Sequence[tuple[str, str | None]]) -> list[bytes | None]:
        """The same for many rows of a column: each value with the id of its row. What is None stays so."""
        encrypt = self._sealers[self.newest].encrypt
        start = b"v1:" + self.newest.encode() + b":"
        before, after = f"{table}|{column}|", f"|{self.newest}"
        nonces = secrets.token_bytes(_NONCE_BYTES * len(values))
        sealed: list[bytes | None] = []
        for at, (row_id, value) in enumerate(values):
            if value is None:
                sealed.append(None)
                continue
            nonce = nonces[at * _NONCE_BYTES : (at + 1) * _NONCE_BYTES]
            sealed.append(start + nonce + encrypt(nonce, value.encode(), f"{before}{row_id}{after}".encode()))
        return sealed

    def open(self, table: str, column: str, row_id: str, sealed: bytes) -> str:
        """The value. Raises CannotOpen when `sealed` was made for another place or with an unknown key."""
        return self.open_bytes(table, column, row_id, sealed).decode()

    def open_bytes(self, table: str, column: str, row_id: str, sealed: bytes) -> bytes:
        version, _, rest = bytes(sealed).partition(b":")
        key_id, _, payload = rest.partition(b":")
        sealer = self._sealers.get(key_id.decode())
        if version != b"v1" or sealer is None:
            raise CannotOpen
        try:
            place = _place(table, column, row_id, key_id.decode())
            return sealer.decrypt(payload[:_NONCE_BYTES], payload[_NONCE_BYTES:], place)
        except InvalidTag:
            raise CannotOpen from None

    def look_up_hashes(self, kind: str, value: str) -> dict[str, bytes]:
        """For each key its hash of `value`: search with all of them, so that keys can change while in use."""
        return {key_id: one for key_id, [one] in self.look_up_many(kind, [value]).items()}

    def look_up_many(self, kind: str, values: Sequence[str]) -> dict[str, list[bytes]]:
        """For each key its hashes of `values`, in their order."""
        return {key_id: _digests(hasher, f"{kind}|", values) for key_id, hasher in self._hashers.items()}

    def growing_fingerprint(self) -> hmac.HMAC:
        """A keyed digest to which what comes in pieces is added, for equality only."""
        return hmac.new(self._fingerprint_key, digestmod=sha256)

    def fingerprint(self, *parts: bytes) -> bytes:
        """A keyed digest of `parts`, for equality only."""
        digest = self.growing_fingerprint()
        for part in parts:
            digest.update(len(part).to_bytes(8, "big"))
            digest.update(part)
        return digest.digest()

    def hide(self, text: str) -> str:
        """`text` as a token that says nothing to others and cannot be made by them, safe in a URL; each time another
        one, so that two of them do not tell either whether they mean the same."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = self._sealers[self.newest].encrypt(nonce, text.encode(), _TOKEN)
        return base64.urlsafe_b64encode(nonce + sealed).rstrip(b"=").decode()

    def reveal(self, token: str) -> str | None:
        """The text that `hide` was given, or None when the token is not ours."""
        payload = token.encode("ascii", "replace")
        try:
            sealed = base64.b64decode(payload + b"=" * (-len(payload) % 4), altchars=b"-_", validate=True)
        except ValueError:
            return None
        if len(sealed) < _NONCE_BYTES + _TAG_BYTES:
            return None
        for sealer in self._sealers.values():
            with suppress(InvalidTag):
                return sealer.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _TOKEN).decode()
        return None


def _derive(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"servicepunt/" + purpose).derive(secret)


def _digests(hasher: hmac.HMAC, prefix: str, values: Sequence[str]) -> list[bytes]:
    """The digests of `values`, each with `prefix`, by a hasher that is keyed already: to key it takes the longest."""
    begun = hasher.copy()
    begun.update(prefix.encode())
    found = []
    for value in values:
        hashed = begun.copy()
        hashed.update(value.encode())
        found.append(hashed.digest())
    return found


def _place(table: str, column: str, row_id: str, key_id: str) -> bytes:
    return "|".join((table, column, row_id, key_id)).encode()
