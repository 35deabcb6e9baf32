"""Vacancies that a jobcoach organisation or a re-integration company brings in for an employer of its network.

The vacancy is the employer's. Who brought it in may change, renew and withdraw it until the employer takes it over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, func, or_, select

from service.access.actor import Actor
from service.access.models import Party
from service.access.rules import PartyKind
from service.delivery.events import publish
from service.employers import operations as employers
from service.kernel.database import UnitOfWork
from service.kernel.problems import FieldError, conflict, forbidden, invalid_input
from service.kernel.text import Text
from service.vacancies.models import Vacancy
from service.vacancies.rules import BRING_VACANCIES, LIVE_VACANCY, VacancyStatus

_REQUIRED: Final = Text("Dit veld is verplicht.", "This field is required.")
_NOT_YOURS: Final = Text(
    "Dit veld is voor de werkgever zelf. Laat het weg bij een vacature die u inbrengt.",
    "This field is the employer's own. Leave it out of a vacancy that you bring in.",
)
_EMPLOYERS_OWN: Final = {
    "freed_by_signal_id": "/freedBySignalId",
    "establishment_id": "/establishmentId",
    "employer_id": "/employerId",
}
_NEEDED: Final = {"employer": "/employer", "workplace": "/workplace"}


def brought_in(uow: UnitOfWork, actor: Actor, data: Mapping[str, Any]) -> dict[str, Any]:
    """What a new vacancy says, with its employer and who brought it in; unchanged for an employer's own.

    Raises 400 for what only the other may say, 409 `too-many-vacancies`.
    """
    values = dict(data)
    if actor.kind not in BRING_VACANCIES:
        if "employer" in values:
            text = Text(
                "Dit veld is voor wie een vacature inbrengt. U bent zelf de werkgever.",
                "This field is for who brings a vacancy in. You are the employer yourself.",
            )
            raise invalid_input([FieldError("wrong-party", text, pointer="/employer")])
        return values
    errors = [FieldError("required", _REQUIRED, pointer=where) for name, where in _NEEDED.items() if name not in values]
    errors += _employers_own(values)
    if values["status"] != VacancyStatus.OPEN:
        errors.append(FieldError("wrong-party", _NOT_YOURS, pointer="/status"))
    if errors:
        raise invalid_input(errors)
    require_room(uow, actor.party.id)
    employer = values.pop("employer")
    return values | {
        "employer_id": employers.known_or_new(uow, employer["kvk_number"], employer["name"]),
        "brought_in_by_id": actor.party.id,
        "brought_in_reference": values.pop("reference", None),
    }


def changed(actor: Actor, row: Vacancy, data: Mapping[str, Any]) -> dict[str, Any]:
    """A change as it is kept: who brought it in has a reference of its own. Raises 400."""
    values = dict(data)
    if actor.acts_for(row.employer_id):
        return values
    if errors := _employers_own(values):
        raise invalid_input(errors)
    if "reference" in values:
        values["brought_in_reference"] = values.pop("reference")
    return values


def require_room(uow: UnitOfWork, party_id: str) -> None:
    """Raises 409 when this party has as many live vacancies on the list as it may have."""
    # Two at once must not pass the limit together.
    uow.execute(select(Party.id).where(Party.id == party_id).with_for_update())
    most = uow.settings.brought_in_vacancies
    live = and_(Vacancy.brought_in_by_id == party_id, Vacancy.taken_over_on.is_(None), Vacancy.status.in_(LIVE_VACANCY))
    if (uow.session.scalar(select(func.count()).select_from(Vacancy).where(live)) or 0) >= most:
        raise conflict(
            "too-many-vacancies",
            f"U hebt al {most} vacatures ingebracht die nog lopen. Trek er eerst een in die niet meer geldt.",
            f"You have brought in {most} vacancies that are live. Withdraw one first that no longer holds.",
        )


def _employers_own(values: Mapping[str, Any]) -> list[FieldError]:
    return [
        FieldError("wrong-party", _NOT_YOURS, pointer=where) for name, where in _EMPLOYERS_OWN.items() if name in values
    ]


# --- Who may do what --------------------------------------------------------------------------------------------


def _brought(actor: Actor, row: Vacancy) -> bool:
    return row.brought_in_by_id is not None and actor.acts_for(row.brought_in_by_id)


def may_change(actor: Actor, row: Vacancy) -> bool:
    return actor.acts_for(row.employer_id) or (_brought(actor, row) and row.taken_over_on is None)


def role_of(actor: Actor, row: Vacancy) -> PartyKind:
    """In which role the actor moves this vacancy. Raises 403 for one of another that brings vacancies in."""
    if actor.acts_for(row.employer_id):
        return PartyKind.EMPLOYER
    if actor.kind in BRING_VACANCIES and not may_change(actor, row):
        raise forbidden(
            "U hebt deze vacature niet ingebracht, of de werkgever heeft haar overgenomen.",
            "You did not bring this vacancy in, or its employer has taken it over.",
        )
    return actor.kind


def has_reference(actor: Actor, reference: str) -> ColumnElement[bool]:
    """That a vacancy has this reference, or this actor's own."""
    own = and_(
        Vacancy.brought_in_by_id.in_(actor.party_ids(*sorted(BRING_VACANCIES))),
        Vacancy.brought_in_reference == reference,
    )
    return or_(Vacancy.reference == reference, own)


# --- What is shown and told -------------------------------------------------------------------------------------


def reference_for(actor: Actor, row: Vacancy) -> str | None:
    """Each side has its own: an employer does not know what others call its vacancy."""
    return row.brought_in_reference if _brought(actor, row) else row.reference


def views_of(uow: UnitOfWork, actor: Actor, rows: Sequence[Vacancy]) -> dict[str, dict[str, Any]]:
    """Who brought in these vacancies, by vacancy, as far as the actor may know: a jobcoach does not lose an employer
    to another by sharing a vacancy."""
    shown = {
        row.id: row
        for row in rows
        if row.brought_in_by_id is not None
        and (
            actor.is_uwv_side
            or actor.kind is PartyKind.WSP
            or actor.acts_for(row.employer_id)
            or actor.acts_for(row.brought_in_by_id)
        )
    }
    if not shown:
        return {}
    wanted = select(Party.id, Party.name).where(Party.id.in_({row.brought_in_by_id for row in shown.values()}))
    names = {row.id: row.name for row in uow.execute(wanted)}
    return {
        row_id: {
            "id": row.brought_in_by_id,
            "name": names.get(row.brought_in_by_id or "", ""),
            "taken_over_on": row.taken_over_on,
        }
        for row_id, row in shown.items()
    }


def tell(uow: UnitOfWork, type: str, row: Vacancy) -> None:
    data = {"vacancyId": row.id, "employerId": row.employer_id, "broughtInById": row.brought_in_by_id}
    publish(uow, type, row.address, row.version, [row.employer_id, str(row.brought_in_by_id)], data)
