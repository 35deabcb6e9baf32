"""A few call-backs, so that the desk has something to do, and a question of the register to an employer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from service.contacts.callbacks import moves
from service.contacts.callbacks import operations as call_backs
from service.contacts.callbacks.schemas import CallBackBody, CallBackTransition
from service.demo.build import Build
from service.demo.story import DISCLOSED, UNDISCLOSED, UNKNOWN
from service.employers.models import Employment
from service.employers.questions import operations as questions
from service.kernel.database import UnitOfWork
from service.kernel.requests import Expected
from service.reference.working_days import add_working_days

_ASKED = (
    ("demo-employer", DISCLOSED, "trial_placement"),
    ("demo-employer", UNDISCLOSED, "contract_change"),
    ("demo-employer", UNKNOWN, "contact"),
    ("demo-employer", None, "vacancy"),
)
_ANY = Expected(None)


def ask_to_be_called(build: Build) -> None:
    """Asked two days ago, for calls that are still to come; two that the desk dealt with the day after."""
    build.now = max(build.now, build.present - timedelta(days=2))
    with build.work() as uow:
        for client_id, reference, subject in _ASKED:
            _ask(build, uow, client_id, reference, subject)
        done = _ask(build, uow, "demo-employer-2", None, "service")
        delayed = _ask(build, uow, "demo-employer-2", None, "workplace_adaptation")
        _ask_employer(build, uow)
    build.now += timedelta(days=1)
    with build.work() as uow:
        _move(build, uow, done, {"to": "done"})
        later = add_working_days(uow.today, 6)
        _move(build, uow, delayed, {"to": "delayed", "delayedUntil": later.isoformat()})


def _ask_employer(build: Build, uow: UnitOfWork) -> None:
    """The register asks demo-employer about an employee whom its last full list did not name."""
    employer_id = build.made.parties["demo-employer"]
    # Not one of the examples: these differ in nothing but what UWV knows.
    others = select(Employment.id).where(
        Employment.employer_id == employer_id, ~Employment.reference.startswith("example-")
    )
    questions.ask_missing(uow, employer_id, uow.execute(others.order_by(Employment.id).limit(3)).scalars().all(), None)


def _ask(build: Build, uow: UnitOfWork, client_id: str, reference: str | None, subject: str) -> str:
    days = [add_working_days(uow.today, number) for number in (2, 4)]
    body: dict[str, Any] = {
        "subject": subject,
        "phone": build.numbers.phone(),
        "windows": [{"date": day.isoformat(), "from": "09:00", "to": "11:30"} for day in days],
    }
    if reference is not None:
        body["employmentId"] = uow.execute(select(Employment.id).where(Employment.reference == reference)).scalar_one()
    made = call_backs.request_call_back(uow, build.actor(uow, client_id), CallBackBody().load(body))
    return str(made["id"])


def _move(build: Build, uow: UnitOfWork, call_back_id: str, body: dict[str, str]) -> None:
    desk = build.actor(uow, "demo-desk")
    moves.move_call_back(uow, desk, call_back_id, CallBackTransition().load(body), _ANY)
