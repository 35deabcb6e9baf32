"""Vacancies: opening, changing, ending. To whom they go is in `referrals`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, or_, select

from service.access.actor import Actor, system
from service.access.models import Party
from service.access.rules import PartyKind
from service.employers.employments import employer_of
from service.employers.models import Establishment
from service.kernel.database import UnitOfWork
from service.kernel.ids import new_id
from service.kernel.paging import page
from service.kernel.problems import (
    FieldError,
    conflict,
    forbidden,
    invalid_input,
    not_found,
    unknown_reference,
)
from service.kernel.requests import Expected
from service.kernel.text import Text
from service.reference import places
from service.signals import operations as signals
from service.vacancies import course, views
from service.vacancies.hours import as_written
from service.vacancies.models import Vacancy
from service.vacancies.referrals import operations as referrals
from service.vacancies.referrals import sending
from service.vacancies.referrals.models import Referral
from service.vacancies.rules import (
    BRING_VACANCIES,
    LIVE_VACANCY,
    VACANCY,
    JobcoachArrangement,
    VacancyStatus,
    has_expired,
    is_filled,
    positions_left,
)
from service.vacancies.sharing import bringing
from service.vacancies.sharing.rules import sub_major_of

_CHANGEABLE: Final = LIVE_VACANCY | {VacancyStatus.EXPIRED}


def visible_vacancies(actor: Actor) -> Select[Any]:
    """An employer sees its own, a WSP or pool those that came to it and were not passed on.

    A jobcoach organisation or re-integration company sees all that are open and what it brought in, UWV's side all that
    were opened at some time.
    """
    statement = select(Vacancy)
    if actor.kind is PartyKind.SYSTEM:
        return statement
    if actor.is_uwv_side:
        return statement.where(Vacancy.opened_on.is_not(None))
    came = select(Referral.vacancy_id).where(
        Referral.party_id.in_(actor.party_ids(PartyKind.WSP, PartyKind.MOBILITY_POOL)),
        Referral.passed_on_at.is_(None),
    )
    seen: list[ColumnElement[bool]] = [
        Vacancy.employer_id.in_(actor.party_ids(PartyKind.EMPLOYER)),
        Vacancy.id.in_(came),
    ]
    if sharing := actor.party_ids(*sorted(BRING_VACANCIES)):
        seen += [Vacancy.status == VacancyStatus.OPEN, Vacancy.brought_in_by_id.in_(sharing)]
    return statement.where(or_(*seen))


def vacancy_for(uow: UnitOfWork, actor: Actor, vacancy_id: str, *, for_update: bool = False) -> Vacancy:
    """The vacancy, if the actor may see it; `for_update` locks its row and reads it anew. Raises 404."""
    statement = visible_vacancies(actor).where(Vacancy.id == vacancy_id)
    if for_update:
        statement = statement.with_for_update(of=Vacancy).execution_options(populate_existing=True)
    found: Vacancy | None = uow.session.scalars(statement).one_or_none()
    if found is None:
        raise not_found()
    return found


# --- Reading ----------------------------------------------------------------------------------------------------


def list_vacancies(uow: UnitOfWork, actor: Actor, query: Mapping[str, Any]) -> dict[str, Any]:
    statement = visible_vacancies(actor)
    for name in ("status", "region_code", "employer_id"):
        if name in query:
            statement = statement.where(getattr(Vacancy, name) == query[name])
    if "reference" in query:
        statement = statement.where(bringing.has_reference(actor, query["reference"]))
    if "freed_by_signal_id" in query:
        statement = statement.where(Vacancy.freed_by_signal_id == query["freed_by_signal_id"])
        if not views.may_know_signal(actor):
            statement = statement.where(Vacancy.employer_id.in_(actor.party_ids(PartyKind.EMPLOYER)))
    answer = page(uow, statement, (Vacancy.id,), query, lambda row: row)
    return answer | {"items": views.views(uow, actor, answer["items"])}


def get_vacancy(uow: UnitOfWork, actor: Actor, vacancy_id: str) -> dict[str, Any]:
    return views.view(uow, actor, vacancy_for(uow, actor, vacancy_id))


def list_referrals(uow: UnitOfWork, actor: Actor, vacancy_id: str, query: Mapping[str, Any]) -> dict[str, Any]:
    """To whom the vacancy went: all of it for its employer and UWV's side, a receiver's own for that receiver."""
    vacancy = vacancy_for(uow, actor, vacancy_id)
    return referrals.referrals_of_vacancy(uow, actor, vacancy.id, query)


# --- Writing ----------------------------------------------------------------------------------------------------

_WHEN_LEFT_OUT: Final[Mapping[str, Any]] = {
    "reference": None,
    "description": None,
    "tasks": [],
    "start_date": None,
    "positions": 1,
    "language_level": None,
    "driving_licences": [],
    "demands": None,
    "offers": None,
    "trial_placement": False,
    "jobcoach_arrangement": JobcoachArrangement.FREE,
    "jobcoach_organisation_id": None,
}
_NEEDED = {
    "title": "/title",
    "occupation_code": "/occupationCode",
    "hours": "/hours",
    "contract_type": "/contractType",
}


def register_vacancy(uow: UnitOfWork, actor: Actor, data: Mapping[str, Any]) -> dict[str, Any]:
    """A vacancy, open at once unless it is a draft; what is left out comes from the job that the signal frees.

    Raises 409 `vacancy-exists` when its reference is in use, or the signal has a vacancy already.
    """
    values = bringing.brought_in(uow, actor, data)
    if "freed_by_signal_id" in values:
        values = _prefilled(uow, actor, values)
    bringer = values.get("brought_in_by_id")
    row = Vacancy(
        id=new_id(),
        employer_id=values["employer_id"] if bringer else employer_of(actor, values.get("employer_id")),
        brought_in_by_id=bringer,
        status=VacancyStatus.DRAFT,
        filled_positions=0,
        freed_by_signal_id=values.get("freed_by_signal_id"),
        created_at=uow.now,
    )
    missing = [pointer for name, pointer in _NEEDED.items() if values.get(name) is None]
    if "establishment_id" not in values and "workplace" not in values:
        missing.append("/establishmentId")
    errors = [FieldError("required", Text("Dit veld is verplicht.", "This field is required."), p) for p in missing]
    errors += _apply(uow, row, {**_WHEN_LEFT_OUT, **values})
    if errors:
        raise invalid_input(errors)
    course.save(uow, row)
    if values["status"] == VacancyStatus.OPEN:
        course.move(uow, actor, row, VacancyStatus.OPEN, PartyKind.EMPLOYER)
    if bringer:
        bringing.tell(uow, "vacancy.brought-in", row)
    return views.view(uow, actor, row)


def change_vacancy(
    uow: UnitOfWork, actor: Actor, vacancy_id: str, data: Mapping[str, Any], expected: Expected
) -> dict[str, Any]:
    """Changes what the vacancy says. In another region it goes to the WSP there too."""
    row = vacancy_for(uow, actor, vacancy_id, for_update=True)
    if not bringing.may_change(actor, row):
        raise forbidden(
            "Alleen de werkgever wijzigt deze vacature, of wie haar inbracht zolang de werkgever haar niet overnam.",
            "Only its employer changes a vacancy, or who brought it in as long as the employer has not taken it over.",
        )
    expected.check(row.version)
    if row.status not in _CHANGEABLE:
        raise conflict(
            "vacancy-ended",
            "Deze vacature is vervuld of ingetrokken. Maak een nieuwe.",
            "This vacancy was filled or withdrawn. Make a new one.",
        )
    region = row.region_code
    errors = _apply(uow, row, bringing.changed(actor, row, data))
    if errors:
        raise invalid_input(errors)
    course.save(uow, row)
    if row.status is VacancyStatus.OPEN and row.region_code != region:
        sending.refer(uow, row)
        uow.flush()
    course.tell(uow, "vacancy.changed", row, sending.receivers_of(sending.referrals_of(uow, row.id)))
    return views.view(uow, actor, row)


def move_vacancy(
    uow: UnitOfWork, actor: Actor, vacancy_id: str, data: Mapping[str, Any], expected: Expected
) -> dict[str, Any]:
    """Opens, holds, fills, withdraws or renews a vacancy: its employer's to decide."""
    row = vacancy_for(uow, actor, vacancy_id, for_update=True)
    expected.check(row.version)
    role = bringing.role_of(actor, row)
    if role in BRING_VACANCIES and data["to"] == VacancyStatus.OPEN:
        bringing.require_room(uow, str(row.brought_in_by_id))
    course.move(uow, actor, row, data["to"], role, filled_on=data.get("filled_on"))
    return views.view(uow, actor, row)


