"""Ids of rows and events: strings, so that nothing in between has to convert them."""

from __future__ import annotations

import re
import secrets
import uuid

import uuid_utils

ID_ANYWHERE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def new_id() -> str:
    """A UUIDv7: ordered by time, which keeps index pages together."""
    return str(uuid_utils.uuid7())


def unlinkable_id() -> str:
    """A UUIDv4, for pseudonyms: a time inside an id would link two of them."""
    return str(uuid.uuid4())


_SIGNS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def spoken_number(prefix: str) -> str:
    """A number to say over the phone, not guessable: `prefix` and twice five signs that do not look alike."""
    signs = [secrets.choice(_SIGNS) for _ in range(10)]
    return f"{prefix}-{''.join(signs[:5])}-{''.join(signs[5:])}"


def is_id(value: str) -> bool:
    """Whether `value` is a UUID in the one form that we hand out."""
    return ID_ANYWHERE.fullmatch(value) is not None
