"""What the imports of the caseload add to the room."""

from __future__ import annotations

from typing import Final

from service.contacts.imports.operations import KIND
from service.contacts.imports.routes import routes
from service.kernel.endpoints import Routes
from service.kernel.imports import jobs, uploads
from service.kernel.imports.runner import Runner
from service.kernel.room import Retention, Timer
from service.kernel.text import Text

RUNNER: Final = Runner(KIND)

ROUTES: tuple[Routes, ...] = (routes,)
TIMERS: tuple[Timer, ...] = (RUNNER.timer,)
RETENTION: tuple[Retention, ...] = (
    Retention(
        "assignment imports",
        jobs.KEPT_FOR,
        Text("Om fouten in een bestand te kunnen verbeteren.", "To be able to mend what was wrong in a file."),
        lambda uow: jobs.forget_old(uow, KIND),
    ),
    Retention(
        "unfinished uploads",
        uploads.ABANDONED_AFTER,
        Text("Om een bestand in delen te kunnen ontvangen.", "To receive a file in pieces."),
        uploads.forget_abandoned,
    ),
)
