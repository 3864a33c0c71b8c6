"""Folders of process files, as they lie in `processes/`: which files belong together, and which folder must be published first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from engine.bundle import File, Kind
from engine.diagram import BPMN, DiagramError
from engine.diagram import read as read_diagram

PATTERNS: Mapping[Kind, str] = {
    "diagram": "*.bpmn",
    "form": "forms/*.form",
    "decision": "decisions/*.dmn",
    "scenario": "scenarios/*.yaml",
}

ENDINGS: Mapping[str, Kind] = {
    ".bpmn": "diagram", ".xml": "diagram", ".form": "form", ".json": "form", ".dmn": "decision",
    ".yaml": "scenario", ".yml": "scenario",
}


def kind_of(name: str) -> Kind | None:
    """What a file holds, by its name; None when it tells nothing."""
    return next((kind for ending, kind in ENDINGS.items() if name.lower().endswith(ending)), None)


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder with at least one diagram; `defines` and `calls` are keys of processes."""

    path: Path
    files: tuple[File, ...]
    defines: frozenset[str]
    calls: frozenset[str]


def folders(root: Path) -> list[Folder]:
    """The folders of `root` and below that hold diagrams, those of called processes before those that call them."""
    paths = sorted({path.parent for path in root.rglob("*.bpmn") if not _hidden(path, root)})
    found = [_folder(path) for path in paths]
    before = {index: set(_needed(each, found)) - {index} for index, each in enumerate(found)}
    try:
        order = list(TopologicalSorter(before).static_order())
    except CycleError:  # processes that call each other: publication itself says what is missing
        order = list(range(len(found)))
    return [found[index] for index in order]


def _hidden(path: Path, root: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(root).parts)


def _needed(folder: Folder, others: list[Folder]) -> Iterator[int]:
    return (index for index, other in enumerate(others) if folder.calls & other.defines)


def _folder(path: Path) -> Folder:
    files = tuple(
        File(kind, file.name, file.read_bytes())
        for kind, pattern in PATTERNS.items()
        for file in sorted(path.glob(pattern))
        if file.is_file()
    )
    defines: set[str] = set()
    calls: set[str] = set()
    for file in files:
        if file.kind == "diagram":
            _note_processes(file, defines, calls)
    return Folder(path, files, frozenset(defines), frozenset(calls))


def _note_processes(file: File, defines: set[str], calls: set[str]) -> None:
    try:
        root = read_diagram(file.name, file.content).root
    except DiagramError:  # its problems are named when it is published
        return
    defines.update(each.get("id", "") for each in root.iter(f"{{{BPMN}}}process"))
    calls.update(each.get("calledElement", "") for each in root.iter(f"{{{BPMN}}}callActivity"))
