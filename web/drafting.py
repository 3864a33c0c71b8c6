"""A draft as its page shows it: what is left to do, what an import changed, and the diagrams with their text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import url_for

from authoring.drafts import Draft
from authoring.importing.report import Row
from engine.bundle import Bundle, File
from engine.diagram import BPMN
from feel.problems import Problem
from web import outline, telling
from web.languages import gettext, ngettext, render
from web.progress import Map
from web.telling import Told
from web.typography import french

SHAPES = "http://www.omg.org/spec/BPMN/20100524/DI"


@dataclass(frozen=True)
class Line:
    """One line about an element: its name, the id and the drawing that a link selects, what is said, and the words before and after."""

    name: str
    element_id: str
    drawing: str
    text: str
    remedy: str = ""
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class Group:
    """A part of the report."""

    key: str
    title: str
    hint: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Drawing:
    """A diagram of the draft: its anchor on the page, its picture and its processes in words. Not `is_drawn`: the file has no shapes."""

    anchor: str
    name: str
    map: Map
    processes: tuple[tuple[str, tuple[Told, ...]], ...]
    is_drawn: bool


@dataclass(frozen=True)
class FileRow:
    """A file to download. `number` counts from 1 in the draft."""

    number: int
    name: str
    say: str
    size: int
    kind: str


class View:
    """All that the page of one draft shows."""

    def __init__(self, draft: Draft, problems: Sequence[Problem]) -> None:
        self._homes = _homes(draft)
        self.errors = tuple(self._problem(each) for each in problems if each.severity == "error")
        self.warnings = tuple(self._problem(each) for each in problems if each.severity == "warning")
        self.groups = tuple(each for each in self._groups(draft.row.report) if each.lines)
        wrong = {each.element_id for each in problems if each.severity == "error"}
        numbered = list(enumerate(draft.files, 1))
        self.drawings = tuple(_drawing(draft, number, file, wrong) for number, file in numbered if file.kind == "diagram")
        self.files = tuple(FileRow(number, file.name, _kind(file), len(file.content), file.kind) for number, file in numbered)

    @property
    def left(self) -> str:
        """What is left to do, in a sentence."""
        return ngettext("Il manque %(num)s chose avant la publication", "Il manque %(num)s choses avant la publication", len(self.errors))

    @property
    def open_questions(self) -> int:
        """Lines of the report that their author must decide."""
        return sum(len(each.lines) for each in self.groups if each.key == "todo")

    def _groups(self, report: Sequence[Row]) -> list[Group]:
        said = (
            ("todo", gettext("À compléter"), gettext("Ce qui changerait le parcours et que vous seul pouvez décider.")),
            ("translated", gettext("Traduit"), gettext("Ce qui dit la même chose qu’avant, dans les mots de ce logiciel.")),
            ("dropped", gettext("Laissé de côté"), gettext("Ce qui ne change pas le parcours.")),
        )
        lines = {key: tuple(self._row(each) for each in report if each.severity == key) for key, _, _ in said}
        return [Group(key, title, hint, lines[key]) for key, title, hint in said]

    def _row(self, row: Row) -> Line:
        name, drawing = named(row.element_name, row.element_type, row.element_id), self._homes.get(row.element_id, "")
        return Line(name, row.element_id, drawing, render(row.message), "", row.original, row.result)

    def _problem(self, problem: Problem) -> Line:
        name = named(problem.element_name, problem.element_type, problem.element_id)
        remedy = render(problem.remedy) if problem.remedy else ""
        return Line(name, problem.element_id, self._homes.get(problem.element_id, ""), render(problem.message), remedy)


def _homes(draft: Draft) -> Mapping[str, str]:
    """The drawing in which each element stands."""
    found: dict[str, str] = {}
    read = Bundle([each for each in draft.files if each.kind == "diagram"]).diagrams
    for number, file in enumerate(draft.files, 1):
        if file.kind == "diagram" and file.name in read:
            for element in read[file.name].root.iter(f"{{{BPMN}}}*"):
                found.setdefault(element.get("id") or "", f"schema-{number}")
    return found


def _drawing(draft: Draft, number: int, file: File, wrong: set[str]) -> Drawing:
    root = Bundle([file]).diagrams[file.name].root
    told = []
    for process in root.iter(f"{{{BPMN}}}process"):
        key = process.get("id") or ""
        told.append((french(process.get("name") or key), telling.tell(outline.steps(file.content, key))))
    url = url_for("authoring.diagram", draft_id=draft.row.id, number=number, revision=draft.row.revision)
    inside = sorted(wrong & {element.get("id") for element in root.iter(f"{{{BPMN}}}*")} - {None, ""})
    is_drawn = root.find(f".//{{{SHAPES}}}BPMNShape") is not None
    return Drawing(f"schema-{number}", file.name, Map(url, file.name, bad=tuple(map(str, inside))), tuple(told), is_drawn)


def _kind(file: File) -> str:
    kinds = {
        "diagram": gettext("diagramme"),
        "form": gettext("formulaire"),
        "decision": gettext("décision"),
        "scenario": gettext("scénario"),
    }
    return kinds[file.kind]


def named(name: str, kind: str, ident: str) -> str:
    """What people call an element: its name, else what it is, with its id where it has neither."""
    words = {
        "process": gettext("Processus"),
        "definitions": gettext("Fichier"),
        "file": gettext("Fichier"),
        "form": gettext("Formulaire"),
        "decision": gettext("Décision"),
        "sequenceFlow": gettext("Flux"),
        "userTask": gettext("Tâche"),
        "serviceTask": gettext("Tâche de service"),
        "scriptTask": gettext("Tâche de script"),
        "businessRuleTask": gettext("Tâche de décision"),
        "callActivity": gettext("Appel d’un processus"),
        "subProcess": gettext("Sous-processus"),
        "startEvent": gettext("Départ"),
        "endEvent": gettext("Fin"),
        "boundaryEvent": gettext("Événement de bordure"),
        "intermediateCatchEvent": gettext("Attente"),
        "intermediateThrowEvent": gettext("Envoi"),
        "message": gettext("Message"),
        "signal": gettext("Signal"),
        "error": gettext("Erreur"),
        "lane": gettext("Couloir"),
        "participant": gettext("Participant"),
    }
    if name:
        return french(" ".join(name.split()))
    said = words.get(kind, gettext("Passerelle") if kind.endswith("Gateway") else gettext("Élément"))
    return gettext("%(kind)s %(id)s", kind=said, id=ident) if ident else said