def fill_position(
    uow: UnitOfWork, actor: Actor, vacancy_id: str, filled_on: date, *, after_trial: bool = False
) -> bool:
    """Counts a placement; the last one fills the vacancy. Returns whether all positions are filled now.

    `after_trial`: the position was held by a trial placement, which goes on whatever its employer did with the vacancy
    meanwhile: one that was set to `filled` counts it already. Raises 409 `no-position-left` when there is none, or the
    vacancy was withdrawn.
    """
    row = uow.session.get_one(Vacancy, vacancy_id, with_for_update=True, populate_existing=True)
    if after_trial and row.status is VacancyStatus.FILLED:
        return True
    may_fill = VacancyStatus.FILLED in VACANCY.allowed(row.status, PartyKind.SYSTEM)
    if row.status is VacancyStatus.WITHDRAWN and not after_trial:
        may_fill = False
    if not may_fill or positions_left(row.positions, row.filled_positions) == 0:
        raise conflict(
            "no-position-left",
            "Op deze vacature is geen plek meer vrij.",
            "This vacancy has no position left.",
        )
    row.filled_positions += 1
    row.changed_at = uow.now
    if is_filled(row.positions, row.filled_positions):
        since = max(filled_on, row.opened_on or filled_on)
        course.move(uow, actor, row, VacancyStatus.FILLED, PartyKind.SYSTEM, filled_on=since)
        return True
    uow.flush()
    course.tell(uow, "vacancy.position-filled", row, sending.receivers_of(sending.referrals_of(uow, row.id)))
    return False


