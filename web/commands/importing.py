"""`tikub import`: translate diagrams of other tools, and say what became of what they say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from authoring.errors import ImportRefused
from authoring.importing.report import Row
from authoring.importing.translation import translate
from engine.bundle import Bundle, File, Kind
from engine.checks import check
from web.bundles import kind_of
from web.commands.publishing import listed
from webhooks.connectors.registry import ACCEPTED

HEADINGS = {"translated": "Traduit", "dropped": "Laissé de côté", "todo": "À compléter"}


@click.command(
    "import",
    help="Traduit des diagrammes d’autres outils (Camunda 7 et 8, Activiti, Flowable…) avec leurs formulaires et décisions, "
    "et dit ce qui a changé. Rien n’est publié.",
)
@click.argument("files", metavar="FICHIER...", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", metavar="DOSSIER", type=click.Path(file_okay=False, path_type=Path), help="Où écrire les fichiers traduits.")
def import_files(files: Sequence[Path], out: Path | None) -> None:
    """Translate files and print the report. Exits with 1 when a diagram cannot be read."""
    try:
        imported = translate([_file(each) for each in files])
    except ImportRefused as refusal:
        raise click.ClickException(f"rien n’a été importé :\n{listed(refusal.problems)}") from refusal
    for line in _report(imported.report):
        click.echo(line)
    problems = check(Bundle(imported.files), called=(), connectors=ACCEPTED)
    if problems:
        click.echo(f"Avant publication :\n{listed(problems)}")
    if out is not None:
        for path in write(imported.files, out):
            click.echo(f"écrit : {path}")


def write(files: Iterable[File], out: Path) -> list[Path]:
    """Write files as folders of processes hold them; the paths."""
    folders: dict[Kind, str] = {"diagram": "", "form": "forms", "decision": "decisions", "scenario": "scenarios"}
    written = []
    for file in files:
        path = out / folders[file.kind] / Path(file.name).name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
        written.append(path)
    return written


def _file(path: Path) -> File:
    kind = kind_of(path.name)
    if kind is None:
        raise click.ClickException(f"{path} : un fichier .bpmn, .xml, .form ou .dmn est attendu")
    return File(kind, path.name, path.read_bytes())


def _report(rows: Sequence[Row]) -> Iterable[str]:
    if not rows:
        yield "Rien à traduire : ces fichiers ne disent rien dans les mots d’un autre outil."
    for severity, heading in HEADINGS.items():
        found = [each for each in rows if each.severity == severity]
        if found:
            yield f"{heading} ({len(found)}) :"
            yield from (_line(each) for each in found)


def _line(row: Row) -> str:
    change = " → ".join(filter(None, (row.original, row.result)))
    where = " ".join(filter(None, (row.element_type, row.element_id)))
    return f"- [{row.code}] {where} : {row.message}" + (f" ({change})" if change else "")
