"""What the person's own pace adds to the room."""

from __future__ import annotations

from sqlalchemy import update

from service.kernel.database import UnitOfWork
from service.kernel.room import Room
from service.signals.models import Signal
from service.signals.pace import operations
from service.signals.pace.mails import pause_over
from service.signals.pace.routes import routes


def erase(uow: UnitOfWork, person_id: str) -> None:
    """The day of the interview goes. That clocks stand still says nothing of anybody any more."""
    uow.execute(update(Signal).where(Signal.person_id == person_id).values(interview_held_on=None))


PART = Room(
    name="signals.pace",
    routes=(routes,),
    timers=(operations.PAUSE_OVER,),
    mails={"signal-pause-over": pause_over},
    export=lambda uow, person_id: {"contractEndPace": operations.export(uow, person_id)},
    erase=erase,
)
