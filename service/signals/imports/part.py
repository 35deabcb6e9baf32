"""What files of contract ends add to the room."""

from __future__ import annotations

from typing import Final

from service.kernel.imports import jobs
from service.kernel.imports.runner import Runner
from service.kernel.room import Retention, Room
from service.kernel.text import Text
from service.signals.imports.operations import KIND
from service.signals.imports.routes import routes

RUNNER: Final = Runner(KIND)

PART = Room(
    name="signals.imports",
    routes=(routes,),
    timers=(RUNNER.timer,),
    retention=(
        Retention(
            "contract-end signal imports",
            jobs.KEPT_FOR,
            Text("Om fouten in een bestand te kunnen verbeteren.", "To be able to mend what was wrong in a file."),
            lambda uow: jobs.forget_old(uow, KIND),
        ),
    ),
)
