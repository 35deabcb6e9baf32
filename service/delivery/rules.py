"""How long and how often we try to deliver, where to, and what an answer means. Pure.

Sources: Standard Webhooks 1.0.0 (schedule, 410, Retry-After) and the CloudEvents HTTP webhook specification 1.0
(which answers are a success, the handshake).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from urllib.parse import urlsplit

TYPE_PREFIX = "nl.servicepunt."
"""What stands before the type of every event outside the house."""

TEST_TYPE = "webhook.test"
"""The type of an event that a client has sent to its own webhook, to see whether it arrives. Nobody else reads it."""


class WebhookStatus(StrEnum):
    """`pending`: the receiver has not yet agreed; `disabled`: by us, see the reason."""

    PENDING = "pending"
    ACTIVE = "active"
    PAUSED = "paused"
    DISABLED = "disabled"


class WantedStatus(StrEnum):
    """What a client may ask for."""

    ACTIVE = "active"
    PAUSED = "paused"


class StopReason(StrEnum):
    """Why we stopped calling a webhook that had agreed."""

    FAILING = "failing"
    GONE = "gone"


class DeliveryStatus(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


class MailStatus(StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    KEPT = "kept"
    SKIPPED = "skipped"
    FAILED = "failed"


class Verdict(StrEnum):
    """What an answer of a receiver means for the delivery."""

    DELIVERED = "delivered"
    RETRY = "retry"
    GONE = "gone"


LEASE = timedelta(seconds=30)
"""How long a worker may hold a piece of work before another takes it over, at least."""

SCHEDULE = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""The pause before each attempt: ten attempts in a little over three days."""

HANDSHAKES = 5
"""How often we ask a receiver to agree before we give up."""

JITTER = 0.1
"""By how much of itself a pause may grow, so that retries do not come all at once."""

LONGEST_RETRY_AFTER = timedelta(hours=24)

CONSUMER_ATTEMPTS = 10
"""How often a consumer may fail on one event before the event is set aside."""

_CONSUMER_LONGEST_PAUSE = timedelta(minutes=5)

LEAST_FAILURES = len(SCHEDULE)
"""Fewer failures in a row than one delivery gets are no reason to pause, however long they took."""

OLD_SECRET_TERM = timedelta(days=7)
"""How long the old secret of a webhook signs along after a new one was made."""

MOST_SECRETS = 2

MOST_REPLAYED = 10_000
"""Events that one replay queues at most."""


def lease_for(seconds: float) -> timedelta:
    """How long to hold work that may take `seconds`."""
    return max(LEASE, timedelta(seconds=2 * seconds))


def next_pause(
    attempts: int, luck: float, retry_after: timedelta | None = None, *, most: int = len(SCHEDULE)
) -> timedelta | None:
    """The pause after `attempts` attempts have failed, or None: no more.

    `luck` from 0 to 1 spreads retries, upwards only. What the receiver asked for in Retry-After is obeyed up to a day;
    it never brings a retry forward, or ten quick ones would end the three days.
    """
    if attempts >= min(most, len(SCHEDULE)):
        return None
    pause = SCHEDULE[attempts]
    if retry_after is not None:
        pause = max(pause, min(retry_after, LONGEST_RETRY_AFTER))
    return min(pause * (1 + JITTER * luck), LONGEST_RETRY_AFTER * (1 + JITTER))


@dataclass(frozen=True, slots=True)
class Streak:
    """Attempts at one webhook that failed in a row: since when, and how many."""

    since: datetime | None = None
    failures: int = 0

    def failed(self, now: datetime) -> Streak:
        return Streak(self.since or now, self.failures + 1)

    def is_too_long(self, now: datetime, days: int) -> bool:
        """Whether to stop calling, after a failure at `now`. `days` 0: never."""
        if days <= 0 or self.since is None:
            return False
        return self.failures >= LEAST_FAILURES and now - self.since >= timedelta(days=days)


@dataclass(frozen=True, slots=True)
class Secret:
    """A key for signatures, without the key. `until` is when it stops by itself; None while it is the newest."""

    id: str
    since: datetime
    until: datetime | None = None


def valid_secrets(secrets: Sequence[Secret], now: datetime) -> tuple[Secret, ...]:
    """Those that sign at `now`, oldest first: one or two."""
    return tuple(secret for secret in secrets if secret.until is None or now < secret.until)


def with_new_secret(secrets: Sequence[Secret], new_id: str, now: datetime) -> tuple[Secret, ...] | None:
    """The secrets after another was made, which gives the one before it a term; None while there are two already."""
    valid = valid_secrets(secrets, now)
    if len(valid) >= MOST_SECRETS:
        return None
    return (*(replace(secret, until=now + OLD_SECRET_TERM) for secret in valid), Secret(new_id, now))


