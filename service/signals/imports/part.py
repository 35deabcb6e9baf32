"""What files of contract ends add to the room."""

from __future__ import annotations

from typing import Final

from service.kernel.imports import jobs
from service.kernel.imports.runner import Runner
from service.kernel.room import Room
from service.signals.imports.operations import KIND
from service.signals.imports.routes import routes

RUNNER: Final = Runner(KIND)

PART = Room(
    name="signals.imports",
    routes=(routes,),
    timers=(RUNNER.timer,),
    retention=jobs.retention(KIND, "contract-end-signal"),
)