# --- The clock --------------------------------------------------------------------------------------------------


def due_to_expire(uow: UnitOfWork, limit: int) -> list[str]:
    """Vacancies whose last valid day has passed, the longest ago first."""
    statement = (
        select(Vacancy.id)
        .where(Vacancy.status.in_((VacancyStatus.OPEN, VacancyStatus.ON_HOLD)), Vacancy.expires_on < uow.today)
        .order_by(Vacancy.expires_on, Vacancy.id)
        .limit(limit)
    )
    return list(uow.session.scalars(statement))


def expire(uow: UnitOfWork, vacancy_id: str) -> None:
    """Ends a vacancy whose last valid day has passed; its employer can renew it."""
    row = uow.session.get_one(Vacancy, vacancy_id, with_for_update=True, populate_existing=True)
    may_expire = VacancyStatus.EXPIRED in VACANCY.allowed(row.status, PartyKind.SYSTEM)
    if may_expire and row.expires_on is not None and has_expired(row.expires_on, uow.today):
        course.move(uow, system("vacancy.expired"), row, VacancyStatus.EXPIRED, PartyKind.SYSTEM)


# --- Inside -----------------------------------------------------------------------------------------------------


def _prefilled(uow: UnitOfWork, actor: Actor, values: dict[str, Any]) -> dict[str, Any]:
    job = signals.freed_by(uow, actor, values["freed_by_signal_id"])
    if values.setdefault("employer_id", job.employer_id) != job.employer_id:
        raise invalid_input([unknown_reference("/employerId")])
    known = {
        "title": job.title,
        "occupation_code": job.occupation_code,
        "hours": None if job.hours is None else {"min": job.hours, "max": job.hours},
        "contract_type": job.contract_type,
        "start_date": job.start_date,
    }
    if "workplace" not in values:
        known["establishment_id"] = job.establishment_id
    return {name: value for name, value in known.items() if value is not None} | values


