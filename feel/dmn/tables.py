"""Decision tables (DMN 1.5, chapter 8): seven hit policies, four aggregators, default outputs, order of values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce

from feel.compiler.scope import Run
from feel.dmn.graph import Box, Variables
from feel.dmn.reading import Element, attribute, child, children, text_in
from feel.dmn.scope import Scope
from feel.dmn.source import Source
from feel.errors import EvaluationError
from feel.limits import running, spend
from feel.operators import compare, equal
from feel.text import text
from feel.types import Type
from feel.values import ARITHMETIC, kind_of

HIT_POLICIES = ("UNIQUE", "FIRST", "ANY", "PRIORITY", "RULE ORDER", "OUTPUT ORDER", "COLLECT")
AGGREGATIONS = ("SUM", "MIN", "MAX", "COUNT")


@dataclass(frozen=True, slots=True)
class Input:
    """A column of conditions: its value, and the test of the values that it allows."""

    value: Box
    allowed: Run | None


@dataclass(frozen=True, slots=True)
class Output:
    """A column of results; `ranking` gives its values in their order of priority."""

    name: str
    type: Type | None
    ranking: Box | None
    default: Box | None


@dataclass(frozen=True, slots=True)
class Rule:
    """A row: its tests, each with the number of its input, and the values of its outputs."""

    id: str
    tests: tuple[tuple[int, Run | None], ...]
    outputs: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A compiled table; `element_id` holds it."""

    element_id: str
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]
    policy: str
    aggregation: str

    def evaluate(self, variables: Variables) -> object:
        """The result for the variables; EvaluationError when the hit policy is broken or an input not allowed."""
        hits = self._hits(self._input_values(variables), variables)
        if not hits:
            return self._nothing(variables)
        running.budget.matched.setdefault(self.element_id, []).extend(rule.id for rule in hits)
        if self.policy == "UNIQUE" and len(hits) > 1:
            numbers = ", ".join(rule.id for rule in hits)
            raise EvaluationError(text("plusieurs règles d’une table unique conviennent : %(rules)s", rules=numbers))
        return self._result([self._outputs(rule, variables) for rule in hits], variables)

    def _input_values(self, variables: Variables) -> list[object]:
        values = []
        for number, column in enumerate(self.inputs, 1):
            value = column.value(variables)
            if column.allowed is not None and value is not None and column.allowed((value, variables)) is not True:
                raise EvaluationError(text("la valeur de l’entrée %(number)s n’est pas permise", number=number))
            values.append(value)
        return values

    def _hits(self, values: list[object], variables: Variables) -> list[Rule]:
        spend(len(self.rules))
        hits = []
        environments = [(value, variables) for value in values]
        for rule in self.rules:
            for number, test in rule.tests:
                if test is None or test(environments[number]) is not True:
                    break
            else:
                hits.append(rule)
                if self.policy == "FIRST":
                    break
        return hits

    def _outputs(self, rule: Rule, variables: Variables) -> object:
        values = [output(variables) for output in rule.outputs]
        return self._combined(values)

    def _combined(self, values: Sequence[object]) -> object:
        if len(self.outputs) == 1:
            return values[0]
        return {output.name: value for output, value in zip(self.outputs, values, strict=True)}

    def _nothing(self, variables: Variables) -> object:
        """No rule matched."""
        if any(output.default for output in self.outputs):
            return self._combined([output.default(variables) if output.default else None for output in self.outputs])
        if self.aggregation == "COUNT":
            return Decimal(0)
        if self.policy in ("COLLECT", "RULE ORDER", "OUTPUT ORDER") and not self.aggregation:
            return []
        raise EvaluationError(text("aucune règle ne convient"))

    def _result(self, values: list[object], variables: Variables) -> object:
        if self.policy in ("UNIQUE", "FIRST"):
            return values[0]
        if self.policy == "ANY":
            if all(equal(values[0], value) is True for value in values[1:]):
                return values[0]
            raise EvaluationError(text("les règles qui conviennent ne donnent pas le même résultat"))
        if self.policy == "PRIORITY":
            return min(values, key=self._rank(variables))
        if self.policy == "OUTPUT ORDER":
            return sorted(values, key=self._rank(variables))
        return self._aggregated(values) if self.aggregation else values

    def _rank(self, variables: Variables) -> Callable[[object], list[int]]:
        rankings = [output.ranking(variables) if output.ranking else [] for output in self.outputs]

        def rank(value: object) -> list[int]:
            parts = list(value.values()) if len(self.outputs) > 1 and isinstance(value, dict) else [value]
            return [_place(part, ranking) for part, ranking in zip(parts, rankings, strict=True)]

        return rank

    def _aggregated(self, values: list[object]) -> object:
        if len(self.outputs) == 1:
            return aggregated(self.aggregation, values)
        rows = [value for value in values if isinstance(value, dict)]
        return {
            output.name: aggregated(self.aggregation, [row[output.name] for row in rows]) for output in self.outputs
        }


