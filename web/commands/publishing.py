"""`tikub publish` and `tikub check`: folders of diagrams, forms and decisions become new versions, or are only looked at."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import click

from engine import versions
from engine.actors import SYSTEM
from engine.bundle import Bundle
from engine.checking.wording import where
from engine.checks import check as problems_of
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


@click.command(
    help="Dit tout ce qui empêcherait de publier les dossiers de DOSSIER, et ce qui est à revoir. Rien n’est publié, aucune base "
    "n’est lue. Le code de sortie est 1 s’il y a une erreur."
)
@click.argument("directory", metavar="DOSSIER", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--strict", is_flag=True, help="Ce qui est à revoir compte comme une erreur.")
def check(directory: Path, *, strict: bool) -> None:
    """Check every folder below a directory as publication would, with the others as published."""
    found = _folders(directory)
    known = {key for folder in found for key in folder.defines}
    failed = False
    for folder in found:
        problems = problems_of(Bundle(folder.files), called=known, connectors=ACCEPTED)
        failed |= any(strict or each.severity == "error" for each in problems)
        click.echo(f"{folder.path} : {_said(problems)}")
        for each in problems:
            click.echo(f"{'' if each.severity == 'error' else '  à revoir '}{_line(each)}")
    sys.exit(failed)


def _said(problems: Iterable[Problem]) -> str:
    counted = Counter(each.severity for each in problems)
    if not counted:
        return "rien à corriger"
    return f"erreurs : {counted['error']}, à revoir : {counted['warning']}"


def publish_folders(here: Instance, directory: Path) -> None:
    """Publish each folder in a transaction of its own, called processes first. Raises PublicationRefused at the first with problems."""
    for folder in _folders(directory):
        for line in _publish(here, folder):
            click.echo(line)


def _folders(directory: Path) -> list[Folder]:
    found = folders(directory)
    if not found:
        raise click.ClickException(f"aucun diagramme dans {directory}")
    return found


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