def without_secret(secrets: Sequence[Secret], secret_id: str, now: datetime) -> tuple[Secret, ...] | None:
    """The secrets after this one was removed, which takes the term from what is left; None: it is the last."""
    left = [secret for secret in valid_secrets(secrets, now) if secret.id != secret_id]
    return tuple(replace(secret, until=None) for secret in left) or None


def consumer_pause(attempts: int) -> timedelta | None:
    """The pause after a consumer failed `attempts` times on one event, or None: set the event aside."""
    if attempts >= CONSUMER_ATTEMPTS:
        return None
    return min(timedelta(seconds=2 ** (attempts - 1)), _CONSUMER_LONGEST_PAUSE)


def verdict(status: int) -> Verdict:
    """What this HTTP status means. A redirect is never followed, and is a failure."""
    if 200 <= status < 300:
        return Verdict.DELIVERED
    return Verdict.GONE if status == 410 else Verdict.RETRY


def retry_after(header: str | None, now: datetime) -> timedelta | None:
    """What a Retry-After header asks for, in either of its forms; None when it says nothing that can be read."""
    if header is None:
        return None
    text = header.strip()
    if re.fullmatch(r"\d{1,9}", text, re.ASCII):
        return timedelta(seconds=int(text))
    try:
        moment = parsedate_to_datetime(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return max(moment - now, timedelta(0))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def type_matches(wanted: Iterable[str], type: str) -> bool:
    """Whether an event of this type (without our prefix) is wanted: a whole type, or its first words; none: all."""
    prefixes = [own_type(prefix) for prefix in wanted]
    return not prefixes or any(type == prefix or type.startswith(prefix + ".") for prefix in prefixes)


def own_type(type: str) -> str:
    """A type as we keep it: without the prefix that it has outside."""
    return type.removeprefix(TYPE_PREFIX)


def next_status(current: WebhookStatus, wanted: WantedStatus) -> WebhookStatus | None:
    """The status after a client asked for `wanted`, or None where that cannot be.

    One that we disabled must agree again, so it becomes pending. One that has not agreed cannot be paused or hurried.
    """
    if current == wanted.value:
        return current
    if wanted is WantedStatus.PAUSED:
        return WebhookStatus.PAUSED if current is WebhookStatus.ACTIVE else None
    return {WebhookStatus.PAUSED: WebhookStatus.ACTIVE, WebhookStatus.DISABLED: WebhookStatus.PENDING}.get(current)


def consents(allowed_origin: str | None, origin: str) -> bool:
    """Whether a receiver's WebHook-Allowed-Origin agrees to be called by us."""
    allowed = (allowed_origin or "").strip().lower()
    return allowed == "*" or (allowed != "" and allowed == origin.lower())


PORTS = frozenset({None, 443, 8443})
_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(?P<port>:\d{1,5})?"
    r"(?:[/?](?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?",
    re.ASCII,
)
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?", re.ASCII)
_NUMBER = re.compile(r"\d+|0[xX][0-9A-Fa-f]*", re.ASCII)
LONGEST_URL = 1000


class UrlFault(StrEnum):
    WRONG_FORM = "wrong-form"
    NOT_HTTPS = "not-https"
    WRONG_PORT = "wrong-port"
    NOT_PUBLIC = "not-public"


def url_fault(url: str, *, private_targets: bool) -> UrlFault | None:
    """What is wrong with an address that we are asked to call, or None.

    Narrower than RFC 3986 on purpose: no user, no fragment, no brackets, no backslash, nothing that two parsers could
    read differently. The host is a name; its addresses are checked when it is called. With `private_targets` this
    machine is allowed, by http and on any port.
    """
    match = _URL.fullmatch(url) if len(url) <= LONGEST_URL else None
    if match is None:
        return UrlFault.WRONG_FORM
    host = match["host"].lower()
    port = int(match["port"][1:]) if match["port"] else None
    if port is not None and not 0 < port < 65536:
        return UrlFault.WRONG_FORM
    if urlsplit(url).hostname != host:
        return UrlFault.WRONG_FORM
    if private_targets and host in ("localhost", "127.0.0.1"):
        return None
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        return UrlFault.WRONG_FORM
    if match["scheme"] != "https" and not private_targets:
        return UrlFault.NOT_HTTPS
    if len(labels) < 2 or _NUMBER.fullmatch(labels[-1]) or labels[-1] in ("localhost", "local", "internal"):
        return UrlFault.NOT_PUBLIC
    if port not in PORTS and not private_targets:
        return UrlFault.WRONG_PORT
    return None
