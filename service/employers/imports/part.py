"""What the imports of the contract register add to the room."""

from __future__ import annotations

from typing import Final

from service.employers.imports.operations import KIND
from service.employers.imports.routes import routes
from service.kernel.imports import jobs
from service.kernel.imports.runner import Runner
from service.kernel.room import Retention, Room
from service.kernel.text import Text

RUNNER: Final = Runner(KIND)

PART = Room(
    name="employers.imports",
    routes=(routes,),
    timers=(RUNNER.timer,),
    retention=(
        Retention(
            "employment imports",
            jobs.KEPT_FOR,
            Text("Om fouten in een bestand te kunnen verbeteren.", "To be able to mend what was wrong in a file."),
            lambda uow: jobs.forget_old(uow, KIND),
        ),
    ),
)
