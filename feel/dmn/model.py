"""Models of decisions: read once with every problem named, evaluated often.

    model = read(content)
    model.evaluate("eligibility", {"age": 19}, now=moment).value
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from feel.dmn.compiling import compile_elements
from feel.dmn.errors import DmnError, UnknownDecision
from feel.dmn.evaluation import Evaluation, service_value
from feel.dmn.graph import KINDS, DrgElement, Kind, ordered
from feel.dmn.items import ItemTypes
from feel.dmn.reading import Element, attribute, child, children, local_name, parse
from feel.dmn.types import model_types
from feel.errors import EvaluationError
from feel.host import checked_result, to_feel
from feel.limits import DEFAULT, Budget, Diagnostic, Limits, evaluating
from feel.problems import Problem
from feel.text import text
from feel.types import from_text


@dataclass(frozen=True, slots=True)
class InputInfo:
    """An input that a decision needs, and the name of its type (`Any` when none is given)."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision that can be evaluated; `inputs` is all it needs to be given, for its required decisions too."""

    id: str
    name: str
    inputs: tuple[InputInfo, ...]


@dataclass(frozen=True, slots=True)
class DecisionResult:
    """The FEEL value of a decision, the rules that matched by decision id, and why nulls on the way were null."""

    value: object
    matched: Mapping[str, tuple[str, ...]]
    diagnostics: tuple[Diagnostic, ...]


class Model:
    """A model of decisions. Made by `read`; shared by threads."""

    def __init__(self, root: Element, imports: Sequence[Model], limits: Limits) -> None:
        self.namespace = attribute(root, "namespace")
        self.name = attribute(root, "name")
        self.limits = limits
        self.problems: list[Problem] = []
        self.elements: dict[str, DrgElement] = {}
        self._by_name: dict[tuple[str, str], DrgElement] = {}
        known = {model.namespace: model for model in imports}
        self.imports = tuple(
            (attribute(item, "name"), known[attribute(item, "namespace")])
            for item in children(root, "import")
            if attribute(item, "namespace") in known
        )
        """Imported models with the names that lead to them; an empty one adds their names to this model's own."""
        self.models = {**known, self.namespace: self}
        self.types: ItemTypes = model_types(self, root)
        self.sources = {element: item for item in children(root, *KINDS) if (element := self._add(item))}
        self._orders: dict[DrgElement, tuple[DrgElement, ...]] = {}
        compile_elements(self, root)
        self.decisions: Mapping[str, Decision] = self._decisions()

    def _add(self, item: Element) -> DrgElement:
        kind: Kind = next(kind for kind in KINDS if kind == local_name(item))
        name, variable = attribute(item, "name"), child(item, "variable")
        element = DrgElement(self, kind, self._new_id(item, kind, name), name, attribute(variable, "name") or name)
        self.elements[element.id] = element
        self._by_name.setdefault((kind, name), element)
        return element

    def _new_id(self, item: Element, kind: Kind, name: str) -> str:
        """The element's id; its name when it has none, which older tools allowed."""
        key = attribute(item, "id") or name
        if key and key not in self.elements:
            return key
        message = text("l’identifiant « %(key)s » est en double", key=key[:80])
        self.problems.append(Problem("dmn.duplicate-id", message, key, kind, name))
        return f"{key}#{len(self.elements)}"

    def _decisions(self) -> dict[str, Decision]:
        """All decisions with what they need. Each takes what its requirements need, which come before it."""
        needed: dict[DrgElement, dict[str, str]] = {}
        decisions: dict[str, Decision] = {}
        for element in ordered(self.elements.values()):
            read_names = sorted(element.required) if element.kind == "decision" else ()
            needs = needed[element] = dict.fromkeys(read_names, "Any")
            for required in element.requirements:
                needs.update(needed.get(required, {}))
            if element.kind == "inputData":
                needs[element.name] = str(element.type or "Any")
            if element.kind == "decision" and element.model is self:
                inputs = tuple(InputInfo(name, type_) for name, type_ in needs.items())
                decisions[element.id] = Decision(element.id, element.name, inputs)
        return {key: decisions[key] for key in self.elements if key in decisions}

    def order(self, element: DrgElement) -> tuple[DrgElement, ...]:
        """What is evaluated for an element, in order, itself last."""
        if element not in self._orders:
            self._orders[element] = ordered([element])
        return self._orders[element]

    def import_path(self, other: Model) -> list[str] | None:
        """The names of imports that lead to another model by the shortest way; empty ones name nothing."""
        seen = {self.namespace}
        waiting: deque[tuple[Model, list[str]]] = deque([(self, [])])
        while waiting:
            here, path = waiting.popleft()
            for name, model in here.imports:
                way = [*path, name] if name else path
                if model.namespace == other.namespace:
                    return way
                if model.namespace not in seen:
                    seen.add(model.namespace)
                    waiting.append((model, way))
        return None

    def element(self, key: str, kind: Kind = "decision") -> DrgElement:
        """An element by its id or name; UnknownDecision when there is none."""
        found = self.elements.get(key)
        if found is None or found.kind != kind:
            found = self._by_name.get((kind, key))
        if found is None:
            raise UnknownDecision(key)
        return found

    def _is_service(self, key: str) -> bool:
        if key in self.decisions or ("decision", key) in self._by_name:
            return False
        found = self.elements.get(key) or self._by_name.get(("decisionService", key))
        return found is not None and found.kind == "decisionService"

    def find(self, key: str) -> Decision:
        """A decision by its id or name; UnknownDecision when there is none."""
        return self.decisions[self.element(key).id]

    def evaluate(
        self, key: str, inputs: Mapping[str, object], *, now: datetime | None = None
    ) -> DecisionResult:
        """The value of the decision of that id or name for host values of the inputs, by their names; missing are null.

        A decision service of that name is evaluated when there is no such decision. Where an input is of a temporal type
        its text is read. Errors in expressions are null with a diagnostic; UnknownDecision and LimitExceeded are raised.
        """
        if self._is_service(key):
            return self.evaluate_service(key, inputs, now=now)
        element = self.element(key)
        with evaluating(Budget(self.limits, now)) as budget:
            evaluation = Evaluation(inputs)
            evaluation.run(self.order(element))
            return _result(evaluation.value(element), budget)

    def evaluate_service(
        self, key: str, inputs: Mapping[str, object], *, now: datetime | None = None
    ) -> DecisionResult:
        """The value of a decision service for its inputs and input decisions by name."""
        service = self.element(key, "decisionService")
        with evaluating(Budget(self.limits, now)) as budget:
            try:
                arguments = {
                    element.name: from_text(to_feel(inputs.get(element.name)), element.type)
                    for element in service.service_inputs
                }
                return _result(service_value(service, arguments), budget)
            except EvaluationError as error:
                budget.note(error.message)
                return _result(None, budget)


def _result(value: object, budget: Budget) -> DecisionResult:
    matched = {element: tuple(rules) for element, rules in budget.matched.items()}
    return DecisionResult(checked_result(value), matched, tuple(budget.diagnostics))


def read(
    content: bytes, imports: Sequence[Model] = (), *, strict: bool = True, limits: Limits = DEFAULT
) -> Model:
    """The model in an XML file; `imports` are the models that it may import, found by namespace.

    DmnError with all problems when it cannot run. Unless `strict`, only what is no model at all is refused: the rest is
    in `problems`, and what cannot run is null.
    """
    model = Model(parse(content), imports, limits)
    if strict and any(problem.severity == "error" for problem in model.problems):
        raise DmnError(model.problems)
    return model
