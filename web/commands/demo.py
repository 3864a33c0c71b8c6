"""`tikub demo`: the first cohort of Ti Kub, replayed through the published process."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from web.assembly import worker_of
from web.commands.context import Instance, instance
from web.commands.publishing import publish_folders
from web.demo import Cohort

LOCK = "serving.lock"


@click.command()
@click.option("--url", default="http://127.0.0.1:8000", show_default=True, help="Adresse du serveur, pour les liens affichés.")
def demo(url: str) -> None:
    """Rejoue la première promotion de Ti Kub (2019-2020) : pré-incubée le 21 octobre 2019, close aux dates du registre public.

    Le serveur doit être arrêté : le rejeu a sa propre horloge.
    """
    with instance() as here, alone(here.settings.instance_dir):
        publish_folders(here, here.settings.processes_dir)
        replay(here)
        show(here, url)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """While a server works on this instance, its worker would fire the timers of 2019 at once."""
    with serving(folder, exclusive=True) as free:
        if not free:
            raise click.ClickException("Un serveur tourne sur cette instance : arrêtez-le, puis relancez « tikub demo ».")
        yield


@contextmanager
def serving(folder: Path, *, exclusive: bool = False) -> Iterator[bool]:
    """Hold the instance's lock, shared among servers; yields whether it could be had."""
    with (folder / LOCK).open("a") as file:
        try:
            fcntl.flock(file, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        yield True


def replay(here: Instance) -> None:
    """Play the cohort with a progress bar, unless it is there."""
    cohort = Cohort(here.sessions, lambda clock: worker_of(here.settings, here.sessions, clock))
    if cohort.played():
        return
    steps = list(cohort.steps())
    with click.progressbar(steps, label="Première promotion de Ti Kub", item_show_func=lambda step: step.what if step else "") as bar:
        for step in bar:
            cohort.take(step)


def show(here: Instance, url: str) -> None:
    """One line a case, with its dates and its link."""
    cohort = Cohort(here.sessions, lambda clock: worker_of(here.settings, here.sessions, clock))
    for case in cohort.cases():
        verdict = "conforme au registre" if case.faithful else "dates différentes du registre"
        click.echo(f"{case.name} : {case.opened} → {case.closed} ({verdict})  {url.rstrip('/')}/dossiers/{case.instance_id}")
