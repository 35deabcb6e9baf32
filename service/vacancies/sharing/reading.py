"""Reading a subscription by its secret: a page of its feed, or the mails that its reader gets."""

from __future__ import annotations

from hashlib import sha256
from typing import Any, Final, NamedTuple

from sqlalchemy import select

from service.access import limits
from service.access.limits import Limit
from service.access.operations import load_actor
from service.kernel.database import UnitOfWork
from service.kernel.paging import cursor_at, read_cursor
from service.kernel.problems import not_found
from service.kernel.secret_links import digest
from service.vacancies.sharing import atom, feed
from service.vacancies.sharing.feed import Shown
from service.vacancies.sharing.models import VacancySubscription
from service.vacancies.sharing.rules import PAGE, READS_PER_MINUTE, SUBSCRIBE

_LIMIT: Final = Limit("vacancy-feeds", READS_PER_MINUTE, 10**9)
_FORM: Final = 1
"""Rises when the same vacancies are written in another form: what readers kept holds no more."""


class FeedPage(NamedTuple):
    """The vacancies of a page as to their state; `following` is the cursor of the page after it."""

    shown: list[Shown]
    cursor: str | None
    following: str | None
    tag: str


def open_feed(uow: UnitOfWork, secret: str) -> VacancySubscription:
    """The subscription whose feed this secret opens.

    Raises the same 404 for a secret that never was, one that was revoked, and one whose client was revoked or acts for
    another party now.
    """
    wanted = select(VacancySubscription).where(VacancySubscription.secret_digest == digest(secret))
    row = uow.session.scalars(wanted).one_or_none()
    actor = None if row is None else load_actor(uow, row.client_id, frozenset())
    if row is None or actor is None or actor.party.id != row.party_id or actor.kind not in SUBSCRIBE:
        raise not_found()
    limits.count(uow, actor, _LIMIT, 0)
    return row


def page_of(uow: UnitOfWork, subscription: VacancySubscription, cursor: str | None) -> FeedPage:
    """One page, as far as it takes to know whether a reader has it already. Raises 400 for a cursor that is not ours.

    The tag is of the vacancies on this page and their versions. So it holds as long as the page says the same, whatever
    else happens in the region, and in whatever order changes are committed.
    """
    before = read_cursor(uow, cursor, feed.ORDER) if cursor else None
    rows = feed.newest(uow, subscription, before, PAGE + 1)
    shown, more = rows[:PAGE], len(rows) > PAGE
    said: tuple[Any, ...] = (_FORM, subscription.changed_at, uow.settings.url, uow.settings.desk_name, more)
    told = repr((*said, [(row.id, row.version) for row in shown]))
    tag = f'W/"{sha256(told.encode()).hexdigest()[:32]}"'
    following = cursor_at(uow, (shown[-1].changed_at, shown[-1].id)) if more else None
    return FeedPage(shown, cursor, following, tag)


def rendered(uow: UnitOfWork, subscription: VacancySubscription, page: FeedPage, secret: str) -> bytes:
    """The page as a document."""
    found = feed.offers(uow, [row.id for row in page.shown])
    first = f"{uow.settings.url}/vacancies/{secret}.atom"
    about = atom.Page(
        id=subscription.id,
        name=subscription.name,
        author=uow.settings.desk_name,
        language=subscription.language,
        updated=max((offer.updated for offer in found), default=subscription.changed_at),
        here=f"{first}?cursor={page.cursor}" if page.cursor else first,
        first=first,
        following=f"{first}?cursor={page.following}" if page.following else None,
    )
    return atom.render(about, found, f"{uow.settings.url}/v1")


def by_mail(uow: UnitOfWork, secret: str, *, for_update: bool) -> VacancySubscription | None:
    """The subscription in whose mails this secret stands."""
    wanted = select(VacancySubscription).where(VacancySubscription.email_digest == digest(secret))
    return uow.session.scalars(wanted.with_for_update() if for_update else wanted).one_or_none()
