"""The course of a vacancy: each move with what it causes, and who is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from service.access.actor import Actor
from service.access.rules import PartyKind
from service.delivery.events import NewEvent, publish_many
from service.kernel.database import UnitOfWork
from service.kernel.problems import conflict, forbidden_move, invalid_field
from service.kernel.state import ForbiddenMove
from service.signals import operations as signals
from service.vacancies.models import LIVE, Vacancy
from service.vacancies.proposals import closing
from service.vacancies.proposals.reasons import DeclineReason
from service.vacancies.referrals import sending
from service.vacancies.rules import LIVE_VACANCY, VACANCY, Effect, VacancyStatus, expires_on

_EVENTS: Final[Mapping[VacancyStatus, str]] = {
    VacancyStatus.OPEN: "vacancy.opened",
    VacancyStatus.ON_HOLD: "vacancy.held",
    VacancyStatus.FILLED: "vacancy.filled",
    VacancyStatus.WITHDRAWN: "vacancy.withdrawn",
    VacancyStatus.EXPIRED: "vacancy.expired",
}
_OPENED_AGAIN: Final[Mapping[VacancyStatus, str]] = {
    VacancyStatus.ON_HOLD: "vacancy.resumed",
    VacancyStatus.EXPIRED: "vacancy.renewed",
}

_PROPOSALS_END: Final[Mapping[VacancyStatus, DeclineReason]] = {
    VacancyStatus.FILLED: DeclineReason.VACANCY_FILLED,
    VacancyStatus.WITHDRAWN: DeclineReason.VACANCY_WITHDRAWN,
}


def open_new(uow: UnitOfWork, actor: Actor, rows: Sequence[Vacancy]) -> None:
    """Writes vacancies that are open from their first day, with everything that follows; the caller has looked whether
    another stands in their way."""
    if not rows:
        return
    effects = VACANCY.move(VacancyStatus.DRAFT, VacancyStatus.OPEN, PartyKind.EMPLOYER).causes
    for row in rows:
        row.status = VacancyStatus.OPEN
        _set_validity(uow, row, row.expires_on)
    with _told_if_taken():
        sent = sending.refer_new(uow, rows)
    tell_all(uow, _EVENTS[VacancyStatus.OPEN], [(row, sending.receivers_of(sent[row.id])) for row in rows])
    if Effect.TELL_SIGNAL in effects:
        for row in rows:
            _tell_signal(uow, actor, row, VacancyStatus.DRAFT)


def check_move(
    uow: UnitOfWork,
    row: Vacancy,
    target: VacancyStatus,
    role: PartyKind,
    *,
    filled_on: date | None = None,
    valid_until: date | None = None,
) -> tuple[str, ...]:
    """What would follow from this move. Raises what `move` raises, and changes nothing."""
    try:
        effects = VACANCY.move(row.status, target, role).causes
    except ForbiddenMove as error:
        raise forbidden_move(error.source, error.target, error.allowed) from None
    if target is VacancyStatus.FILLED:
        _day_of_filling(uow, row, filled_on, role)
    until = valid_until or _wanted_until(row)
    if Effect.SET_VALIDITY in effects and until is not None and until < uow.today:
        raise conflict(
            "last-day-passed",
            "De laatste dag van deze vacature is voorbij. Kies eerst een latere met PATCH.",
            "The last valid day of this vacancy has passed. Choose a later one first, with PATCH.",
        )
    return effects


def move(
    uow: UnitOfWork,
    actor: Actor,
    row: Vacancy,
    target: VacancyStatus,
    role: PartyKind,
    *,
    filled_on: date | None = None,
    valid_until: date | None = None,
) -> None:
    """Moves the vacancy, whose row the caller holds, with everything that follows from it. `valid_until`: until when,
    where it opens; left out: as long as can be.

    Raises 409 where `role` may not make this move, or a draft's last day has passed; 400 where the day of filling does
    not fit.
    """
    source = row.status
    effects = check_move(uow, row, target, role, filled_on=filled_on, valid_until=valid_until)
    if target is VacancyStatus.FILLED:
        row.filled_on = _day_of_filling(uow, row, filled_on, role)
        row.filled_positions = row.positions
    if source is VacancyStatus.EXPIRED:
        row.with_desk_since, row.searched_since = None, uow.now
    if Effect.SET_VALIDITY in effects:
        _set_validity(uow, row, valid_until or _wanted_until(row))
    row.status = target
    save(uow, row)
    if Effect.PAUSE_CLOCKS in effects:
        sending.pause(row)
    if Effect.RESUME_CLOCKS in effects:
        sending.resume(uow, row)
    if Effect.CLOSE_REFERRALS in effects:
        told = sending.close(uow, row)
    else:
        if Effect.REFER in effects:
            sending.refer(uow, row)
        told = sending.receivers_of(sending.referrals_of(uow, row.id))
    if Effect.WITHDRAW_PROPOSALS in effects:
        closing.withdraw_for_vacancy(uow, actor.as_system(f"vacancy.{target.value}"), row.id, _PROPOSALS_END[target])
    uow.flush()
    again = _OPENED_AGAIN.get(source) if target is VacancyStatus.OPEN else None
    tell(uow, again or _EVENTS[target], row, told)
    if Effect.TELL_SIGNAL in effects:
        _tell_signal(uow, actor, row, source)


def _wanted_until(row: Vacancy) -> date | None:
    """The last day that its employer chose before it was opened first."""
    return row.expires_on if row.opened_on is None else None


def _set_validity(uow: UnitOfWork, row: Vacancy, until: date | None) -> None:
    row.opened_on = row.opened_on or uow.today
    row.expires_on = expires_on(uow.today, until or latest_expiry(uow))
    row.offered_at = row.changed_at = uow.now


def _day_of_filling(uow: UnitOfWork, row: Vacancy, filled_on: date | None, role: PartyKind) -> date:
    day = filled_on or uow.today
    opened = row.opened_on or day
    if role is PartyKind.EMPLOYER and not opened <= day <= uow.today:
        raise invalid_field(
            "/filledOn",
            "day-does-not-fit",
            "Kies een dag van de opening tot en met vandaag.",
            "Choose a day from the opening up to and including today.",
        )
    return day


def tell(uow: UnitOfWork, type: str, row: Vacancy, receivers: list[str]) -> None:
    tell_all(uow, type, [(row, receivers)])


def tell_all(uow: UnitOfWork, type: str, rows: Sequence[tuple[Vacancy, list[str]]]) -> None:
    publish_many(uow, [_news(type, row, receivers) for row, receivers in rows])


def _news(type: str, row: Vacancy, receivers: list[str]) -> NewEvent:
    data = {"vacancyId": row.id, "employerId": row.employer_id, "status": row.status.value}
    bringer = [row.brought_in_by_id] if row.brought_in_by_id else []
    return NewEvent(type, row.address, row.version, [row.employer_id, *bringer, *receivers], data)


def _tell_signal(uow: UnitOfWork, actor: Actor, row: Vacancy, source: VacancyStatus) -> None:
    """Passes on how a freed vacancy fares. What was never opened is not told, nor one that has a successor."""
    if row.freed_by_signal_id is None or row.opened_on is None:
        return
    later = Vacancy.freed_by_signal_id == row.freed_by_signal_id, Vacancy.id > row.id
    over = source is VacancyStatus.WITHDRAWN and uow.session.scalar(select(Vacancy.id).where(*later).limit(1))
    if not over:
        signals.link_vacancy(
            uow,
            actor.as_system(f"vacancy.{row.status.value}"),
            row.freed_by_signal_id,
            row.id,
            row.status.value,
            row.opened_on,
            row.filled_on,
        )


def save(uow: UnitOfWork, row: Vacancy) -> None:
    """Writes the row. Raises 409 `vacancy-exists` with the address of the live one that stands in its way."""
    refuse_second(uow, row)
    has_changed(uow, row)
    uow.add(row)
    with _told_if_taken():
        uow.flush()


def has_changed(uow: UnitOfWork, row: Vacancy) -> None:
    """Readers of the shared list see it as changed."""
    if row.opened_on is not None:
        row.changed_at = uow.now


def refuse_second(uow: UnitOfWork, row: Vacancy) -> None:
    """Raises 409 `vacancy-exists` where a live one stands in the way of this one."""
    existing = in_the_way(uow, [row]) if row.status in LIVE_VACANCY else {}
    if existing:
        raise _exists(existing=f"/v1/vacancies/{existing[row.id]}")


_STANDS: Final = (
    *(Vacancy.id, Vacancy.employer_id, Vacancy.reference, Vacancy.freed_by_signal_id),
    *(Vacancy.brought_in_by_id, Vacancy.brought_in_reference),
)


def in_the_way(uow: UnitOfWork, rows: Sequence[Vacancy]) -> dict[str, str]:
    """For these rows that are to be live, by id, the other live one with its reference or of its signal."""
    references = sorted({row.reference for row in rows if row.reference is not None})
    signals_named = sorted({row.freed_by_signal_id for row in rows if row.freed_by_signal_id is not None})
    brought = sorted({row.brought_in_reference for row in rows if row.brought_in_reference is not None})
    live = select(*_STANDS).where(LIVE)
    with uow.session.no_autoflush:
        found: list[Any] = []
        if references:
            own = Vacancy.employer_id.in_({row.employer_id for row in rows})
            found += uow.session.execute(live.where(own, uow.among(Vacancy.reference, references))).all()
        if signals_named:
            found += uow.session.execute(live.where(uow.among(Vacancy.freed_by_signal_id, signals_named))).all()
        if brought:
            own = Vacancy.brought_in_by_id.in_({row.brought_in_by_id for row in rows})
            found += uow.session.execute(live.where(own, uow.among(Vacancy.brought_in_reference, brought))).all()
    by_bringer = {(each.brought_in_by_id, each.brought_in_reference): each.id for each in found}
    by_reference = {(each.employer_id, each.reference): each.id for each in found if each.reference is not None}
    by_signal = {each.freed_by_signal_id: each.id for each in found if each.freed_by_signal_id is not None}
    existing = {}
    for row in rows:
        others = (
            by_reference.get((row.employer_id, row.reference or "")),
            by_bringer.get((row.brought_in_by_id, row.brought_in_reference or "")),
            by_signal.get(row.freed_by_signal_id),
        )
        other = next((each for each in others if each not in (None, row.id)), None)
        if other is not None:
            existing[row.id] = other
    return existing


@contextmanager
def _told_if_taken() -> Iterator[None]:
    """What another request wrote at the same moment is told as what was there before."""
    try:
        yield
    except IntegrityError as error:
        if "reference" not in str(error.orig) and "freed" not in str(error.orig):
            raise
        raise _exists() from error


def _exists(**extra: str) -> Exception:
    return conflict(
        "vacancy-exists",
        "Er loopt al een vacature met deze referentie, of voor deze melding. Wijzig die met PATCH.",
        "A vacancy with this reference, or for this signal, is live already. Change that one with PATCH.",
        **extra,
    )


def latest_expiry(uow: UnitOfWork) -> date:
    """The latest day until which a vacancy can be valid without being renewed."""
    return uow.today + timedelta(days=uow.settings.vacancy_days)
