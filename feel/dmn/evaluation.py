"""One evaluation of a model: given inputs, what each element gave, in order of requirement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from feel.compiler.functions import bound, invoked
from feel.dmn.graph import DrgElement, Variables, ordered
from feel.errors import EvaluationError
from feel.host import to_feel
from feel.limits import Origin, explain
from feel.types import Type, coerced, from_text
from feel.values import Function


class Evaluation:
    """Evaluates elements once each. It runs under the running budget."""

    def __init__(self, given: Mapping[str, object], known: Mapping[DrgElement, object] | None = None) -> None:
        """`given` are host values by the names of input data; `known` are values that need no evaluation."""
        self._given = given
        self._values: dict[DrgElement, object] = dict(known or {})

    def run(self, order: Iterable[DrgElement]) -> None:
        """Evaluate elements, each after what it requires, as `ordered` gives them."""
        knowledge: list[tuple[DrgElement, Variables]] = []
        for element in order:
            if element.kind == "businessKnowledgeModel":
                knowledge.append((element, self._learn(element)))
            elif element.kind == "decisionService":
                self._values[element] = service_function(element)
        for element in order:
            if element.kind == "inputData":
                self._values[element] = self._input(element)
        for element, variables in knowledge:
            self._bind_requirements(element, variables)
        for element in order:
            if element.kind == "decision":
                self._values[element] = self._decide(element)

    def value(self, element: DrgElement) -> object:
        """What an element gave."""
        return self._values.get(element)

    def _learn(self, element: DrgElement) -> Variables:
        """The function of a business knowledge model. What it may call is bound later: they may call each other."""
        variables: Variables = {}
        function = element.run(variables)
        if isinstance(function, Function) and element.type is not None and element.type.kind != "function":
            function = _with_result(function, element.type)
        self._values[element] = variables[element.variable] = function
        return variables

    def _input(self, element: DrgElement) -> object:
        name = element.name if element.name in self._given else element.variable
        return _typed(element, from_text(self._given_value(name), element.type))

    def _given_value(self, name: str) -> object:
        try:
            return to_feel(self._given.get(name))
        except EvaluationError as error:
            explain(error, Origin(element=name))
            return None

    def _decide(self, element: DrgElement) -> object:
        variables: Variables = {name: self._given_value(name) for name in element.free if name in self._given}
        self._bind_requirements(element, variables)
        return _typed(element, element.run(variables))

    def _bind_requirements(self, element: DrgElement, variables: Variables) -> None:
        for required in element.requirements:
            if required in self._values:
                bind(variables, element, required, self._values[required])


def bind(variables: Variables, element: DrgElement, required: DrgElement, value: object) -> None:
    """Put a required value in scope of an element: under the import's name when it comes from another model."""
    scope = variables
    if required.model is not element.model:
        for prefix in element.model.import_path(required.model) or ():
            inner = scope.get(prefix)
            scope[prefix] = inner = dict(inner) if isinstance(inner, dict) else {}
            scope = inner
    scope[required.variable] = value


def _typed(element: DrgElement, value: object) -> object:
    try:
        return coerced(value, element.type)
    except EvaluationError as error:
        explain(error, Origin(element=element.name))
        return None


def _with_result(function: Function, result: Type) -> Function:
    def call(arguments: list[object]) -> object:
        return coerced(function.call(arguments), result)

    return Function(function.params, call, function.types, result=result)


# ---------------------------------------------------------------------------------------- services
def service_value(service: DrgElement, arguments: Mapping[str, object]) -> object:
    """What a decision service gives for its inputs by name (DMN 1.5, 10.4); it knows nothing else of the model."""
    known = {element: _typed(element, arguments.get(element.name)) for element in service.service_inputs}
    order = ordered(service.service_outputs, known)
    evaluation = Evaluation({}, known)
    invoked(evaluation.run, order)
    outputs = {output.variable: evaluation.value(output) for output in service.service_outputs}
    value = next(iter(outputs.values())) if len(outputs) == 1 else outputs
    type_ = service.type
    return coerced(value, type_.result if type_ is not None and type_.kind == "function" else type_)


def service_function(service: DrgElement) -> Function:
    """The service as a function that expressions call."""
    inputs = service.service_inputs
    names, types = [element.variable for element in inputs], [element.type for element in inputs]

    def call(arguments: list[object]) -> object:
        values = bound(names, types, arguments).values()
        return service_value(service, {element.name: value for element, value in zip(inputs, values, strict=True)})

    return Function(names, call, types)
