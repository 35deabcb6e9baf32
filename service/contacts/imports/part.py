"""What the imports of the caseload add to the room."""

from __future__ import annotations

from typing import Final

from service.contacts.imports.operations import KIND
from service.contacts.imports.routes import routes
from service.kernel.imports import jobs, uploads
from service.kernel.imports.runner import Runner
from service.kernel.room import Retention, Room
from service.kernel.text import Text

RUNNER: Final = Runner(KIND)

PART = Room(
    name="contacts.imports",
    routes=(routes,),
    timers=(RUNNER.timer,),
    retention=(
        *jobs.retention(KIND, "assignment"),
        Retention(
            "unfinished uploads",
            uploads.ABANDONED_AFTER,
            Text("Om een bestand in delen te kunnen ontvangen.", "To receive a file in pieces."),
            uploads.forget_abandoned,
        ),
    ),
    erase=jobs.forget_subject,
)