def _apply(uow: UnitOfWork, row: Vacancy, data: Mapping[str, Any]) -> list[FieldError]:
    errors = []
    for name in (*views.PLAIN_FIELDS, "brought_in_reference"):
        if name in data:
            setattr(row, name, data[name])
    if data.get("jobcoach_arrangement") is JobcoachArrangement.FREE and "jobcoach_organisation_id" not in data:
        row.jobcoach_organisation_id = None
    if "occupation_code" in data:
        row.sub_major = sub_major_of(row.occupation_code)
    if data.get("hours") is not None:
        row.hours_min = as_written(data["hours"].get("min", row.hours_min))
        row.hours_max = as_written(data["hours"].get("max", row.hours_max))
        if row.hours_min > row.hours_max:
            text = Text("Het minimum is meer dan het maximum.", "The minimum is above the maximum.")
            errors.append(FieldError("not-in-order", text, pointer="/hours"))
    if "positions" in data and row.positions <= row.filled_positions and row.filled_positions > 0:
        text = Text(
            "Zoveel plekken zijn al vervuld. Kies er meer, of zet de vacature op 'filled'.",
            "So many positions are filled already. Choose more, or set the vacancy to 'filled'.",
        )
        errors.append(FieldError("too-few-positions", text, pointer="/positions"))
    if "expires_on" in data:
        row.expires_on = data["expires_on"]
        if not uow.today <= data["expires_on"] <= course.latest_expiry(uow):
            days = uow.settings.vacancy_days
            text = Text(f"Kies een dag van vandaag tot en met {days} dagen later.", f"Within {days} days from today.")
            errors.append(FieldError("out-of-range", text, pointer="/expiresOn"))
    return errors + _check_jobcoach(uow, row) + _apply_place(uow, row, data)


def _check_jobcoach(uow: UnitOfWork, row: Vacancy) -> list[FieldError]:
    """The one organisation with which the employer works; without that there is none to name."""
    if row.jobcoach_organisation_id is None:
        return []
    if row.jobcoach_arrangement is not JobcoachArrangement.FIXED:
        text = Text("Dit hoort alleen bij 'fixed'.", "This goes with 'fixed' only.")
        return [FieldError("not-fixed", text, pointer="/jobcoachOrganisationId")]
    with uow.session.no_autoflush:
        kind = uow.session.scalar(select(Party.kind).where(Party.id == row.jobcoach_organisation_id))
    known = kind is PartyKind.JOBCOACH_ORGANISATION
    return [] if known else [unknown_reference("/jobcoachOrganisationId")]


def _apply_place(uow: UnitOfWork, row: Vacancy, data: Mapping[str, Any]) -> list[FieldError]:
    if "establishment_id" in data:
        own = select(Establishment).where(
            Establishment.id == data["establishment_id"], Establishment.employer_id == row.employer_id
        )
        with uow.session.no_autoflush:
            found = uow.session.scalars(own).one_or_none()
        if found is None:
            return [unknown_reference("/establishmentId")]
        row.establishment_id = found.id
        row.postcode, row.municipality_code = found.postcode, found.municipality_code
        row.region_code = found.region_code
    elif "workplace" in data:
        before = row.postcode if row.establishment_id is None else None
        postcode = data["workplace"].get("postcode", before)
        area = places.postcode(postcode) if postcode else None
        code = data["workplace"].get("municipality") or (area.municipality_code if area else None)
        municipality = places.municipality(code) if code else None
        if municipality is None:
            text = Text(
                "Deze postcode kennen we niet. Is hij nieuw? Geef dan ook de gemeente.",
                "We do not know this postcode. If it is new, send the municipality too.",
            )
            return [FieldError("unknown-postcode", text, pointer="/workplace/postcode")]
        row.establishment_id = None
        row.postcode, row.municipality_code = postcode, municipality.code
        row.region_code = municipality.region_code
    else:
        return []
    centre = places.postcode(row.postcode) if row.postcode else None
    known = centre is not None and centre.exact
    row.latitude = centre.latitude if centre and known else None
    row.longitude = centre.longitude if centre and known else None
    return []
