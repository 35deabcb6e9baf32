"""The service as its users run it: `python -m service …` as processes of their own, on this machine only.

    with running("serve", settings, log) as server: …

A process gets the settings of this table and nothing else of the surroundings. It is ended by its own id, its output
goes to a file, and whoever waits for something does so until a deadline.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.request import urlopen

import psutil

from service.config import PREFIX

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 180.0
STOP_SECONDS = 20.0

T = TypeVar("T")


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def eventually(look: Callable[[], T | None], what: str, seconds: float = 20.0) -> T:
    """The first true answer of `look`. Fails when there is none within `seconds`."""
    end = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end, f"waited {seconds:.0f} s in vain: {what}"
        time.sleep(0.03)
    return found


def environment(**settings: Any) -> dict[str, str]:
    """Of the surroundings only what is not ours, and these settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX) and name != "PORT"}
    named = {
        f"{PREFIX}{name.upper()}": str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in settings.items()
    }
    return kept | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"} | named


class Running:
    """A process, with what it writes in `log`."""

    def __init__(self, command: str, log: Path, variables: Mapping[str, str]) -> None:
        self.log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "service", command],
                cwd=ROOT,
                env=dict(variables),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Also the number of its process group."""
        return self.process.pid

    @property
    def output(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def wait_until_ready(self, url: str) -> None:
        def is_ready() -> bool:
            assert self.process.poll() is None, f"it ended by itself:\n{self.output}"
            try:
                with urlopen(f"{url}/health/ready", timeout=5) as answer:  # noqa: S310
                    return bool(answer.status == 200)
            except OSError:
                return False

        eventually(is_ready, "the server answers", READY_SECONDS)

    def stop(self, by: signal.Signals = signal.SIGTERM, *, group: bool = False) -> int:
        """Asks it to end, as `kill` does, or as a terminal does its process group; returns the exit code.

        Fails when that takes longer than STOP_SECONDS.
        """
        if group:
            os.killpg(self.pid, by)
        else:
            self.process.send_signal(by)
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still there after {STOP_SECONDS:.0f} s:\n{self.output}") from None

    def discard(self) -> None:
        """Whatever happened: nothing is left."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS + 5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


@contextmanager
def running(command: str, log: Path, variables: Mapping[str, str]) -> Iterator[Running]:
    """The process while the block runs, with its output where the block failed."""
    process = Running(command, log, variables)
    try:
        yield process
    except BaseException:
        print(f"--- {command} wrote ---\n{process.output[-6000:]}")  # noqa: T201
        raise
    finally:
        process.discard()


def parts_of(process: Running) -> list[psutil.Process]:
    """The processes that it started, as far as they live."""
    return psutil.Process(process.pid).children(recursive=True)


def are_gone(parts: list[psutil.Process]) -> bool:
    return not any(part.is_running() and part.status() != psutil.STATUS_ZOMBIE for part in parts)
