"""What the imports of the contract register add to the room."""

from __future__ import annotations

from typing import Final

from service.employers.imports.operations import KIND
from service.employers.imports.routes import routes
from service.kernel.imports import jobs
from service.kernel.imports.runner import Runner
from service.kernel.room import Room

RUNNER: Final = Runner(KIND)

PART = Room(
    name="employers.imports",
    routes=(routes,),
    timers=(RUNNER.timer,),
    retention=jobs.retention(KIND, "employment"),
)
