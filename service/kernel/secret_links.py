"""Addresses that are opened by a secret in their path: for readers that have no token, such as calendars and feeds."""

from __future__ import annotations

import re
import secrets
from hashlib import sha256
from typing import Final

_BYTES: Final = 32
_FORM: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)

HEADERS: Final = {
    # It may be kept where it was read, but each reading asks whether it still holds: revoking works at once.
    "Cache-Control": "private, no-cache",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}
"""What goes with everything that such an address opens."""


def new_secret() -> str:
    """A secret that nobody can guess: 256 bits, safe in an address."""
    return secrets.token_urlsafe(_BYTES)


def has_the_form(secret: str) -> bool:
    return _FORM.fullmatch(secret) is not None


def digest(secret: str) -> str:
    """By what a secret is found again. No key is needed: there is nothing to try out in 256 random bits, and how far
    two digests agree tells nothing of the secret."""
    return sha256(secret.encode()).hexdigest()
