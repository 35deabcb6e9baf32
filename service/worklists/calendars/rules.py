"""Calendar feeds: the secret that opens one, and what stands in it about a piece of work.

A feed is read by calendars on phones and screens that others see. So it holds days, numbers and addresses, no names.
"""

from __future__ import annotations

import re
import secrets
from datetime import date, datetime
from hashlib import sha256
from typing import Final, NamedTuple

MOST_FEEDS: Final = 50
MOST_ENTRIES: Final = 1000
MOST_DAYS_BEFORE: Final = 14
READS_PER_MINUTE: Final = 60
_SECRET_BYTES: Final = 32
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


class Entry(NamedTuple):
    """One day in a calendar. `uid` stays the same as long as it is about the same work; `sequence` rises when the day
    moves."""

    uid: str
    day: date
    summary: str
    url: str
    since: datetime
    sequence: int


def new_secret() -> str:
    """A secret that nobody can guess: 256 bits, safe in an address."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def has_the_form(secret: str) -> bool:
    return _SECRET.fullmatch(secret) is not None


def digest(secret: str) -> str:
    """By what a secret is found again. No key is needed: there is nothing to try out in 256 random bits, and how far
    two digests agree tells nothing of the secret."""
    return sha256(secret.encode()).hexdigest()
