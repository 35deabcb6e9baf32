"""A demo that is ready to run: keys, schema and data, made once and found again quickly."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from service.config import Settings

_MIGRATIONS = Path(__file__).parent.parent / "migrations" / "versions"


def prepare(settings: Settings, console: Console, *, size: float = 1.0, seed: int = 2026) -> None:
    """Makes what is missing. Says nothing and loads nothing when the demo was made ready for this schema before."""
    mark = settings.data_dir / "demo-ready"
    newest = max(path.stem for path in _MIGRATIONS.glob("[0-9]*.py"))
    if not settings.database_url and mark.exists() and mark.read_text() == newest:
        return
    from service.access.keys import ensure_keys, field_keys
    from service.access.operations import has_demo_clients
    from service.app import open_database
    from service.demo.filling import fill
    from service.kernel.crypto import Vault
    from service.schema import migrate

    settings.data_dir.mkdir(parents=True, exist_ok=True)
    ensure_keys(settings.data_dir)
    if not settings.database_url and not mark.exists():
        throw_away(settings)  # what an interrupted start left half filled
    migrate(settings.database)
    database = open_database(settings)
    with database.reading() as uow:
        filled = has_demo_clients(uow)
    database.close()
    if not filled:
        fill(settings, Vault(field_keys(settings.data_dir)), size=size, seed=seed, console=console)
    mark.write_text(newest)


@contextmanager
def held(settings: Settings) -> Iterator[bool]:
    """Holds the demo for this process. False: another process holds it, and nothing may be thrown away."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with (settings.data_dir / "demo.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def throw_away(settings: Settings) -> None:
    """Deletes the embedded database of a demo."""
    for name in ("demo-ready", "servicepunt.db", "servicepunt.db-wal", "servicepunt.db-shm"):
        (settings.data_dir / name).unlink(missing_ok=True)