def _place(value: object, ranking: object) -> int:
    if not isinstance(ranking, list):
        return 0
    return next((place for place, item in enumerate(ranking) if equal(value, item) is True), len(ranking))


def aggregated(aggregation: str, values: Sequence[object]) -> object:
    """The sum, least, greatest or number of the values; EvaluationError when they do not add or compare."""
    if aggregation == "COUNT":
        return Decimal(len(values))
    if aggregation == "SUM":
        return reduce(ARITHMETIC.add, _numbers(values))
    best, side = values[0], -1 if aggregation == "MIN" else 1
    for value in values[1:]:
        sign = compare(value, best)
        if sign is None:
            raise EvaluationError(text("les éléments ne se comparent pas"))
        best = value if sign == side else best
    return best


def _numbers(values: Sequence[object]) -> list[Decimal]:
    numbers = [value for value in values if isinstance(value, Decimal)]
    if len(numbers) < len(values):
        kind = next(kind_of(value) for value in values if not isinstance(value, Decimal))
        raise EvaluationError(text("« sum » n’accepte pas %(kind)s", kind=kind))
    return numbers


# ------------------------------------------------------------------------------------------------ from XML
def decision_table(source: Source, element: Element, scope: Scope) -> Box:
    """The compiled form of a `decisionTable` element."""
    policy = (attribute(element, "hitPolicy") or "UNIQUE").upper().replace("_", " ")
    aggregation = attribute(element, "aggregation").upper()
    if policy not in HIT_POLICIES or aggregation not in ("", *AGGREGATIONS):
        source.problem("dmn.hit-policy", text("la politique « %(policy)s » n’existe pas", policy=policy[:80]))
    outputs = tuple(_output(source, item, scope) for item in children(element, "output"))
    inputs = tuple(
        _input(source, item, scope, number) for number, item in enumerate(children(element, "input"), 1)
    )
    if not outputs:
        source.problem("dmn.outputs", text("la table n’a pas de colonne de résultat"))
        return source.null(text("la table n’a pas de colonne de résultat"))
    cells = _Cells(source, scope, inputs, outputs)
    rules = tuple(cells.rule(item, number) for number, item in enumerate(children(element, "rule"), 1))
    return Table(
        source.element_id, inputs, outputs, rules, policy, aggregation if policy == "COLLECT" else ""
    ).evaluate


def _input(source: Source, element: Element, scope: Scope, number: int) -> Input:
    expression = child(element, "inputExpression")
    where = f"entrée {number}"
    value = source.literal(text_in(expression), scope, where)
    allowed = text_in(child(element, "inputValues"))
    tests = source.expression(allowed, scope, where, unary=True) if allowed else None
    return Input(source.typed(value, source.type_of(expression)), tests.run if tests else None)


def _output(source: Source, element: Element, scope: Scope) -> Output:
    values, default = text_in(child(element, "outputValues")), child(element, "defaultOutputEntry")
    type_ = source.type_of(element)
    return Output(
        attribute(element, "name"),
        type_,
        source.literal(f"[{values}]", scope, "valeurs de résultat") if values else None,
        source.typed(source.literal(text_in(default), scope, "valeur par défaut"), type_) if text_in(default) else None,
    )


class _Cells:
    """Compiles the cells of a table; equal cells are compiled once."""

    def __init__(
        self, source: Source, scope: Scope, inputs: Sequence[Input], outputs: Sequence[Output]
    ) -> None:
        self._source = source
        self._scope = scope
        self._inputs = inputs
        self._outputs = outputs
        self._tests: dict[str, Run | None] = {}
        self._results: dict[tuple[str, int], Box] = {}

    def rule(self, element: Element, number: int) -> Rule:
        """A row. Cells that say nothing (`-`) are left out."""
        conditions = [text_in(cell) or "-" for cell in children(element, "inputEntry")]
        results = [text_in(cell) for cell in children(element, "outputEntry")]
        if len(conditions) != len(self._inputs) or len(results) != len(self._outputs):
            message = text("la règle %(number)s n’a pas une case pour chaque colonne", number=number)
            self._source.problem("dmn.rule", message)
            return Rule(attribute(element, "id") or str(number), ((0, None),), ())
        where = f"règle {number}"
        return Rule(
            attribute(element, "id") or str(number),
            tuple((place, self._test(cell, where)) for place, cell in enumerate(conditions) if cell != "-"),
            tuple(self._result(cell, place, where) for place, cell in enumerate(results)),
        )

    def _test(self, cell: str, where: str) -> Run | None:
        if cell not in self._tests:
            expression = self._source.expression(cell, self._scope, where, unary=True)
            self._tests[cell] = expression.run if expression else None
        return self._tests[cell]

    def _result(self, cell: str, place: int, where: str) -> Box:
        key = (cell, place)
        if key not in self._results:
            box = self._source.literal(cell, self._scope, where)
            self._results[key] = self._source.typed(box, self._outputs[place].type)
        return self._results[key]
