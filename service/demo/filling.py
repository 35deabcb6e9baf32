"""Made-up data that look like a region at work. The same seed makes the same people, contracts and vacancies."""

from __future__ import annotations

import random
from datetime import timedelta

from rich.console import Console
from rich.progress import Progress

from service.config import Settings
from service.demo.build import Build
from service.demo.desk import ask_to_be_called
from service.demo.fixed_contacts import name_fixed_contacts
from service.demo.reassigning import plan_reassignment
from service.demo.register import make_register
from service.demo.story import tell_story
from service.demo.work import make_work
from service.demo.world import make_world
from service.kernel.clock import Clock, system_clock
from service.kernel.crypto import Vault

_STEPS = (
    ("Partijen en hun clients", make_world),
    ("Werkgevers en dienstverbanden", make_register),
    ("Kandidaten en vacatures", make_work),
    ("Een herindeling die gepland staat", plan_reassignment),
    ("Eén geval om te volgen", tell_story),
    ("Vaste contacten", name_fixed_contacts),
    ("Terugbelverzoeken", ask_to_be_called),
)


def fill(
    settings: Settings, vault: Vault, *, size: float, seed: int, console: Console, clock: Clock = system_clock
) -> None:
    """Fills an empty, migrated database. `size` 1 is a region at work (some 1,000 employments)."""
    present = clock()
    build = Build(settings, vault, random.Random(seed), size, present - timedelta(days=30), present)  # noqa: S311
    try:
        with Progress(console=console, transient=True) as progress:
            task = progress.add_task("Demogegevens", total=len(_STEPS))
            for title, step in _STEPS:
                progress.update(task, description=title)
                step(build)
                progress.advance(task)
    finally:
        build.database.close()
