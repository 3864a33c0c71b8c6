"""Files of other tools, translated into files that this product publishes, with the report of what changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import orjson

from authoring.errors import ImportRefused
from authoring.importing import automation, calls, events, forms, human, leftovers, loops
from authoring.importing.report import Row
from authoring.importing.shapes import shapes
from authoring.importing.sheet import Material, Sheet
from engine.bundle import File
from engine.diagram import DiagramError
from engine.diagram import read as read_diagram
from feel.problems import Problem
from feel.text import text


@dataclass(frozen=True, slots=True)
class Imported:
    """The translated files, with the forms that were inside diagrams, and the report in the order of the files."""

    files: tuple[File, ...]
    report: tuple[Row, ...]


def translate(files: Sequence[File]) -> Imported:
    """Translate what another tool wrote. A diagram that says nothing in other tools' words stays byte for byte.

    Raises ImportRefused: no diagram, or one that cannot be read safely.
    """
    if not any(file.kind == "diagram" for file in files):
        raise ImportRefused([Problem("diagram-missing", text("Aucun diagramme n’est à importer."), "", "file")])
    material = _material(files)
    problems: list[Problem] = []
    made: list[File] = []
    report: list[Row] = []
    for file in files:
        if file.kind != "diagram":
            made.append(file)
            continue
        try:
            sheet = Sheet(read_diagram(file.name, file.content), material)
        except DiagramError as error:
            problems += error.problems
            continue
        _translate(sheet)
        report += sheet.rows
        made.append(replace(file, content=sheet.content()) if sheet.rows else file)
    if problems:
        raise ImportRefused(problems)
    made += [File("form", f"{key}.form", content) for key, content in material.new_forms.items()]
    return Imported(tuple(made), tuple(report))


def _translate(sheet: Sheet) -> None:
    embedded = forms.gather(sheet)
    loops.translate(sheet)
    human.translate(sheet, embedded)
    automation.translate(sheet)
    calls.translate(sheet)
    events.translate(sheet)
    leftovers.translate(sheet)


def _material(files: Sequence[File]) -> Material:
    material = Material()
    for file in files:
        if file.kind == "decision":
            material.decisions |= shapes(file.content)
        elif file.kind == "form":
            try:
                key = orjson.loads(file.content).get("id")
            except (ValueError, AttributeError):
                continue  # publication says what is wrong with it
            if isinstance(key, str):
                material.forms[key] = file.content
                material.form_files[file.name] = key
    return material
