"""What the modeler shows beside the canvas: problems with their remedies, the process as text, the marks on the elements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from authoring.drafts import Draft
from engine.bundle import Bundle, File
from engine.diagram import BPMN
from feel.problems import Problem
from web import outline, telling
from web.drafting import named
from web.languages import gettext, ngettext, render
from web.telling import Told
from web.typography import french


@dataclass(frozen=True)
class Line:
    """One problem: the element's name and id (no id: the canvas does not show it), what is wrong, what to do."""

    name: str
    element_id: str
    text: str
    remedy: str
    severity: str


@dataclass(frozen=True)
class Part:
    """A process of the diagram in words. `key` is its id, `element_id` what draws it: its pool, or the drawing itself."""

    key: str
    element_id: str
    name: str
    steps: tuple[Told, ...]


class View:
    """What the server says of one file of a draft. `wrong`: how many problems each element has."""

    def __init__(self, draft: Draft, file: File, problems: Sequence[Problem]) -> None:
        root = Bundle([file]).diagrams[file.name].root
        self._ids = {element.get("id") for element in root.iter(f"{{{BPMN}}}*")}
        lines = [self._line(each) for each in problems]
        self.errors = [each for each in lines if each.severity == "error"]
        self.warnings = [each for each in lines if each.severity == "warning"]
        self.wrong: Mapping[str, int] = Counter(each.element_id for each in self.errors)
        pools = {each.get("processRef") or "": each.get("id") or "" for each in root.iter(f"{{{BPMN}}}participant")}
        self.parts = tuple(
            self._part(file.content, each.get("id") or "", each.get("name") or "", pools) for each in root.iter(f"{{{BPMN}}}process")
        )
        self.draft = draft.row

    @property
    def summary(self) -> str:
        """The state of the draft in a sentence."""
        if not self.errors:
            return gettext("Rien n’empêche la publication.")
        return ngettext("%(num)s problème empêche la publication.", "%(num)s problèmes empêchent la publication.", len(self.errors))

    @property
    def marks(self) -> list[dict[str, str]]:
        """What the canvas marks, errors first: element, severity and what is said."""
        found = [each for each in (*self.errors, *self.warnings) if each.element_id]
        return [{"id": each.element_id, "severity": each.severity, "text": f"{each.text} {each.remedy}".strip()} for each in found]

    def _line(self, problem: Problem) -> Line:
        shown = problem.element_id if problem.element_id in self._ids else ""
        remedy = render(problem.remedy) if problem.remedy else ""
        name = named(problem.element_name, problem.element_type, problem.element_id)
        return Line(name, shown, render(problem.message), remedy, problem.severity)

    def _part(self, content: bytes, key: str, name: str, pools: Mapping[str, str]) -> Part:
        return Part(key, pools.get(key, key), french(name or key), telling.tell(outline.steps(content, key), unnamed=True))
