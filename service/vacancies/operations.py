"""Vacancies: opening, changing, ending. To whom they go is in `referrals`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, exists, false, or_, select

from service.access.actor import Actor
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
from service.vacancies.referrals.reasons import AnswerReason
from service.vacancies.rules import (
    BRING_VACANCIES,
    LIVE_VACANCY,
    VACANCY,
    JobcoachArrangement,
    VacancyStatus,
    is_filled,
    positions_left,
)
from service.vacancies.sharing import bringing
from service.vacancies.sharing.rules import sub_major_of

_CHANGEABLE: Final = LIVE_VACANCY | {VacancyStatus.EXPIRED}


def visible_vacancies(actor: Actor, *, few: bool = False) -> Select[Any]:
    """An employer sees its own, a WSP or pool those that came to it and were not passed on.

    A jobcoach organisation or re-integration company sees all that are open and what it brought in, UWV's side all that
    were opened at some time. `few`: of the vacancies that the caller looks at most came, or there are not many; else
    all that came are listed first.
    """
    statement = select(Vacancy)
    if actor.kind is PartyKind.SYSTEM:
        return statement
    if actor.is_uwv_side:
        return statement.where(Vacancy.opened_on.is_not(None))
    seen: list[ColumnElement[bool]] = []
    if employers := actor.party_ids(PartyKind.EMPLOYER):
        seen.append(Vacancy.employer_id.in_(employers))
    if receivers := actor.party_ids(PartyKind.WSP, PartyKind.MOBILITY_POOL):
        came = (
            Referral.party_id.in_(receivers),
            Referral.passed_on_at.is_(None),
            or_(Referral.reason.is_(None), Referral.reason != AnswerReason.MEMBERSHIP_ENDED),
        )
        one_by_one = exists().where(Referral.vacancy_id == Vacancy.id, *came)
        seen.append(one_by_one if few else Vacancy.id.in_(select(Referral.vacancy_id).where(*came)))
    if sharing := actor.party_ids(*sorted(BRING_VACANCIES)):
        seen += [Vacancy.status == VacancyStatus.OPEN, Vacancy.brought_in_by_id.in_(sharing)]
    # One condition alone can be one range of an index.
    return statement.where(or_(*seen) if seen else false())


def vacancy_for(uow: UnitOfWork, actor: Actor, vacancy_id: str, *, for_update: bool = False) -> Vacancy:
    """The vacancy, if the actor may see it; `for_update` locks its row and reads it anew. Raises 404."""
    statement = visible_vacancies(actor, few=True).where(Vacancy.id == vacancy_id)
    if for_update:
        statement = statement.with_for_update(of=Vacancy).execution_options(populate_existing=True)
    found: Vacancy | None = uow.session.scalars(statement).one_or_none()
    if found is None:
        raise not_found()
    return found


# --- Reading ----------------------------------------------------------------------------------------------------


def list_vacancies(uow: UnitOfWork, actor: Actor, query: Mapping[str, Any]) -> dict[str, Any]:
    # Of a region nearly all came to its WSP: in their order a page is soon full. A pool may have few among very many.
    statement = visible_vacancies(actor, few=actor.kind is PartyKind.WSP)
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
    row = drafted(uow, actor, data)
    if data["status"] == VacancyStatus.OPEN:
        course.refuse_second(uow, row)
        course.open_new(uow, actor, [row])
    else:
        course.save(uow, row)
    if row.brought_in_by_id is not None:
        bringing.tell(uow, "vacancy.brought-in", row)
    return views.view(uow, actor, row)


def drafted(uow: UnitOfWork, actor: Actor, data: Mapping[str, Any]) -> Vacancy:
    """A vacancy as it was sent, which is not written yet. Raises 400 and, for a signal that frees no job, 409."""
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
        client_id=actor.client_id,
    )
    missing = [pointer for name, pointer in _NEEDED.items() if values.get(name) is None]
    if "establishment_id" not in values and "workplace" not in values:
        missing.append("/establishmentId")
    errors = [FieldError("required", Text("Dit veld is verplicht.", "This field is required."), p) for p in missing]
    errors += _apply(uow, row, {**_WHEN_LEFT_OUT, **values})
    if errors:
        raise invalid_input(errors)
    return row


def change_vacancy(
    uow: UnitOfWork, actor: Actor, vacancy_id: str, data: Mapping[str, Any], expected: Expected
) -> dict[str, Any]:
    """Changes what the vacancy says. In another region it goes to the WSP there too. A new last day renews one that has
    expired."""
    row = vacancy_for(uow, actor, vacancy_id, for_update=True)
    if not bringing.may_change(actor, row):
        raise forbidden(
            "Alleen de werkgever wijzigt deze vacature, of wie haar inbracht zolang de werkgever haar niet overnam.",
            "Only its employer changes a vacancy, or who brought it in as long as the employer has not taken it over.",
        )
    expected.check(row.version)
    region = row.region_code
    if row.status is VacancyStatus.EXPIRED and "expires_on" in data and not actor.acts_for(row.employer_id):
        bringing.require_room(uow, str(row.brought_in_by_id))
    apply_change(uow, row, bringing.changed(actor, row, data))
    save_change(uow, actor, row, region, renewed="expires_on" in data)
    return views.view(uow, actor, row)


def apply_change(uow: UnitOfWork, row: Vacancy, data: Mapping[str, Any]) -> None:
    """Puts a change into the row, which is not written yet. Raises 400 and 409; the row is spoilt then."""
    if row.status not in _CHANGEABLE:
        raise conflict(
            "vacancy-ended",
            "Deze vacature is vervuld of ingetrokken. Maak een nieuwe.",
            "This vacancy was filled or withdrawn. Make a new one.",
        )
    errors = _apply(uow, row, data)
    if errors:
        raise invalid_input(errors)


def save_change(uow: UnitOfWork, actor: Actor, row: Vacancy, region_before: str, *, renewed: bool) -> None:
    """Writes a change that was put into the row, with what follows. `renewed`: its last day was chosen anew."""
    if renewed and row.status is VacancyStatus.EXPIRED:
        course.move(uow, actor, row, VacancyStatus.OPEN, PartyKind.EMPLOYER, valid_until=row.expires_on)
        return
    course.save(uow, row)
    save_changes(uow, [(row, region_before)])


def save_changes(uow: UnitOfWork, changed: Sequence[tuple[Vacancy, str]]) -> None:
    """Writes changes of several, none of which renews, with what follows; each with the region in which it was."""
    for row, _ in changed:
        course.has_changed(uow, row)
    uow.flush()
    for row, region_before in changed:
        if row.status is VacancyStatus.OPEN and row.region_code != region_before:
            sending.refer(uow, row)
    uow.flush()
    told = sending.all_receivers(uow, [row.id for row, _ in changed])
    course.tell_all(uow, "vacancy.changed", [(row, told[row.id]) for row, _ in changed])


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
        with uow.session.no_autoflush:
            found = uow.session.get(Establishment, data["establishment_id"])
        if found is None or found.employer_id != row.employer_id:
            return [unknown_reference("/establishmentId")]
        row.establishment_id = found.id
        row.postcode, row.municipality_code = found.postcode, found.municipality_code
        row.region_code = found.region_code
    elif "workplace" in data:
        postcode, named = data["workplace"].get("postcode"), data["workplace"].get("municipality")
        if postcode is None and row.establishment_id is None and row.postcode is not None and named is not None:
            postcode = row.postcode if places.may_lie_in(row.postcode, named) else None
        elif postcode is not None and named is not None and not places.may_lie_in(postcode, named):
            return [FieldError("place-contradicts", _CONTRADICTS, pointer="/workplace/municipality")]
        area = places.postcode(postcode) if postcode else None
        code = named or (area.municipality_code if area else None)
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


_CONTRADICTS: Final = Text(
    "Deze postcode ligt niet in of bij deze gemeente. Verbeter een van de twee, of laat de gemeente weg.",
    "This postcode does not lie in or near this municipality. Mend one of the two, or leave out the municipality.",
)
