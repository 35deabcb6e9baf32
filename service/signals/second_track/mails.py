"""E-mails to UWV's side. No name, and nothing about health: the number says which one it is, the link leads to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.access.rules import PartyKind
from service.contacts import operations as contacts
from service.contacts.operations import Responsible
from service.kernel.database import UnitOfWork
from service.kernel.room import MailText
from service.kernel.text import dutch_day
from service.signals.second_track.models import SecondTrack
from service.signals.second_track.rules import SecondTrackStatus
from service.signals.second_track.views import address


def _waiting(uow: UnitOfWork, data: Mapping[str, Any]) -> SecondTrack | None:
    """The second track, if it still waits for an answer."""
    row = uow.session.get(SecondTrack, data["secondTrackId"])
    return row if row is not None and row.status is SecondTrackStatus.REPORTED else None


def _responsible(uow: UnitOfWork, row: SecondTrack) -> Responsible | None:
    if not row.is_client or row.person_id is None:
        return None
    return contacts.responsible(uow, row.person_id)


def _link(uow: UnitOfWork, row: SecondTrack) -> str:
    return f"Bekijk de melding: {uow.settings.url}/v1/{address(row.id)}"


def second_track_reported(uow: UnitOfWork, data: Mapping[str, Any]) -> MailText | None:
    """To whoever is responsible, and to the desk unless the employer knows who that is."""
    row = _waiting(uow, data)
    if row is None:
        return None
    found = _responsible(uow, row)
    if data["to"] == PartyKind.DESK:
        recipient = uow.settings.desk_email
        if found is not None and row.disclosed:
            return None
    elif found is None:
        return None
    else:
        recipient = found.email
    return MailText(
        recipient,
        f"Nieuwe melding {row.number}: tweede spoor",
        (
            f"Een werkgever heeft een tweede spoor gemeld. Het nummer is {row.number}.",
            f"Laat uiterlijk op {dutch_day(row.acknowledge_by)} weten dat u de melding oppakt.",
            _link(uow, row),
        ),
    )


def second_track_escalated(uow: UnitOfWork, data: Mapping[str, Any]) -> MailText | None:
    """To the desk: nobody took it up in time."""
    row = _waiting(uow, data)
    if row is None:
        return None
    return MailText(
        uow.settings.desk_email,
        f"Melding {row.number} is nu bij u",
        (
            f"Melding {row.number} wacht op een antwoord. De termijn was {dutch_day(row.acknowledge_by)}.",
            "De melding is nu bij u. Wilt u die oppakken?",
            _link(uow, row),
        ),
    )
