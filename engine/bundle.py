"""A bundle: the files that are published together, read once, and what they hold."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from engine.diagram import Diagram, DiagramError
from engine.diagram import read as read_diagram
from feel.dmn.errors import DmnError
from feel.dmn.model import Decision, Model
from feel.dmn.model import read as read_model
from feel.problems import Problem
from feel.text import text
from forms.components import Form
from forms.errors import FormError
from forms.form import read as read_form

Kind: TypeAlias = Literal["diagram", "form", "decision", "scenario"]


@dataclass(frozen=True, slots=True)
class File:
    """One file as it was uploaded. `name` is for people; `content` is kept byte for byte."""

    kind: Kind
    name: str
    content: bytes


class Bundle:
    """Diagrams, forms and decisions of one publication. Reading never raises: what cannot be read is in `problems`.

    `forms` by form id, `decisions` by decision id, each with the model that holds it.
    """

    def __init__(self, files: Iterable[File]) -> None:
        self.files: tuple[File, ...] = tuple(files)
        self.diagrams: dict[str, Diagram] = {}
        self.forms: dict[str, Form] = {}
        self.decisions: dict[str, tuple[Model, Decision]] = {}
        self.problems: list[Problem] = []
        readers = {"diagram": self._diagram, "form": self._form, "decision": self._decision}
        for file in self.files:
            if file.kind in readers:
                readers[file.kind](file)

    @property
    def content_hash(self) -> str:
        """SHA-256 over kinds, names and contents, independent of the order of the files."""
        digest = hashlib.sha256()
        for file in sorted(self.files, key=lambda each: (each.kind, each.name, each.content)):
            for part in (file.kind.encode(), file.name.encode(), file.content):
                digest.update(len(part).to_bytes(8, "big") + part)
        return digest.hexdigest()

    def decision(self, key: str) -> tuple[Model, Decision] | None:
        """The decision with this id, or, when one alone bears it, this name."""
        if key in self.decisions:
            return self.decisions[key]
        named = [pair for pair in self.decisions.values() if pair[1].name == key]
        return named[0] if len(named) == 1 else None

    def _diagram(self, file: File) -> None:
        try:
            diagram = read_diagram(file.name, file.content)
        except DiagramError as error:
            self.problems += error.problems
            return
        if file.name in self.diagrams:
            self._twice("file-duplicate", "diagram", file.name)
        self.diagrams[file.name] = diagram

    def _form(self, file: File) -> None:
        try:
            form = read_form(file.content)
        except FormError as error:
            self.problems += error.problems
            return
        if form.key in self.forms:
            self._twice("form-duplicate", "form", form.key)
        self.forms[form.key] = form

    def _decision(self, file: File) -> None:
        try:
            model = read_model(file.content)
        except DmnError as error:
            self.problems += error.problems
            return
        self._add_decisions(model.decisions, model)

    def _add_decisions(self, decisions: Mapping[str, Decision], model: Model) -> None:
        for key, decision in decisions.items():
            if key in self.decisions:
                self._twice("decision-duplicate", "decision", key)
            self.decisions[key] = (model, decision)

    def _twice(self, code: str, kind: str, key: str) -> None:
        message = text("« %(key)s » est défini deux fois dans les fichiers à publier.", key=key)
        remedy = text("Gardez un seul exemplaire, ou donnez un autre identifiant à l’un des deux.")
        self.problems.append(Problem(code, message, key, kind, "", remedy))
