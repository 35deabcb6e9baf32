"""The command `servicepunt`."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import click
import yaml
from rich.console import Console

from service.administration import checked_settings, client, explanation, keys, party, person
from service.config import PREFIX, Settings
from service.delivering import failures, redrive, webhook

_DEMO_TEXT = """
[bold]Servicepunt draait[/bold] op {url}   (stoppen: Ctrl-C)

  Lees de API         {url}/docs
  Vraag een token     curl -s -u demo-employer:demo-employer-secret -d grant_type=client_credentials {url}/oauth/token
  De hele weg         docs/integrators/first-case.md

  Wie u kunt zijn     demo-employer (PSO), demo-employer-2, demo-uwv, demo-wsp, demo-pool, demo-jobcoach,
                      demo-reintegration, demo-desk, demo-operator; wachtwoord: <naam>-secret.
                      Alle gegevens zijn verzonnen en staan in {data}.
"""


_RUNNING = "the demo is running on these data: stop it first (Ctrl-C where it runs)"


class _Explaining(click.Group):
    """What can be mended is told in a sentence, without the trace of an error."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception as error:
            reason = explanation(error)
            if reason is None:
                raise
            raise click.ClickException(reason) from None


@click.group(cls=_Explaining)
def main() -> None:
    """Servicepunt: one entrance for employers."""


for each in (keys, party, client, person, webhook, failures, redrive):
    main.add_command(each)


@main.command()
def config() -> None:
    """Print every setting with its value (secrets hidden)."""
    settings = checked_settings()
    for item in fields(Settings):
        value = getattr(settings, item.name)
        shown = "(hidden)" if item.metadata["secret"] and value else value
        click.echo(f"{PREFIX}{item.name.upper()}={shown}\n    {item.metadata['about']}")


@main.command()
def migrate() -> None:
    """Bring the database to the schema of this version."""
    from service.schema import migrate as bring_up_to_date

    click.echo(f"schema {bring_up_to_date(checked_settings().database)}")


@main.command()
def serve() -> None:
    """Serve HTTP. Slow clients occupy no thread: requests are read in full before one is given to a thread."""
    from waitress.server import create_server

    from service.app import create_app
    from service.kernel.memory import settle
    from service.reference import occupations

    settings = checked_settings()
    app = create_app(settings)
    _refuse_demo_clients(settings)
    occupations.search("magazijn", 1)  # builds the index now, not in somebody's request
    if settings.metrics_port:
        from prometheus_client import start_http_server

        start_http_server(settings.metrics_port, addr=settings.host)
    server = create_server(
        app,
        host=settings.host,
        port=settings.port,
        threads=settings.threads,
        ident=None,
        clear_untrusted_proxy_headers=True,
        channel_timeout=15,
        max_request_header_size=16_384,
        # What is larger than max_body_bytes, or import_max_bytes, is refused by the application, with a problem that
        # says so. A body that passes half a megabyte waits in a file without a name in the temporary directory.
        max_request_body_size=2 * max(settings.max_body_bytes, settings.import_max_bytes, 32_000_000),
    )
    _on_stop(lambda: _interrupt())
    settle()
    with suppress(KeyboardInterrupt):
        server.run()
    server.close()


def _interrupt() -> None:
    raise KeyboardInterrupt


@main.command()
def worker() -> None:
    """Do the background work: events, webhooks, mails, clocks."""
    from service.app import open_database
    from service.kernel.memory import settle
    from service.rooms import ROOMS
    from service.worker import Worker

    settings = checked_settings()
    if settings.worker_metrics_port:
        from prometheus_client import start_http_server

        start_http_server(settings.worker_metrics_port, addr=settings.host)
    stop = threading.Event()
    _on_stop(stop.set)
    the_worker = Worker(open_database(settings), ROOMS, settings, stop)
    settle()
    the_worker.run()


def _on_stop(act: Callable[[], None]) -> None:
    stops = [signal.SIGTERM, signal.SIGINT]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # with nohup the terminal may be closed
        stops.append(signal.SIGHUP)
    for number in stops:
        signal.signal(number, lambda *_: act())


def _refuse_demo_clients(settings: Settings) -> None:
    from service.access.operations import has_demo_clients
    from service.app import open_database

    if settings.is_demo:
        return
    database = open_database(settings)
    try:
        with database.reading() as uow:
            if has_demo_clients(uow):
                raise click.ClickException("the database holds demo clients, whose secrets everybody knows")
    finally:
        database.close()


