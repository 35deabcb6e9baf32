"""How much a client may ask: requests in a minute, people in a day. Counted in the database, in the transaction of the
request, so that it holds over all processes; what is refused is not counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Final, NamedTuple, cast

from prometheus_client import Counter
from sqlalchemy import Date, Table, and_, bindparam, case, delete, literal_column, select
from sqlalchemy.dialects import postgresql, sqlite

from service.access.actor import Actor
from service.access.models import Usage
from service.kernel.database import UnitOfWork
from service.kernel.prepared import Prepared
from service.kernel.problems import Problem
from service.kernel.text import Text
from service.reference.working_days import end_of_day

KEPT_FOR: Final = timedelta(days=35)
_MINUTE: Final = 60
_DAY: Final = 86_400

REFUSALS: Final = Counter("servicepunt_limit_refusals", "Requests refused because of a limit", ["limit"])


class Limit(NamedTuple):
    """What a client may do of one kind: requests in a minute, people in a day."""

    subject: str
    per_minute: int
    per_day: int

    @property
    def minute_name(self) -> str:
        return f"{self.subject}-per-minute"

    @property
    def day_name(self) -> str:
        return f"{self.subject}-people-per-day"


_USAGE: Final = cast(Table, Usage.__table__)


def _count(insert: Any) -> Prepared:
    statement = insert(_USAGE)
    # Clocks of several machines differ a little: a minute that has begun does not end again.
    goes_on = _USAGE.c.minute >= statement.excluded.minute
    counted = statement.on_conflict_do_update(
        index_elements=["client_id", "subject", "day"],
        set_={
            "minute": case((goes_on, _USAGE.c.minute), else_=statement.excluded.minute),
            "in_minute": case((goes_on, _USAGE.c.in_minute), else_=literal_column("0")) + statement.excluded.in_minute,
            **{name: _USAGE.c[name] + statement.excluded[name] for name in ("requests", "amount", "watched")},
        },
    )
    return Prepared(counted.returning(_USAGE.c.in_minute, _USAGE.c.amount))


_COUNT: Final = {True: _count(sqlite.insert), False: _count(postgresql.insert)}
_SPENT: Final = Prepared(
    select(_USAGE.c.minute, _USAGE.c.in_minute, _USAGE.c.amount).where(
        and_(
            _USAGE.c.client_id == bindparam("client_id"),
            _USAGE.c.subject == bindparam("subject"),
            _USAGE.c.day == bindparam("day", type_=Date),
        )
    )
)


def count(uow: UnitOfWork, actor: Actor, limit: Limit, amount: int, *, watched: int = 0, requests: int = 1) -> None:
    """Counts a request about `amount` people, `watched` of them of the kind to watch. Raises 429 beyond the limit.

    Call it late: the row stays locked until the end of the transaction. With 0 `requests` it goes on with one that was
    let in before, and refuses nothing.
    """
    minute, seconds = divmod(int(uow.now.timestamp()), _MINUTE)
    values = {
        "client_id": actor.client_id,
        "subject": limit.subject,
        "day": uow.today,
        "minute": minute,
        "in_minute": requests,
        "requests": requests,
        "amount": amount,
        "watched": watched,
    }
    row = uow.find(_COUNT[uow.is_sqlite], values)[0]
    if requests:
        _check(uow, limit, row.in_minute, row.amount, _MINUTE - seconds)


def require_room(uow: UnitOfWork, actor: Actor, limit: Limit, amount: int) -> None:
    """Raises 429 when the limit has no room for a request about `amount` people, before it is worked on."""
    minute, seconds = divmod(int(uow.now.timestamp()), _MINUTE)
    rows = uow.find(_SPENT, {"client_id": actor.client_id, "subject": limit.subject, "day": uow.today})
    in_minute = rows[0].in_minute if rows and rows[0].minute >= minute else 0
    spent = rows[0].amount if rows else 0
    _check(uow, limit, in_minute + 1, spent + amount, _MINUTE - seconds)


def _check(uow: UnitOfWork, limit: Limit, in_minute: int, amount: int, minute_ends: int) -> None:
    day_ends = int(_day_ends(uow.today) - uow.now.timestamp()) + 1
    left, left_today = limit.per_minute - in_minute, limit.per_day - amount
    headers = [
        (
            "RateLimit-Policy",
            f'"{limit.minute_name}";q={limit.per_minute};w={_MINUTE}, '
            f'"{limit.day_name}";q={limit.per_day};w={_DAY};qu="people"',
        ),
        (
            "RateLimit",
            f'"{limit.minute_name}";r={max(left, 0)};t={minute_ends}, '
            f'"{limit.day_name}";r={max(left_today, 0)};t={day_ends}',
        ),
    ]
    if left >= 0 and left_today >= 0:
        uow.headers = headers
        return
    if left_today < 0:
        name, wait = limit.day_name, day_ends
        detail = Text(
            f"Uw systeem mag op één dag naar {limit.per_day} mensen vragen. Dat is voor vandaag te veel geworden. "
            "Vanaf morgen kan het weer. Hebt u meer nodig? Vraag het de beheerder.",
            f"Your system may ask about {limit.per_day} people in one day, and this would be more. It can again from "
            "tomorrow on. If you need more, ask the operator.",
        )
    else:
        name, wait = limit.minute_name, minute_ends
        detail = Text(
            f"Uw systeem mag {limit.per_minute} verzoeken per minuut doen. Probeer het over {wait} seconden opnieuw.",
            f"Your system may send {limit.per_minute} requests a minute. Try again in {wait} seconds.",
        )
    REFUSALS.labels(limit=name).inc()
    raise Problem(
        HTTPStatus.TOO_MANY_REQUESTS,
        "too-many-requests",
        Text("Te veel gevraagd", "Too many requests"),
        detail,
        headers={"Retry-After": str(wait), **dict(headers)},
        extra={"limit": name},
    )


@lru_cache(maxsize=4)
def _day_ends(day: date) -> float:
    """The end of the day in Amsterdam, in seconds since 1970."""
    ends: datetime = end_of_day(day)
    return ends.timestamp()


def usage_on(uow: UnitOfWork, day: date) -> list[Mapping[str, Any]]:
    """What each client asked for on a day, the most people first."""
    rows = uow.execute(
        select(Usage.client_id, Usage.subject, Usage.requests, Usage.amount, Usage.watched)
        .where(Usage.day == day)
        .order_by(Usage.amount.desc(), Usage.client_id, Usage.subject)
    )
    return [dict(row) for row in rows.mappings()]


def forget_old(uow: UnitOfWork) -> int:
    """Deletes the counts of days that nobody looks at any more."""
    return uow.execute(delete(Usage).where(Usage.day < uow.today - KEPT_FOR)).rowcount
