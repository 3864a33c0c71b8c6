"""`tikub serve`, `tikub worker` and `tikub db upgrade`."""

from __future__ import annotations

import os
import signal
import socket
from types import FrameType

import click

from engine import faults, instances
from engine.actors import SYSTEM
from web.commands.context import Instance, instance
from web.commands.demo import replay, serving
from web.logs import configure
from web.metrics import serve_counters, share
from web.traces import configure as configure_traces


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Port to listen on.")
@click.option("--demo", is_flag=True, help="With demo accounts, and the processes of TIKUB_PROCESSES_DIR published.")
@click.option("--cohort/--no-cohort", default=True, help="With --demo on an empty database: replay the first cohort, 2019-2020.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Serving processes.")
def serve(host: str, port: int, workers: int, *, demo: bool, cohort: bool) -> None:
    """Migrate the database, then answer requests and run the worker."""
    _must_be_free(host, port)
    if demo:
        os.environ["TIKUB_DEMO"] = "1"  # the serving processes read their settings from the environment
    with instance() as here:
        configure(here.settings)
        if workers > 1:
            share(here.settings.instance_dir / "metrics")
        if here.settings.demo:
            _demonstrate(here, cohort=cohort)
    click.echo(f"Ti Kub: http://{host}:{port}")
    from web.server import serve as serve_forever  # granian is needed by this command alone

    with serving(here.settings.instance_dir):
        serve_forever(here.settings, host=host, port=port, processes=workers)


def _must_be_free(host: str, port: int) -> None:
    """The serving processes share their port, and would share it with another server too, without a word."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise click.ClickException(f"{host}:{port} : {error.strerror}") from error


def _demonstrate(here: Instance, *, cohort: bool) -> None:
    from web import demo_accounts
    from web.commands.publishing import publish_folders

    with here.sessions.begin() as session:
        demo_accounts.create_missing(session, now=here.clock.now(session))
        fresh = not instances.page(session, SYSTEM, limit=1).items
    if here.settings.processes_dir.is_dir():
        publish_folders(here, here.settings.processes_dir)
        if fresh and cohort:
            replay(here)


@click.command()
def worker() -> None:
    """Run due timers, messages and service calls, without answering requests."""
    with instance() as here:
        configure(here.settings)
        faults.arm(here.settings.faults)
        working = here.worker()

        def stop(_signal: int, _frame: FrameType | None) -> None:
            working.ask_to_stop()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        where = here.settings.worker_metrics
        end = serve_counters(*where, here.settings.metrics_token) if where else lambda: None
        flush = configure_traces(here.settings)
        working.run()
        flush()
        end()


@click.group()
def db() -> None:
    """The database."""


@db.command()
def upgrade() -> None:
    """Bring the schema to the newest revision, as every command does."""
    with instance():
        click.echo("La base de données est à jour.")
