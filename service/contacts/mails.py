"""The mail to a person whose contact changes: who, from when, how to reach them, and who it was before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from service.contacts.answer import Found, Reachable, read, rows_of_people
from service.contacts.models import Caseworker, Team
from service.contacts.rules import Change
from service.kernel.database import UnitOfWork
from service.kernel.room import MailText
from service.kernel.text import dutch_day
from service.people import operations as people

_DAYS: Final = ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag")


def contact_changed(uow: UnitOfWork, data: Mapping[str, Any]) -> MailText | None:
    """Read anew when it is sent: of two changes shortly after each other the last one counts."""
    person_id = data["personId"]
    recipient = people.email_of(uow, person_id)
    rows = rows_of_people(uow, [person_id]).get(person_id)
    if recipient is None or rows is None:
        return None
    found = read(rows, uow.today)
    change = Change(data["change"])
    before = _name_of(uow, data["before"])
    if change is Change.UPCOMING:
        subject, told = _upcoming(found, uow)
    elif change is Change.ABSENT:
        subject, told = _absent(found, uow)
    else:
        subject, told = _now(found, uow, change, before)
    name = people.name_of(uow, person_id)
    closing = f"Heeft u een vraag? Bel het Servicepunt: {uow.settings.desk_phone}. U belt nooit met een geheim nummer."
    greeting = f"Beste {name}," if name else "Goedendag,"
    return MailText(recipient, subject, (greeting, *told, closing))


def _now(found: Found, uow: UnitOfWork, change: Change, before: str | None) -> tuple[str, tuple[str, ...]]:
    answering = found.answering
    regular = found.caseworker or found.backup or found.team
    if regular is None:
        told = ["U heeft op dit moment geen vaste contactpersoon bij UWV. Het Servicepunt helpt u."]
        return "U heeft geen vaste contactpersoon meer", _with_before(told, before, None)
    if change is Change.CHANGED and before == regular.name:
        told = [f"De gegevens van {regular.name} zijn veranderd. {regular.name} blijft uw contactpersoon bij UWV."]
    else:
        start = "vandaag" if found.since in (None, uow.today) else dutch_day(found.since or uow.today)
        told = [f"{regular.name} is uw contactpersoon bij UWV. Dat is zo vanaf {start}."]
    if answering is None:
        told.append(f"{regular.name} is nu afwezig. In die tijd helpt het Servicepunt u.")
    elif answering is not regular:
        told += [f"{regular.name} is nu afwezig. In die tijd helpt {answering.name} u.", _reach(answering)]
    else:
        told.append(_reach(answering))
    subject = "Uw contactpersoon" if change is Change.ASSIGNED else "Uw contactpersoon verandert"
    return subject, _with_before(told, before, regular.name)


def _with_before(told: Sequence[str], before: str | None, now: str | None) -> tuple[str, ...]:
    if before is None or before == now:
        return tuple(told)
    return (*told, f"Tot nu toe was {before} uw contactpersoon. U hoeft zelf niets te doen.")


def _with_until(told: Sequence[str], before: str | None, now: str | None) -> tuple[str, ...]:
    if before is None or before == now:
        return tuple(told)
    return (*told, f"Tot die dag blijft {before} uw contactpersoon. U hoeft zelf niets te doen.")


def _upcoming(found: Found, uow: UnitOfWork) -> tuple[str, tuple[str, ...]]:
    regular = found.caseworker or found.backup or found.team
    if found.upcoming is None:
        stays = f" {regular.name} blijft uw contactpersoon." if regular is not None else ""
        told = f"Wij schreven u dat u een andere contactpersoon krijgt. Dat gaat niet door.{stays}"
        return "Uw contactpersoon verandert niet", (told,)
    day, _, staff = found.upcoming
    if staff is None:
        told = f"Vanaf {dutch_day(day)} heeft u geen vaste contactpersoon bij UWV meer. Het Servicepunt helpt u dan."
        return "Uw contactpersoon verandert", _with_until([told], regular and regular.name, None)
    told = f"Vanaf {dutch_day(day)} is {staff.name} uw contactpersoon bij UWV."
    return "U krijgt een andere contactpersoon", _with_until(
        [told, _reach(staff)], regular and regular.name, staff.name
    )


def _absent(found: Found, uow: UnitOfWork) -> tuple[str, tuple[str, ...]]:
    away = found.caseworker.name if found.caseworker is not None else "Uw contactpersoon"
    until: date | None = None if found.away is None else found.away.last
    told = [f"{away} is afwezig tot en met {dutch_day(until)}." if until else f"{away} is een tijd afwezig."]
    if found.answering is not None:
        told += [f"In die tijd helpt {found.answering.name} u.", _reach(found.answering)]
    else:
        told.append(f"In die tijd helpt het Servicepunt u. Mail naar {uow.settings.desk_email}.")
    return "Uw contactpersoon is afwezig", tuple(told)


def _reach(staff: Reachable) -> str:
    days = [_DAYS[day - 1] for day in sorted(staff.working_days)]
    when = days[0] if len(days) == 1 else f"{', '.join(days[:-1])} en {days[-1]}"
    return f"U kunt bellen met {staff.phone} of mailen naar {staff.email}. {staff.name} werkt op {when}."


def _name_of(uow: UnitOfWork, staff_id: str | None) -> str | None:
    if staff_id is None:
        return None
    row = uow.session.get(Caseworker, staff_id) or uow.session.get(Team, staff_id)
    return None if row is None else row.name
