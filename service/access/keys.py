"""The keys that lie beside the database, never in it: those that sign our tokens and those that seal single fields.

Each is a file in `<data_dir>/keys`, named so that the newest comes last (signing-0001.jwk, field-0001.key). The newest
signs and seals; the others still verify and open, until an operator removes their file.
"""

from __future__ import annotations

import base64
import binascii
import json
import logging
import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet
from joserfc.util import base64_to_int

_log = logging.getLogger(__name__)
_NUMBER = re.compile(r"\w+-(\d{4})\.\w+", re.ASCII)
_PRIVATE_PARTS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_MOST_CLIENT_KEYS = 10


class WrongKey(Exception):
    """A key is missing, cannot be read, or is not of the kind that is wanted."""


class SigningKeys:
    """The ES256 keys of our access tokens (RFC 9068). Sees new files without a restart, in every process."""

    def __init__(self, data_dir: Path) -> None:
        """Raises WrongKey when there is no key, or one that cannot be read."""
        self._folder = _folder(data_dir)
        names = _names(self._folder, "signing", "jwk")
        if not names:
            raise WrongKey(f"no signing key in {self._folder}: make one first")
        self._known = (names, _read_signing_keys(self._folder, names))

    def newest(self) -> ECKey:
        """The key that signs."""
        self._refresh()
        return list(self._known[1].values())[-1]

    def find(self, kid: str) -> ECKey | None:
        """The key with this id. An unknown id costs no more than a look at the names in the folder."""
        if kid not in self._known[1]:
            self._refresh()
        return self._known[1].get(kid)

    def jwks_public(self) -> dict[str, list[dict[str, Any]]]:
        """The public halves as a JWK Set (RFC 7517), for whoever wants to verify our tokens."""
        self._refresh()
        return {"keys": [dict(key.as_dict(private=False, use="sig", alg="ES256")) for key in self._known[1].values()]}

    def _refresh(self) -> None:
        names = _names(self._folder, "signing", "jwk")
        known, keys = self._known
        if not names or names == known:
            return
        try:
            keys = _read_signing_keys(self._folder, names)
        except WrongKey:
            # A file that somebody spoilt must not stop a service that has good keys.
            _log.exception("signing keys not renewed")
        self._known = (names, keys)


def create_signing_key(data_dir: Path) -> Path:
    """Makes the next signing key and returns its file. Raises WrongKey when it would not become the newest."""
    return _create(data_dir, "signing", "jwk", _new_signing_key())


def create_field_key(data_dir: Path) -> Path:
    """Makes the next key for sealed fields and returns its file. Raises WrongKey when it would not be the newest."""
    return _create(data_dir, "field", "key", _new_field_key())


def field_keys(data_dir: Path) -> dict[str, bytes]:
    """The keys for `kernel.crypto.Vault`, newest last. Raises WrongKey when there is none, or one is not readable."""
    folder = _folder(data_dir)
    found: dict[str, bytes] = {}
    for name in _names(folder, "field", "key"):
        try:
            secret = base64.b64decode((folder / name).read_bytes().strip(), validate=True)
        except (OSError, binascii.Error) as error:
            raise WrongKey(f"{name} cannot be read: {error}") from None
        if len(secret) != 32:
            raise WrongKey(f"{name} is not a key of 32 bytes")
        found[name.removeprefix("field-").removesuffix(".key")] = secret
    if not found:
        raise WrongKey(f"no field key in {folder}: make one first")
    return found


def ensure_keys(data_dir: Path) -> None:
    """Makes the first key of each kind where there is none. Two processes may do this at once: one key is made."""
    folder = _folder(data_dir)
    for kind, suffix, make in (("signing", "jwk", _new_signing_key), ("field", "key", _new_field_key)):
        if not _names(folder, kind, suffix):
            try:
                _write_once(folder, f"{kind}-0001.{suffix}", make())
            except FileExistsError:
                continue