class _Yaml(yaml.SafeDumper):
    """Quotes text that looks like a number: readers of YAML 1.1 and 1.2 differ on what is one. Writes no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _quoted(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    looks_like_number = text[:1].isdigit()
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="'" if looks_like_number else None)


_Yaml.add_representer(str, _quoted)


@main.command("openapi")
@click.option("--write", type=click.Path(path_type=Path), help="The file to write; without it: to the screen.")
def print_openapi(write: Path | None) -> None:
    """The OpenAPI document of this version, as YAML."""
    from service.app import document

    text = yaml.dump(document(), Dumper=_Yaml, sort_keys=False, allow_unicode=True, width=120)
    if write is None:
        click.echo(text, nl=False)
    else:
        write.write_text(text, encoding="utf-8")


@main.command()
@click.option("--size", default=1.0, show_default=True, help="1 is a region at work; 10 is ten times as much.")
@click.option("--seed", default=2026, show_default=True, help="The same seed makes the same data.")
def demo(size: float, seed: int) -> None:
    """Fill an empty database with made-up data."""
    _fill(checked_settings(), size, seed)


def _fill(settings: Settings, size: float = 1.0, seed: int = 2026) -> None:
    from service.access.keys import field_keys
    from service.demo.filling import fill
    from service.kernel.crypto import Vault

    if not settings.is_demo:
        raise click.ClickException("demo data only go into a demo")
    vault = Vault(field_keys(settings.data_dir))
    fill(settings, vault, size=size, seed=seed, console=Console(stderr=True))


@main.command("demo-reset")
def demo_reset() -> None:
    """Throw the demo data away and make them anew."""
    settings = checked_settings()
    if not settings.is_demo or settings.database_url:
        raise click.ClickException("only the embedded database of a demo can be thrown away")
    from service.demo.prepare import held, prepare, throw_away

    with held(settings) as ours:
        if not ours:
            raise click.ClickException(_RUNNING)
        throw_away(settings)
        prepare(settings, Console(stderr=True))
    click.echo("De demo is opnieuw gevuld.")


@main.command()
def run() -> None:
    """Everything at once, for a look: keys, schema, demo data, web server and worker. Ctrl-C stops it."""
    if not checked_settings().is_demo:
        raise click.ClickException("'run' is for the demo; in production use 'serve' and 'worker'")
    if "PORT" in os.environ and f"{PREFIX}PORT" not in os.environ:
        os.environ[f"{PREFIX}PORT"] = os.environ["PORT"]
    os.environ.setdefault(f"{PREFIX}WEBHOOK_PRIVATE_TARGETS", "true")
    os.environ.setdefault(f"{PREFIX}LOG_LEVEL", "warning")
    settings = checked_settings()
    from service.demo.prepare import held

    _check_port(settings)
    with held(settings) as ours:
        if not ours:
            raise click.ClickException(_RUNNING)
        _run_demo(settings)


def _check_port(settings: Settings) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError:
            message = f"port {settings.port} is in use; try another one: PORT={settings.port + 1} make run"
            raise click.ClickException(message) from None


def _run_demo(settings: Settings) -> None:
    from service.demo.prepare import prepare

    console = Console()
    children: list[subprocess.Popen[bytes]] = []
    _on_stop(_interrupt)
    try:
        console.print("Servicepunt start …")
        prepare(settings, console)
        for part in ("serve", "worker"):
            # In a group of their own: Ctrl-C comes to us alone, and we stop them one after the other.
            command = [sys.executable, "-m", "service", part]
            children.append(subprocess.Popen(command, process_group=0))  # noqa: S603
        if not _wait_until_ready(settings, children):
            raise click.ClickException(f"the server did not start: is port {settings.port} in use?")
        console.print(_DEMO_TEXT.format(url=settings.url, data=settings.data_dir), highlight=False, soft_wrap=True)
        while all(child.poll() is None for child in children):
            time.sleep(0.2)
        raise click.ClickException("a part stopped unexpectedly; the lines above say why")
    except KeyboardInterrupt:
        console.print("Gestopt.")
    finally:
        _stop(children)


def _wait_until_ready(settings: Settings, children: list[subprocess.Popen[bytes]]) -> bool:
    for _ in range(600):
        if any(child.poll() is not None for child in children):
            return False
        connection = HTTPConnection(settings.host, settings.port, timeout=1)
        with suppress(OSError, HTTPException):
            connection.request("GET", "/health/ready")
            if connection.getresponse().status == HTTPStatus.OK:
                return True
        connection.close()
        time.sleep(0.1)
    return False


def _stop(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        if child.poll() is None:
            child.terminate()
    for child in children:
        try:
            child.wait(timeout=20)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
