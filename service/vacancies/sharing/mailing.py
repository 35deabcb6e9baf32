"""The mails of a subscription: asking whether its reader wants them, and the weekly digest.

A digest is decided and queued in one transaction that also sets the next moment. So there is one a week, whatever
happens to the worker; after a standstill there is one for all that time.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select, update

from service.access.operations import load_actor
from service.delivery.events import queue_mail
from service.kernel.database import UnitOfWork
from service.kernel.room import MailText
from service.kernel.secret_links import digest, new_secret
from service.kernel.text import Text
from service.reference import places
from service.vacancies.sharing import feed
from service.vacancies.sharing.models import VacancySubscription
from service.vacancies.sharing.rules import IN_DIGEST, SETTLES, SUBSCRIBE, Offer, next_digest
from service.vacancies.wording import hours_text

CONFIRM: Final = "confirm"
UNSUBSCRIBE: Final = "unsubscribe"
"""The last parts of the addresses in the mails."""
ASKED_MAIL: Final = "vacancy-digest-confirm"
DIGEST_MAIL: Final = "vacancy-digest"


def set_address(uow: UnitOfWork, row: VacancySubscription, email: str | None) -> bool:
    """Whether this is an address that has to be asked first: a new one, or one whose reader ended the mails."""
    if email is not None and email == row.email and row.unsubscribed_at is None:
        return False
    row.email = email
    row.email_confirmed_at = row.unsubscribed_at = row.digest_due_at = row.digest_since = None
    row.email_secret = row.email_digest = None
    if email is None:
        return False
    secret = new_secret()
    row.email_secret = uow.vault.seal("vacancy_subscription", "email_secret", row.id, secret)
    row.email_digest = digest(secret)
    return True


def ask(uow: UnitOfWork, row: VacancySubscription) -> None:
    """Asks the reader. The mail holds for this address only."""
    queue_mail(uow, ASKED_MAIL, {"subscriptionId": row.id, "emailDigest": row.email_digest})


def confirm(uow: UnitOfWork, row: VacancySubscription) -> None:
    """The reader wants the digest; a second time changes nothing."""
    if row.email_confirmed_at is None or row.unsubscribed_at is not None:
        row.email_confirmed_at, row.unsubscribed_at = uow.now, None
        row.digest_since, row.digest_due_at = uow.now, next_digest(uow.now)


def unsubscribe(uow: UnitOfWork, row: VacancySubscription) -> None:
    """The reader wants no more mails; a second time changes nothing."""
    if row.unsubscribed_at is None:
        row.unsubscribed_at, row.digest_due_at = uow.now, None


# --- The clock --------------------------------------------------------------------------------------------------


def due(uow: UnitOfWork, limit: int) -> list[str]:
    """Subscriptions whose digest is due, the longest ago first."""
    column = VacancySubscription.digest_due_at
    wanted = select(VacancySubscription.id).where(column.is_not(None), column <= uow.now)
    return list(uow.session.scalars(wanted.order_by(column, VacancySubscription.id).limit(limit)))


def fire(uow: UnitOfWork, subscription_id: str) -> None:
    """Queues a digest where there is something new, and sets the next moment."""
    row = uow.session.get(VacancySubscription, subscription_id, with_for_update=True, populate_existing=True)
    if row is None or row.digest_due_at is None or row.digest_due_at > uow.now or row.digest_since is None:
        return
    # What is committed late was still offered before: a little goes to the next one, so that nothing falls between.
    since, until = row.digest_since, max(row.digest_since, uow.now - SETTLES)
    if _may_read(uow, row) and feed.count_offered(uow, row, since, until):
        data = {"subscriptionId": row.id, "since": since.isoformat(), "until": until.isoformat()}
        queue_mail(uow, DIGEST_MAIL, data | {"emailDigest": row.email_digest})
    # Not through the row: its version is of what its owner sees.
    moved = {"digest_since": until, "digest_due_at": next_digest(uow.now)}
    uow.execute(update(VacancySubscription).where(VacancySubscription.id == row.id).values(**moved))


def _may_read(uow: UnitOfWork, row: VacancySubscription) -> bool:
    actor = load_actor(uow, row.client_id, frozenset())
    return actor is not None and actor.party.id == row.party_id and actor.kind in SUBSCRIBE


# --- The mails --------------------------------------------------------------------------------------------------


def asked_mail(uow: UnitOfWork, data: Mapping[str, Any]) -> MailText | None:
    """Whether the reader wants the digest. Nothing once it was answered, or another address was given."""
    row = _addressed(uow, data)
    if row is None or row.email_confirmed_at is not None or row.unsubscribed_at is not None:
        return None
    greeting, subject, *paragraphs = (text.in_language(row.language) for text in _ASKED)
    values = {"name": row.name, "confirm": _link(uow, row, CONFIRM), "desk": uow.settings.desk_name}
    return MailText(
        str(row.email),
        subject.format(**values),
        (greeting, *(paragraph.format(**values) for paragraph in paragraphs)),
        language=row.language,
        unsubscribe_url=_link(uow, row, UNSUBSCRIBE),
    )


def digest_mail(uow: UnitOfWork, data: Mapping[str, Any]) -> MailText | None:
    """What is new in these regions. Nothing when it is no longer on offer, or the reader wants no mails any more."""
    row = _addressed(uow, data)
    if row is None or row.email_confirmed_at is None or row.unsubscribed_at is not None:
        return None
    since, until = datetime.fromisoformat(data["since"]), datetime.fromisoformat(data["until"])
    count = feed.count_offered(uow, row, since, until)
    offers = feed.newly_offered(uow, row, since, until, IN_DIGEST)
    if not offers:
        return None
    language = row.language

    def said(text: Text, **values: object) -> str:
        return text.format(**values).in_language(language)

    paragraphs = [said(_GREETING), said(_NEW if count > 1 else _NEW_ONE, count=count, name=row.name)]
    by_region: dict[str, list[Offer]] = {}
    for offer in offers:
        by_region.setdefault(offer.region_code, []).append(offer)
    for code in sorted(by_region):
        region = places.region(code)
        lines = [_line(uow, offer, row) for offer in by_region[code]]
        paragraphs.append("\n".join([f"{region.name if region else code}:", *lines]))
    if count > len(offers):
        paragraphs.append(said(_REST, rest=count - len(offers), address=f"{uow.settings.url}/v1/vacancies?status=open"))
    address = _link(uow, row, UNSUBSCRIBE)
    paragraphs.append(said(_STOP, address=address))
    subject = said(_SUBJECT if count > 1 else _SUBJECT_ONE, count=count, name=row.name)
    return MailText(str(row.email), subject, tuple(paragraphs), language=language, unsubscribe_url=address)


def _addressed(uow: UnitOfWork, data: Mapping[str, Any]) -> VacancySubscription | None:
    """The subscription, if the mail was meant for the address that it has now."""
    row = uow.session.get(VacancySubscription, data["subscriptionId"])
    is_same = row is not None and row.email is not None and row.email_digest == data["emailDigest"]
    return row if is_same else None


def _link(uow: UnitOfWork, row: VacancySubscription, wish: str) -> str:
    secret = uow.vault.open("vacancy_subscription", "email_secret", row.id, bytes(row.email_secret or b""))
    return f"{uow.settings.url}/vacancies/mails/{secret}/{wish}"


def _line(uow: UnitOfWork, offer: Offer, row: VacancySubscription) -> str:
    hours = hours_text(offer.hours_min, offer.hours_max)
    again = Text(" (opnieuw open)", " (open again)") if offer.is_renewed else Text("", "")
    weekly = Text(f"{hours.nl} per week{again.nl}", f"{hours.en} a week{again.en}").in_language(row.language)
    where = f"{uow.settings.url}/v1/vacancies/{offer.id}"
    return f"- {offer.title}, {offer.employer}, {offer.municipality}, {weekly}\n  {where}"


_GREETING: Final = Text("Beste lezer,", "Dear reader,")
_ASKED: Final = (
    _GREETING,
    Text("Wilt u elke week nieuwe vacatures ontvangen?", "Do you want new vacancies each week?"),
    Text(
        "Iemand van uw organisatie gaf dit adres op voor een wekelijkse e-mail met nieuwe vacatures: '{name}'.",
        "Somebody of your organisation gave this address for a weekly e-mail with new vacancies: '{name}'.",
    ),
    Text("Wilt u die e-mail? Bevestig het hier:\n{confirm}", "Do you want it? Confirm it here:\n{confirm}"),
    Text(
        "Wilt u die e-mail niet? Dan hoeft u niets te doen. U krijgt dan geen e-mail meer van ons hierover.",
        "If you do not, you need not do anything. Then we send no further e-mail about this.",
    ),
    Text("Met vriendelijke groet,\n{desk}", "Kind regards,\n{desk}"),
)
_SUBJECT: Final = Text("{count} nieuwe vacatures: {name}", "{count} new vacancies: {name}")
_SUBJECT_ONE: Final = Text("1 nieuwe vacature: {name}", "1 new vacancy: {name}")
_NEW: Final = Text(
    "Er zijn {count} nieuwe vacatures in '{name}' sinds de vorige e-mail.",
    "There are {count} new vacancies in '{name}' since the last e-mail.",
)
_NEW_ONE: Final = Text(
    "Er is 1 nieuwe vacature in '{name}' sinds de vorige e-mail.",
    "There is 1 new vacancy in '{name}' since the last e-mail.",
)
_REST: Final = Text(
    "En nog {rest} meer. U ziet ze in de feed, of met uw systeem op {address}.",
    "And {rest} more. See them in the feed, or with your system at {address}.",
)
_STOP: Final = Text(
    "Wilt u deze e-mail niet meer? Stop hem hier:\n{address}", "No longer want this e-mail? Stop it here:\n{address}"
)
