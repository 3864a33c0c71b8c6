"""`tikub publish`: folders of diagrams, forms and decisions become new versions."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from engine import versions
from engine.actors import SYSTEM
from engine.checking.wording import where
from engine.errors import Refused
from feel.problems import Problem
from web.bundles import Folder, folders
from web.commands.context import Instance, instance
from webhooks.connectors.registry import ACCEPTED


class PublicationRefused(click.ClickException):
    """A folder holds problems; nothing of it was published."""


@click.command(
    help="Publie chaque dossier de DOSSIER qui contient des diagrammes : *.bpmn, forms/*.form, decisions/*.dmn, scenarios/*.yaml."
)
@click.argument("directory", metavar="DOSSIER", type=click.Path(exists=True, file_okay=False, path_type=Path))
def publish(directory: Path) -> None:
    """Publish every folder below a directory."""
    with instance() as here:
        publish_folders(here, directory)


def publish_folders(here: Instance, directory: Path) -> None:
    """Publish each folder in a transaction of its own, called processes first. Raises PublicationRefused at the first with problems."""
    found = folders(directory)
    if not found:
        raise click.ClickException(f"aucun diagramme dans {directory}")
    for folder in found:
        for line in _publish(here, folder):
            click.echo(line)


def _publish(here: Instance, folder: Folder) -> list[str]:
    try:
        with here.sessions.begin() as session:
            made = versions.publish(session, folder.files, actor=SYSTEM, now=here.clock.now(session), connectors=ACCEPTED)
    except Refused as refusal:
        raise PublicationRefused(f"{folder.path} n’a pas été publié :\n{listed(refusal.problems)}") from refusal
    lines = [f"{each.key} : version {each.version}" for each in made.processes]
    return lines + [f"  à revoir {_line(each)}" for each in made.warnings]


def listed(problems: Iterable[Problem]) -> str:
    """Problems, a line each."""
    return "\n".join(_line(each) for each in problems)


def _line(problem: Problem) -> str:
    remedy = f" {problem.remedy}" if problem.remedy else ""
    return f"- {where(problem)} : {problem.message}{remedy} [{problem.code}]"
