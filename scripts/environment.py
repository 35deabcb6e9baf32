"""Makes the environment in .venv, exactly as a lock file says, and leaves it alone while it is right.

    python scripts/environment.py runtime      what the service needs (requirements.txt)
    python scripts/environment.py dev          that, and what tests and checks need (requirements-dev.txt holds both)

Needs nothing but Python. The checkout itself is not built: a .pth file puts it on the path, bin/servicepunt starts it.
"""

from __future__ import annotations

import fcntl
import hashlib
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCKS = {"runtime": ROOT / "requirements.txt", "dev": ROOT / "requirements-dev.txt"}
INCLUDES = {"runtime": ("runtime",), "dev": ("dev", "runtime")}

LAUNCHER = """\
#!/bin/sh
exec "{python}" -P -c 'import sys; sys.argv[0] = "servicepunt"; from service.cli import main; sys.exit(main())' "$@"
"""


def stamp(kind: str) -> Path:
    """The mark of a finished environment: it changes with the lock file and with the place of the checkout."""
    content = LOCKS[kind].read_bytes() + str(ROOT).encode() + Path(__file__).read_bytes()
    return VENV / f".{kind}-{hashlib.sha256(content).hexdigest()[:16]}"


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Two `make` commands at once: the second waits for the first."""
    with LOCKS["runtime"].open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def works() -> bool:
    return PYTHON.exists() and subprocess.run([PYTHON, "-c", "import pip"], capture_output=True).returncode == 0


def create() -> list[str]:
    """A fresh .venv; returns the pip command that fills it."""
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], capture_output=True, text=True)
    if made.returncode == 0:
        return [str(PYTHON), "-m", "pip"]
    # Some systems ship Python without `ensurepip`; their own pip can then fill the environment.
    bare = subprocess.run([sys.executable, "-m", "venv", "--clear", "--without-pip", VENV])
    own_pip = subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True)
    if bare.returncode != 0 or own_pip.returncode != 0:
        sys.exit(f"Python cannot make an environment:\n{made.stdout}{made.stderr}")
    return [sys.executable, "-m", "pip", "--python", str(PYTHON)]


def install(pip: list[str], lock: Path) -> None:
    options = ["--require-hashes", "--only-binary", ":all:", "--no-deps", "--no-compile"]
    quiet = ["-qq", "--disable-pip-version-check", "--no-input"]
    done = subprocess.run([*pip, "install", *quiet, *options, "-r", lock])
    if done.returncode != 0:
        sys.exit(f"pip could not install {lock.name}: see above.")


def put_checkout_on_path() -> None:
    [packages] = VENV.glob("lib/python3.*/site-packages")
    (packages / "servicepunt.pth").write_text(f"{ROOT}\n")
    launcher = VENV / "bin" / "servicepunt"
    launcher.write_text(LAUNCHER.format(python=PYTHON))
    launcher.chmod(0o755)


def make(kind: str) -> None:
    if stamp(kind).exists():
        return
    with one_at_a_time():
        if stamp(kind).exists():
            return
        started = time.monotonic()
        print(f"Making the environment in .venv from {LOCKS[kind].name}: about a minute …", flush=True)
        right = {stamp(each) for each in LOCKS if LOCKS[each].exists()}
        outdated = set(VENV.glob(".runtime-*")) | set(VENV.glob(".dev-*"))
        pip = [str(PYTHON), "-m", "pip"] if works() and not outdated - right else create()
        install(pip, LOCKS[kind])
        put_checkout_on_path()
        for each in INCLUDES[kind]:
            stamp(each).touch()
        print(f"The environment is ready ({time.monotonic() - started:.0f} s).", flush=True)


if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036 - this file runs before anything has checked the version
        sys.exit("Python 3.11 or later is needed.")
    if len(sys.argv) != 2 or sys.argv[1] not in LOCKS:
        sys.exit(__doc__)
    make(sys.argv[1])
