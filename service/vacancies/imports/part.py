"""What files of vacancies add to the room."""

from __future__ import annotations

from typing import Final

from service.kernel.imports import jobs
from service.kernel.imports.runner import Runner
from service.kernel.room import Room
from service.vacancies.imports.operations import KIND
from service.vacancies.imports.routes import routes

RUNNER: Final = Runner(KIND)

PART = Room(
    name="vacancies.imports",
    routes=(routes,),
    timers=(RUNNER.timer,),
    retention=jobs.retention(KIND, "vacancy"),
)