def client_keys(jwks: Any) -> KeySet:
    """The public keys with which a client signs its assertions: EC P-256 (ES256) or RSA of 2048 to 8192 bits (RS256).

    Raises WrongKey with what is wrong, without the keys.
    """
    keys = jwks.get("keys") if isinstance(jwks, Mapping) else None
    if not isinstance(keys, list) or not 1 <= len(keys) <= _MOST_CLIENT_KEYS:
        raise WrongKey(f"a JWK Set with 1 to {_MOST_CLIENT_KEYS} keys is needed")
    for key in keys:
        _check_client_key(key)
    names = [key.get("kid") for key in keys]
    if len(keys) > 1 and (None in names or len(set(names)) != len(names)):
        raise WrongKey("each of several keys needs a kid of its own")
    try:
        return KeySet.import_key_set({"keys": [dict(key) for key in keys]})
    except (JoseError, ValueError, TypeError, KeyError):
        raise WrongKey("a key cannot be read") from None


def _check_client_key(key: Any) -> None:
    if not isinstance(key, Mapping):
        raise WrongKey("a key must be a JSON object")
    if _PRIVATE_PARTS & key.keys():
        raise WrongKey("a private or secret key was sent: replace it, and send the public half of the new one")
    if not isinstance(key.get("kid", ""), str):
        raise WrongKey("kid must be text")
    if key.get("kty") == "EC" and key.get("crv") == "P-256":
        return
    try:
        if key.get("kty") == "RSA" and 2048 <= base64_to_int(key["n"]).bit_length() <= 8192:
            return
    except (KeyError, ValueError, TypeError, AttributeError):
        raise WrongKey("a key cannot be read") from None
    raise WrongKey("a key must be EC P-256 or RSA of 2048 to 8192 bits")


def _folder(data_dir: Path) -> Path:
    return data_dir / "keys"


def _names(folder: Path, kind: str, suffix: str) -> tuple[str, ...]:
    try:
        return tuple(
            sorted(name for name in os.listdir(folder) if name.startswith(f"{kind}-") and name.endswith(f".{suffix}"))
        )
    except FileNotFoundError:
        return ()


def _read_signing_keys(folder: Path, names: tuple[str, ...]) -> dict[str, ECKey]:
    keys: dict[str, ECKey] = {}
    for name in names:
        try:
            key = ECKey.import_key(json.loads((folder / name).read_bytes()))
            usable = key.is_private and key.curve_name == "P-256"
        except (OSError, ValueError, TypeError, KeyError, JoseError) as error:
            raise WrongKey(f"{name} cannot be read: {type(error).__name__}") from None
        if not usable:
            raise WrongKey(f"{name} is not a private key of P-256")
        key.ensure_kid()
        keys[str(key.kid)] = key
    return keys


def _new_signing_key() -> bytes:
    key = ECKey.generate_key("P-256", auto_kid=True)
    return json.dumps(key.as_dict(private=True)).encode() + b"\n"


def _new_field_key() -> bytes:
    return base64.b64encode(secrets.token_bytes(32)) + b"\n"


def _create(data_dir: Path, kind: str, suffix: str, content: bytes) -> Path:
    folder = _folder(data_dir)
    names = _names(folder, kind, suffix)
    numbers = [int(match[1]) for name in names if (match := _NUMBER.fullmatch(name))]
    name = f"{kind}-{max(numbers, default=0) + 1:04}.{suffix}"
    if names and name <= names[-1]:
        raise WrongKey(f"{name} would not be the newest beside {names[-1]}: rename that file first")
    try:
        return _write_once(folder, name, content)
    except FileExistsError:
        raise WrongKey(f"{name} was made by somebody else at this moment") from None


def _write_once(folder: Path, name: str, content: bytes) -> Path:
    """Writes a file of mode 0600 that appears complete or not at all. Raises FileExistsError when the name is taken."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=folder, prefix=".draft-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, folder / name)
    finally:
        os.unlink(draft)
    # What is sealed with a key must not outlive it after a power cut.
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    return folder / name
